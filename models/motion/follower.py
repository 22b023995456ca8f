"""Following a path with a differential drive: regulated pure pursuit.

Coulter 1992 (pure pursuit), Macenski et al. 2023 (regulation of the speed by
curvature and clearance). The base turns on the spot first when the path starts
behind it, slows down for what the lidar sees, creeps into the goal and turns to the
wanted heading at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, wrap
from neural_brain.models.motion.area_guard import AreaGuard
from neural_brain.models.motion.scan_guard import ScanGuard


@dataclass(frozen=True, kw_only=True)
class FollowerConfig:
    """Speeds and distances of driving."""

    speed_m_s: float = param(0.55, "in the open", low=0.05, high=2.0)
    turn_rad_s: float = param(1.2, "fastest turn", low=0.1, high=3.0)
    accel_m_s2: float = param(0.5, "gentle speeding up", low=0.05, high=5.0)
    brake_m_s2: float = param(0.6, "planned braking", low=0.05, high=5.0)
    turn_accel_rad_s2: float = param(2.5, "gentle turning", low=0.1, high=20.0)
    lookahead_m: float = param(0.45, "point that is steered to", low=0.1, high=2.0)
    rotate_first_rad: float = param(
        0.7, "turn on the spot from here", low=0.1, high=3.0
    )
    slow_gap_m: float = param(0.30, "slower with less room", low=0.0, high=2.0)
    near_goal_m: float = param(0.45, "creep from here", low=0.05, high=2.0)
    scan_margin_m: float = param(0.02, "kept from lidar points", low=0.0, high=0.5)
    stale_scan_s: float = param(0.5, "older scans stop the base", low=0.05, high=5.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Steering:
    """Wanted speeds (2,) [m/s, rad/s]; `arrived`: at the pose; `blocked`: why not."""

    twist: Array
    arrived: bool = False
    blocked: str = ""


class Follower:
    """Drives along one path.

    Args:
        config: speeds and distances.
        guard: what the lidar sees.
        areas: where people do not want the robot.
    """

    def __init__(
        self, config: FollowerConfig, guard: ScanGuard, areas: AreaGuard
    ) -> None:
        self.config = config
        self.guard = guard
        self.areas = areas
        self._path = np.zeros((0, 2))
        self._at = 0
        self._there = False

    def start(self, path: Array) -> None:
        """Follow a path (n, 2) [m] in `map` from its beginning."""
        self._path = path
        self._at = 0
        self._there = False

    @property
    def path(self) -> Array:
        """What is left of the path (n, 2) [m]."""
        return self._path[self._at :]

    def left_m(self, pose: Array) -> float:
        """Way that is left [m]."""
        rest = self.path
        if len(rest) == 0:
            return 0.0
        steps = np.hypot(*np.diff(rest, axis=0).T).sum() if len(rest) > 1 else 0.0
        return float(steps + np.hypot(*(rest[0] - pose[:2])))

    def step(
        self, pose: Array, goal: Array, tolerance_m: float, tolerance_rad: float
    ) -> Steering:
        """Speeds for now.

        Args:
            pose: pose_map_base (3,).
            goal: wanted pose (3,) in `map`; the path leads to it.
            tolerance_m: distance that is near enough [m].
            tolerance_rad: heading error that is small enough [rad].
        """
        if len(self._path) == 0:
            return Steering(twist=np.zeros(2), blocked="no path")
        self._advance(pose)
        apart = float(np.hypot(*(goal[:2] - pose[:2])))
        if apart < tolerance_m or (self._there and apart < tolerance_m + 0.04):
            self._there = True
            return self._turn_to(wrap(goal[2] - pose[2]), tolerance_rad)
        self._there = False
        return self._pursue(pose, goal, apart)

    def _advance(self, pose: Array) -> None:
        """Move on to the nearest of the next points."""
        ahead = self._path[self._at : self._at + 12]
        apart = np.hypot(ahead[:, 0] - pose[0], ahead[:, 1] - pose[1])
        self._at += int(np.argmin(apart))

    def _turn_to(self, error: float, tolerance_rad: float) -> Steering:
        if abs(error) <= tolerance_rad:
            return Steering(twist=np.zeros(2), arrived=True)
        return Steering(twist=np.array([0.0, self._turn_speed(error)]))

    def _turn_speed(self, error: float) -> float:
        c = self.config
        fast = np.sqrt(2.0 * 0.5 * c.turn_accel_rad_s2 * abs(error))
        speed = min(c.turn_rad_s, float(fast), 2.5 * abs(error))
        return float(np.copysign(max(speed, 0.06), error))

    def _pursue(self, pose: Array, goal: Array, apart: float) -> Steering:
        c = self.config
        target = goal[:2] if apart < c.near_goal_m else self._carrot(pose)
        dx, dy = target - pose[:2]
        heading = wrap(np.arctan2(dy, dx) - pose[2])
        way = float(np.hypot(dx, dy))
        if apart < 0.3 and abs(heading) > 0.6 * np.pi:  # just passed it: back up
            return self._limit(-0.08, 0.8 * wrap(heading - np.pi))
        rotate_at = c.rotate_first_rad if apart > c.near_goal_m else 0.35
        if abs(heading) > rotate_at:
            return Steering(twist=np.array([0.0, self._turn_speed(heading)]))
        curvature = 2.0 * np.sin(heading) / max(way, 0.15)
        v = c.speed_m_s / (1.0 + 0.6 * abs(curvature))
        v = min(v, float(np.sqrt(2.0 * 0.5 * c.brake_m_s2 * apart)), 0.8 * apart + 0.03)
        gap = max(0.0, self.guard.gap())
        if gap < c.slow_gap_m:
            v = min(v, 0.15 + (c.speed_m_s - 0.15) * gap / c.slow_gap_m)
        w = np.clip(v * curvature, -c.turn_rad_s, c.turn_rad_s)
        return self._limit(v, float(w))

    def _limit(self, v: float, w: float) -> Steering:
        """Brake for what the lidar sees on the arc, and before keep-out areas."""
        c = self.config
        if not self.guard.fresh:
            return Steering(twist=np.zeros(2), blocked="no fresh lidar scan")
        way, allowed = self.guard.free_way(v, w), self.areas.free_way(v, w)
        what = "something is" if way <= allowed else "a keep-out area is"
        way = min(way, allowed)
        fastest = float(np.sqrt(2.0 * c.brake_m_s2 * max(0.0, way - 0.03)))
        if fastest < 0.03:
            return Steering(twist=np.zeros(2), blocked=f"{what} in the way")
        slower = min(1.0, fastest / max(abs(v), 1e-6))
        return Steering(twist=np.array([v * slower, w * slower]))

    def _carrot(self, pose: Array) -> Array:
        rest = self.path
        apart = np.hypot(rest[:, 0] - pose[0], rest[:, 1] - pose[1])
        far = np.flatnonzero(apart >= self.config.lookahead_m)
        return rest[far[0]] if len(far) else rest[-1]
