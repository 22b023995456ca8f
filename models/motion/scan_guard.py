"""Obstacles that lidar and camera see: how far the base can go until it touches one."""

from __future__ import annotations

from collections import deque

import numpy as np

from neural_brain.models.geometry import Array, compose2, inverse2, transform2
from neural_brain.models.motion.low_obstacles import LowObstacles
from neural_brain.models.signals import BodyState, LaserScan


class ScanGuard:
    """Keeps the newest scan as points and answers in `base_link` of now.

    Args:
        radius_m: radius of the base with its margin [m].
        stale_s: a scan older than this counts as none.
        bare_m: radius of the base without a margin [m], kept from what only the camera
            sees, which is less exact; None = as the lidar.

    Attributes:
        low: what the camera saw, see there.
    """

    def __init__(
        self, radius_m: float, stale_s: float, bare_m: float | None = None
    ) -> None:
        self.radius_m = radius_m
        self.bare_m = radius_m if bare_m is None else bare_m
        self.stale_s = stale_s
        self._history: deque[tuple[float, Array]] = deque(maxlen=40)
        self._stamp = -np.inf
        self._points_odom = np.zeros((0, 2))
        self._points = self._low = np.zeros((0, 2))
        self.low = LowObstacles()
        self._now = -np.inf

    def update(self, body: BodyState, scan: LaserScan | None) -> None:
        """Take in the newest scan (the same one may come again) and the odometry."""
        self._low = self.low.near(body)
        self._history.append((body.stamp, body.pose_odom_base))
        self._now = body.stamp
        if scan is not None and scan.stamp != self._stamp:
            self._stamp = scan.stamp
            pose = min(self._history, key=lambda item: abs(item[0] - scan.stamp))[1]
            self._points_odom = transform2(pose, points_of(scan))
        back = inverse2(body.pose_odom_base)
        self._points = transform2(back, self._points_odom)

    @property
    def fresh(self) -> bool:
        """Whether there is a scan that can be trusted."""
        return bool(-1e-3 <= self._now - self._stamp <= self.stale_s)

    @property
    def points(self) -> Array:
        """Points (n, 2) [m] in `base_link` that the lidar sees."""
        return self._points

    def points_map(self, pose_map_base: Array, within_m: float) -> Array:
        """Points (n, 2) [m] in `map` of all obstacles that are near."""
        points = np.concatenate([self._points, self._low])
        near = np.hypot(points[:, 0], points[:, 1]) < within_m
        return transform2(pose_map_base, points[near])

    def gap(self) -> float:
        """Free distance around the base's edge [m]; may be negative."""
        if len(self._points) == 0:
            return 10.0
        nearest = np.hypot(self._points[:, 0], self._points[:, 1]).min()
        return float(nearest) - self.radius_m

    def free_way(self, v: float, w: float, horizon_m: float = 1.5) -> float:
        """Way [m] along the arc of speeds v [m/s], w [rad/s] until something is hit.

        Points that the base touches already do not count when it moves off them.
        """
        if abs(v) < 1e-6:
            return horizon_m
        points = np.concatenate([self._points, self._low])
        counts = len(self._points), len(self._low)
        radius = np.repeat([self.radius_m, self.bare_m], counts)
        near = np.abs(points).max(axis=1, initial=0.0) < horizon_m + radius
        if not near.any():
            return horizon_m
        points, radius = points[near], radius[near]
        s = np.linspace(0.0, horizon_m, 31)[1:]
        centers = arc_centers(v, w, s)
        apart = np.hypot(
            centers[:, None, 0] - points[None, :, 0],
            centers[:, None, 1] - points[None, :, 1],
        )
        now = np.hypot(points[:, 0], points[:, 1])
        inside = (apart < radius) & (apart < now[None, :] - 1e-3)
        hit = inside.any(axis=1)
        return float(s[np.argmax(hit)] - s[0]) if hit.any() else horizon_m


def arc_centers(v: float, w: float, s: Array) -> Array:
    """Middle of the base (n, 2) [m] in `base_link` of now, after ways s (n,) [m].

    Args:
        v: forward speed [m/s], not 0.
        w: turning speed [rad/s].
        s: ways along the arc.
    """
    turn = s * (w / abs(v))
    sign = np.sign(v)
    curve = w / v
    if abs(curve) < 1e-6:
        return np.stack([sign * s, np.zeros_like(s)], axis=1)
    return np.stack(
        [np.sin(turn) / abs(curve) * np.sign(w) * sign,
         (1.0 - np.cos(turn)) / curve], axis=1
    )  # fmt: skip


def points_of(scan: LaserScan) -> Array:
    """Obstacle points (n, 2) [m] of a scan in `base_link` (REP 117)."""
    angles = scan.angle_min + scan.angle_increment * np.arange(len(scan.ranges))
    ranges = np.where(np.isneginf(scan.ranges), scan.range_min, scan.ranges)
    keep = np.isfinite(ranges) & (ranges < scan.range_max)
    ranges, angles = ranges[keep], angles[keep]
    laser = np.stack([ranges * np.cos(angles), ranges * np.sin(angles)], axis=1)
    return transform2(compose2(np.zeros(3), scan.pose_base_laser), laser)
