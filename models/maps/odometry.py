"""Odometry of the last seconds, to know where the robot was when a scan was taken."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

import numpy as np

from neural_brain.models.geometry import Array, wrap


class OdometryHistory:
    """Ring of (stamp, pose_odom_base).

    Args:
        length: number of poses that are kept.
    """

    def __init__(self, length: int = 400) -> None:
        self._poses: deque[tuple[float, Array]] = deque(maxlen=length)

    def add(self, stamp: float, pose_odom_base: Array) -> bool:
        """Remember a pose (3,); False if it is not finite or older than the newest.

        A stamp far in the past means that time was reset; the history starts anew.
        """
        if not (np.isfinite(stamp) and np.all(np.isfinite(pose_odom_base))):
            return False
        if self._poses and stamp <= self._poses[-1][0]:
            if stamp < self._poses[0][0]:
                self._poses.clear()
            else:
                return False
        self._poses.append((stamp, np.array(pose_odom_base, dtype=np.float64)))
        return True

    @property
    def newest(self) -> tuple[float, Array] | None:
        """Last stamp and pose, or None."""
        return self._poses[-1] if self._poses else None

    def covers(self, stamp: float) -> bool:
        """Whether a stamp [s] lies between the oldest and the newest pose."""
        if not self._poses:
            return False
        return bool(self._poses[0][0] <= stamp <= self._poses[-1][0])

    def at(self, stamp: float) -> Array | None:
        """Pose (3,) at a stamp [s], interpolated; the nearest end outside the ring."""
        if not self._poses or not np.isfinite(stamp):
            return None
        after = bisect_right(self._poses, stamp, key=lambda item: item[0])
        if after == 0:
            return self._poses[0][1]
        if after == len(self._poses):
            return self._poses[-1][1]
        (t0, p0), (t1, p1) = self._poses[after - 1], self._poses[after]
        share = (stamp - t0) / (t1 - t0)
        pose = p0 + share * (p1 - p0)
        pose[2] = wrap(p0[2] + share * wrap(p1[2] - p0[2]))
        return pose
