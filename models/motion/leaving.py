"""The shortest way out of a keep-out area, for a robot that finds itself inside.

Out is the spot, allowed for the base, that is cheapest to reach as if the area were
open. How deep the robot is inside is the way that is left to that spot, not the
distance to the outline: behind a wall the nearest edge is no way out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.motion.costmap import Costmap
from neural_brain.models.motion.planner import TravelField, travel_field

SNAP_M = 0.6


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """A way (n, 2) [m] from the robot to the first allowed spot `exit` (2,)."""

    path: Array
    exit: Array
    back: TravelField

    @property
    def slack_m(self) -> float:
        """How exactly `left_m` is known: cost of driving across a cell."""
        costmap = self.back.costmap
        size = costmap.resolution * costmap.step
        return 1.5 * size * (1.0 + 4.0 * costmap.narrow_cost)

    def left_m(self, points: Array) -> Array:
        """Cost of the way from points (n, 2) to the exit [m]; inf if there is none."""
        return self.back.cost_to(points)


def way_out(bare: Costmap, costmap: Costmap, start: Array) -> WayOut | None:
    """How to leave.

    Args:
        bare: where the base could be if there were no keep-out areas.
        costmap: where it may be; of the same grid.
        start: where it is (2,) [m].

    Returns:
        The way, or None when the robot cannot move at all or there is no way out.
    """
    field = travel_field(bare, start, snap_m=SNAP_M)
    if field is None:
        return None
    price = np.where(np.isfinite(costmap.coarse_cost), field.cost, np.inf)
    best = int(np.argmin(price))
    if not np.isfinite(price.flat[best]):
        return None
    exit_ = costmap.coarse_xy.reshape(-1, 2)[best].copy()
    path = field.path_to(exit_)
    back = travel_field(bare, exit_, snap_m=SNAP_M)
    if path is None or back is None:
        return None
    return WayOut(path=path, exit=exit_, back=back)
