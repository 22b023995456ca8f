"""Beams against the maze's grid: walls stand on lines 2 m apart, and nowhere else.

The same declared prior twice: a beam of uncertain length ends at the nearest line that
it crosses (`snapped`), and where all beams end says how the pose is off (`grid_error`).
"""

from __future__ import annotations

import numpy as np

from neural_brain.benchmarks.memory_maze.sight import ANGLES, CELL_M, camera
from neural_brain.models.geometry import Array

INTO_WALL_M = 0.06
NEAR_SIGMA_M, SIGMA_PER_M = 0.04, 0.006  # spread: the first + the second times range^2
CLOSE_M, CLOSE_SIGMA_M = 0.9, 0.3  # walls that fill the picture
LINES = 7  # of either kind that a beam may cross
MOST_SIGMAS = 3.0


def spread(ranges: Array) -> Array:
    """Standard deviation (n,) [m] of wall distances (n,) [m] from the picture."""
    far = NEAR_SIGMA_M + SIGMA_PER_M * np.square(ranges)
    return np.where(ranges < CLOSE_M, CLOSE_SIGMA_M, far)


def snapped(ranges: Array, pose: Array, unsure_m: float = 0.0) -> Array:
    """Ranges (76,) moved to the grid line that each beam crosses nearest to its end.

    Args:
        ranges: (76,) [m]; infinite and NaN ones stay.
        pose: (3,) [m, m, rad].
        unsure_m: spread of the pose [m].

    Returns:
        Ranges a little inside the wall; NaN where no line is near enough.
    """
    eye = camera(pose)
    ray = pose[2] + ANGLES
    direction = np.stack([np.cos(ray), np.sin(ray)], axis=1)
    crossings = []
    for axis in (0, 1):
        part = direction[:, axis]
        part = np.where(np.abs(part) < 1e-6, 1e-6, part)
        first = np.where(
            part > 0, np.ceil(eye[axis] / CELL_M), np.floor(eye[axis] / CELL_M)
        )
        number = first[:, None] + np.sign(part)[:, None] * np.arange(LINES)
        crossings.append((number * CELL_M - eye[axis]) / part[:, None])
    every = np.concatenate(crossings, axis=1)
    gap = np.abs(every - ranges[:, None])
    best = np.argmin(np.nan_to_num(gap, nan=np.inf, posinf=np.inf), axis=1)
    pick = np.arange(len(ranges))
    sure = gap[pick, best] <= MOST_SIGMAS * (spread(ranges) + unsure_m)
    moved = np.where(sure, every[pick, best] + INTO_WALL_M, np.nan)
    return np.where(np.isfinite(ranges), moved, ranges)
