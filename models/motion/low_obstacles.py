"""Obstacles near the base that the camera saw: the lidar sees a single height.

The camera loses sight of what lies on the floor half a metre before the base is there.
So its points are kept in `odom` while they are near; those in view are taken anew.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array, inverse2, transform2
from neural_brain.models.maps.outlines import inside
from neural_brain.models.signals import BodyState, Percepts

NEAR_M = 1.2  # from the middle of the base; what is farther off will be seen again
CELL_M = 0.025  # one point in each, the newest: a surface is seen again and again
KEEP_S = 20.0  # out of view for so long, it may have moved


class LowObstacles:
    """Remembers depth obstacles around the base for a while."""

    def __init__(self) -> None:
        self._odom: Array = np.zeros((0, 2))
        self._seen_s: Array = np.zeros(0)

    def see(self, percepts: Percepts) -> None:
        """Take in a frame; points that are not finite are left out."""
        pose = percepts.pose_odom_base
        kept = np.ones(len(self._odom), dtype=bool)
        if len(percepts.view_polygon) >= 3:
            kept = ~inside(transform2(pose, percepts.view_polygon), self._odom)
        finite = np.isfinite(percepts.obstacles).all(axis=1)
        seen = transform2(pose, percepts.obstacles[finite])
        when = np.full(len(seen), percepts.stamp)
        points = np.concatenate([seen, self._odom[kept]])
        stamps = np.concatenate([when, self._seen_s[kept]])
        _, first = np.unique(np.round(points / CELL_M), axis=0, return_index=True)
        points, stamps = points[first], stamps[first]
        around = np.hypot(*(points - pose[:2]).T) < 2.0 * NEAR_M  # if nobody asks
        self._odom, self._seen_s = points[around], stamps[around]

    def near(self, body: BodyState) -> Array:
        """Points (n, 2) [m] in `base_link` of now; all others are forgotten."""
        points = transform2(inverse2(body.pose_odom_base), self._odom)
        keep = np.hypot(points[:, 0], points[:, 1]) < NEAR_M
        keep &= np.abs(body.stamp - self._seen_s) < KEEP_S
        self._odom, self._seen_s = self._odom[keep], self._seen_s[keep]
        return points[keep]
