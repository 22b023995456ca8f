"""Lidar points around the base, kept in `odom` so that they age well between scans."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.age import AGE, FRESH, NONE_YET, judge_age
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.kernels.room import near_points
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import GuardConfig
from neural_brain.models.reflex.lidar import Lidar
from neural_brain.models.signals import BodyState, LaserScan, ReflexLevel


class Obstacles:
    """Newest valid scans of all lidars as points; as old as the oldest of them.

    Args:
        config: how many lidars, how old and how broken a scan may be.
        horizon_m: points beyond it are left out [m].
        tick_s: control period [s].
        age: where to keep the age; memory of its own when None.

    Attributes:
        sight: distance [m] up to which any lidar sees ahead, and behind.
        refused: number of refused scans. reason: why the last one was refused.
    """

    def __init__(
        self,
        config: GuardConfig,
        horizon_m: float,
        tick_s: float,
        age: Memory | None = None,
    ) -> None:
        self.refused, self.reason = 0, ""
        self.sight = math.inf, math.inf
        self._config = config
        self._age = age = memory(AGE) if age is None else age
        self._stamp, self._ticks = age["stamp"], age["ticks"]
        age["stamp"], age["tick_s"] = -math.inf, tick_s
        age["timeout_s"] = config.lidar_timeout_s
        age["needed"] = config.lidar_required
        self._lidars = [Lidar(config, horizon_m) for _ in range(config.lidars)]
        self._waits = [0] * config.lidars  # ticks since the last scan of each ...
        self._counted = 0  # ... when the age had come to so many ticks
        self._memory: Array = np.zeros((0, 2))
        self._pose = np.zeros(3)

    def offer(
        self,
        scan: LaserScan,
        body: BodyState | None,
        now: float = math.nan,
        lidar: int = 0,
    ) -> bool:
        """Accept a scan, or refuse it: then the last good one goes stale.

        Args:
            scan: any object; REP 117 ranges. Too many lost beams make it invalid.
            body: newest body state, for the pose at the time of the scan.
            now: present time on the clock of the stamps [s]; NaN: not known yet.
            lidar: whose scan it is, from 0.
        """
        if lidar not in range(len(self._lidars)):
            self.reason = "no such lidar"
        else:
            self.reason = self._lidars[lidar].take(scan, body, now)
        if self.reason:
            self.refused += 1
            return False
        self._note(lidar)
        return True

    def judge(self, now: float) -> Cause:
        """The cause that the age of the scans gives; call once a tick."""
        return self.cause(judge_age(self._age, now))

    def cause(self, found: int) -> Cause:
        """The cause of what `kernels.age` found."""
        if found == FRESH:
            return CLEAR
        timeout, which = self._config.lidar_timeout_s, ""
        if len(self._lidars) > 1:
            stamps = [lidar.stamp for lidar in self._lidars]
            which = f" {stamps.index(min(stamps))}"
        if found == NONE_YET:
            return Cause(ReflexLevel.HOLD, f"no scan{which} yet", 0.0, timeout)
        age = float(self._age["value"][0])
        return Cause(ReflexLevel.HOLD, f"scan{which} stale", age, timeout)

    def near(self, pose_odom_base: Array, within_m: float = math.inf) -> Array:
        """Points (k, 2) [m] in `base_link` as of now, no further than `within_m`.

        Their memory is reused between calls.
        """
        self._pose[:] = pose_odom_base
        points, count = self._memory, 0
        for lidar in self._lidars:
            room = points[count:]
            count += near_points(lidar.points_odom, self._pose, within_m, room)
        return points[:count]

    def _note(self, lidar: int) -> None:
        """A scan has come: the age is that of the lidar that waits longest now."""
        passed = int(self._ticks[0]) - self._counted
        self._waits = [ticks + passed for ticks in self._waits]
        self._waits[lidar] = 0
        self._ticks[0] = self._counted = max(self._waits)
        self._stamp[0] = min(each.stamp for each in self._lidars)
        ahead, behind = zip(*(each.sight for each in self._lidars), strict=True)
        self.sight = max(ahead), max(behind)
        room = sum(each.room for each in self._lidars)
        if room > len(self._memory):
            self._memory = np.zeros((room, 2))
