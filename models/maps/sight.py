"""Lines of sight in the occupancy grid."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import GridView


def line_of_sight(grid: GridView, start: Array, end: Array, radius_m: float) -> bool:
    """Whether the straight way between two points (2,) [m] in `map` is not blocked.

    Args:
        grid: occupancy; unknown cells block, because nothing is known of them.
        start: the eye.
        end: the thing that is looked at.
        radius_m: the last part of the way that may be occupied: the thing itself.
    """
    length = float(np.hypot(*(end - start)))
    clear = length - radius_m
    if clear <= 0.0:
        return True
    count = max(2, int(clear / (0.7 * grid.resolution)))
    share = np.linspace(0.0, clear / length, count)[:, None]
    points = start + share * (end - start)
    cell = np.floor((points - grid.origin) / grid.resolution).astype(int)
    h, w = grid.cells.shape
    if np.any(cell < 0) or np.any(cell >= [w, h]):
        return False
    values = grid.cells[cell[:, 1], cell[:, 0]]
    skip = int(0.3 / (0.7 * grid.resolution))  # the robot's own place
    return bool(np.all((values[skip:] < 50) & (values[skip:] >= 0)))
