"""The newest valid scan of one lidar, as points in `odom`."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.room import scan_points
from neural_brain.models.reflex.config import GuardConfig
from neural_brain.models.reflex.repeats import Repeats
from neural_brain.models.signals import BodyState, LaserScan

_MOVING = 0.05
_AROUND = 5  # beams beside the one that goes in a direction


class Lidar:
    """Takes scans, or says why not: then the last good one grows old.

    Args:
        config: how broken a scan may be.
        horizon_m: points beyond it are left out [m].

    Attributes:
        sight: distance [m] from the middle of the base up to which it sees ahead, and
            behind; 0 where it does not look, infinity before the first scan.
        stamp: of the newest valid scan [s]; minus infinity before the first.
        points_odom: its points (k, 2) [m].
    """

    def __init__(self, config: GuardConfig, horizon_m: float) -> None:
        self.stamp, self.sight = -math.inf, (math.inf, math.inf)
        self.points_odom: Array = np.zeros((0, 2))
        self._config, self._horizon_m = config, horizon_m
        self._repeats = Repeats(config.lidar_frozen_scans)
        self._memory: Array = np.zeros((0, 2))
        self._rays: Array = np.full((2, 2), math.nan)
        self._poses, self._beams = np.zeros(9), np.zeros(5)

    @property
    def room(self) -> int:
        """The most points of any scan so far."""
        return len(self._memory)

    def take(self, scan: LaserScan, body: BodyState | None, now: float) -> str:
        """Why a scan is refused, "" if it was taken; see `Obstacles.offer`."""
        try:
            reason = self._flaw(scan, now) or self._frozen(scan, body)
            if not reason and not self._keep(scan, body):
                reason = "too many lost beams"
        except (AttributeError, TypeError, ValueError, IndexError):
            reason = "malformed"
        if not reason:
            self.stamp = scan.stamp
        return reason

    def _keep(self, scan: LaserScan, body: BodyState | None) -> bool:
        """Keep the points up to the horizon; False if too many beams are lost."""
        ranges = np.array(scan.ranges, dtype=np.float64, order="C")
        memory = self._memory
        if memory.shape[0] < ranges.size:
            memory = np.zeros((ranges.size, 2))
            self._rays = np.full((2 + ranges.size, 2), math.nan)
        offset_m = math.hypot(*scan.pose_base_laser[:2].tolist())
        longest = min(scan.range_max, self._horizon_m + offset_m)
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
        count = scan_points(ranges, self._beams, self._poses, self._rays, memory)
        if count < 0:
            return False
        self._memory, self.points_odom = memory, memory[:count]
        far_m = scan.range_max - offset_m
        self.sight = (
            far_m if looks(scan, ranges, 0.0) else 0.0,
            far_m if looks(scan, ranges, math.pi) else 0.0,
        )
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
        numbers += scan.range_min + scan.range_max + sum(scan.pose_base_laser.tolist())
        if not math.isfinite(numbers) or scan.pose_base_laser.shape != (3,):
            return "not finite"
        if scan.ranges.ndim != 1 or scan.ranges.size < 8 or scan.range_min < 0.0:
            return "malformed"
        if not scan.range_max > scan.range_min:
            return "malformed"
        if scan.stamp > now + self._config.future_s:
            return "from the future"
        if 0.0 <= self.stamp - scan.stamp < 1.0:
            return "not newer than the last one"
        return ""


def looks(scan: LaserScan, ranges: Array, direction: float) -> bool:
    """Whether beams that measure go in a direction [rad] of `base_link`."""
    between, count = abs(scan.angle_increment), ranges.size
    if between == 0.0:
        return False
    first = float(scan.pose_base_laser[2]) + scan.angle_min
    turn = math.copysign(1.0, scan.angle_increment) * (direction - first)
    beam = round((turn % math.tau) / between)
    if beam * between > math.tau - 0.5 * between:
        beam = 0
    around = ranges[max(beam - _AROUND, 0) : beam + _AROUND + 1]
    return beam < count and not bool(np.isnan(around).all())
