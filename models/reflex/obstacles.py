"""Lidar points around the base, kept in `odom` so that they age well between scans."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.age import AGE, FRESH, NONE_YET, judge_age
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.kernels.room import near_points, scan_points
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import GuardConfig
from neural_brain.models.reflex.repeats import Repeats
from neural_brain.models.signals import BodyState, LaserScan, ReflexLevel

_MOVING = 0.05


class Obstacles:
    """Newest valid scan as points.

    Args:
        config: how old and how broken a scan may be.
        horizon_m: points beyond it are left out [m].
        tick_s: control period [s].
        age: where to keep the age; memory of its own when None.

    Attributes:
        refused: number of refused scans. reason: why the last one was refused.
    """

    def __init__(
        self,
        config: GuardConfig,
        horizon_m: float,
        tick_s: float,
        age: Memory | None = None,
    ) -> None:
        self.refused = 0
        self.reason = ""
        self._config = config
        self._horizon_m = horizon_m
        self._age = age = memory(AGE) if age is None else age
        self._stamp, self._ticks = age["stamp"], age["ticks"]
        age["stamp"], age["tick_s"] = -math.inf, tick_s
        age["timeout_s"] = config.lidar_timeout_s
        age["needed"] = config.lidar_required
        self._repeats = Repeats(config.lidar_frozen_scans)
        self._points_odom: Array = np.zeros((0, 2))
        self._memory: Array = np.zeros((2, 0, 2))
        self._rays: Array = np.full((2, 2), math.nan)
        self._pose, self._poses, self._beams = np.zeros(3), np.zeros(9), np.zeros(5)

    def offer(
        self, scan: LaserScan, body: BodyState | None, now: float = math.nan
    ) -> bool:
        """Accept a scan, or refuse it: then the last good one goes stale.

        Args:
            scan: any object; REP 117 ranges. Too many lost beams make it invalid.
            body: newest body state, for the pose at the time of the scan.
            now: present time on the clock of the stamps [s]; NaN: not known yet.
        """
        try:
            self.reason = self._flaw(scan, now) or self._frozen(scan, body)
            if not self.reason and not self._take(scan, body):
                self.reason = "too many lost beams"
        except (AttributeError, TypeError, ValueError, IndexError):
            self.reason = "malformed"
        if self.reason:
            self.refused += 1
            return False
        self._stamp[0], self._ticks[0] = scan.stamp, 0
        return True

    def judge(self, now: float) -> Cause:
        """The cause that the age of the scan gives; call once a tick."""
        return self.cause(judge_age(self._age, now))

    def cause(self, found: int) -> Cause:
        """The cause of what `kernels.age` found."""
        if found == FRESH:
            return CLEAR
        timeout = self._config.lidar_timeout_s
        if found == NONE_YET:
            return Cause(ReflexLevel.HOLD, "no scan yet", 0.0, timeout)
        age = float(self._age["value"][0])
        return Cause(ReflexLevel.HOLD, "scan stale", age, timeout)

    def near(self, pose_odom_base: Array, within_m: float = math.inf) -> Array:
        """Points (k, 2) [m] in `base_link` as of now, no further than `within_m`.

        Their memory is reused between calls.
        """
        points = self._memory[1]
        self._pose[:] = pose_odom_base
        return points[: near_points(self._points_odom, self._pose, within_m, points)]

    def _take(self, scan: LaserScan, body: BodyState | None) -> bool:
        """Keep the points up to the horizon; False if too many beams are lost."""
        ranges = np.array(scan.ranges, dtype=np.float64, order="C")
        memory = self._memory
        if memory.shape[1] < ranges.size:
            memory = np.zeros((2, ranges.size, 2))
            self._rays = np.full((2 + ranges.size, 2), math.nan)
        longest = min(scan.range_max, self._horizon_m + 1.0)
        self._beams[:] = (
            scan.angle_min,
            scan.angle_increment,
            scan.range_min,
            longest,
            self._config.nan_share_max,
        )
        self._poses[:3] = scan.pose_base_laser
        if body is None:
            self._poses[3:] = 0.0
        else:
            self._poses[3:6], self._poses[6:8] = body.pose_odom_base, body.twist_base
            self._poses[8] = min(max(body.stamp - scan.stamp, 0.0), 0.2)
        beams, poses = self._beams, self._poses
        count = scan_points(ranges, beams, poses, self._rays, memory[0])
        if count < 0:
            return False
        self._memory, self._points_odom = memory, memory[0, :count]
        return True

    def _frozen(self, scan: LaserScan, body: BodyState | None) -> str:
        """A real lidar never measures the same twice, but where it sees nothing."""
        if not self._repeats.most:
            return ""
        moving = body is not None and bool(np.abs(body.twist_base).max() > _MOVING)
        sees = bool(np.isfinite(scan.ranges).any())
        return (
            "frozen" if self._repeats.see(scan.ranges, moving=moving and sees) else ""
        )

    def _flaw(self, scan: LaserScan, now: float) -> str:
        numbers = scan.stamp + scan.angle_min + scan.angle_increment
        numbers += scan.range_min + sum(scan.pose_base_laser.tolist())
        if not math.isfinite(numbers) or scan.pose_base_laser.shape != (3,):
            return "not finite"
        if scan.ranges.ndim != 1 or scan.ranges.size < 8 or scan.range_min < 0.0:
            return "malformed"
        if not scan.range_max > scan.range_min:
            return "malformed"
        if scan.stamp > now + self._config.future_s:
            return "from the future"
        if 0.0 <= self._stamp[0] - scan.stamp < 1.0:
            return "not newer than the last one"
        return ""
