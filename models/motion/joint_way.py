"""Moving the arm along way points in joint space, waiting for it when it is held."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from neural_brain.models.geometry import Array

LATE_START_S, LATE_FACTOR = 8.0, 6.0
STAND_S = 0.3
"""An arm that stands for so long while it should move has been stopped."""


class JointWay:
    """A command that runs along joint way points no faster than the arm follows.

    A push from outside makes the arm lag; the command then waits, and starts again
    from the measured position when the lag lasts. `late_s` > 0 tells that the whole way
    takes far too long. `stops` counts how often the arm was brought to a stand: an arm
    that runs against something and is let go again does so again and again.

    Args:
        speed_rad_s: fastest joint.
        lag_rad: lag at which the command waits.
        still_rad_s: an arm that lags and moves slower than this is held.
    """

    def __init__(
        self, speed_rad_s: float, lag_rad: float = 0.3, still_rad_s: float = 0.04
    ) -> None:
        self.speed_rad_s = speed_rad_s
        self.lag_rad = lag_rad
        self.still_rad_s = still_rad_s
        self.command = np.zeros(0)
        self.blocked_s = 0.0
        self.late_s = 0.0
        self.stops = 0
        self._stood_s = 0.0
        self._way: list[Array] = []
        self._rate = 0.0
        self._last_q = np.zeros(0)

    def start(self, way: Sequence[Array] | Array, q: Array) -> None:
        """Go from joint positions q (n,) along way points."""
        self._way = [np.asarray(point, dtype=np.float64) for point in way]
        self.command = np.array(q, dtype=np.float64)
        self.blocked_s = 0.0
        points = [self.command, *self._way]
        gaps = [float(np.abs(b - a).max()) for a, b in itertools.pairwise(points)]
        self.late_s = -LATE_START_S - LATE_FACTOR * sum(gaps) / self.speed_rad_s
        self._rate = 0.0
        self.stops, self._stood_s = 0, 0.0
        self._last_q = np.zeros(0)

    @property
    def left(self) -> int:
        """Number of way points that are left."""
        return len(self._way)

    def step(self, q: Array, dt: float) -> bool:
        """Advance the command by one step; true when the arm is at the end.

        Args:
            q: measured joint positions (n,) [rad].
            dt: time since the last step [s].
        """
        self.late_s += dt
        lag = float(np.abs(q - self.command).max())
        moved = float(np.abs(q - self._last_q).max()) if self._last_q.size else 0.0
        self._last_q = np.array(q, dtype=np.float64)
        share = float(np.clip(1.5 * (1.0 - lag / self.lag_rad), 0.0, 1.0))
        if moved >= self.still_rad_s * dt:
            self.blocked_s = max(0.0, self.blocked_s - dt)
            self._stood_s = 0.0
        elif lag > 0.3 * self.lag_rad:
            self.blocked_s += dt
            self._stand(dt)
            if share < 0.05:
                self._begin_again(q, dt)
                return False
        if not self._way:
            return lag < 0.06
        # Speed up gently, slow down towards the end and for an arm that lags.
        self._rate = min(self._rate + 1.5 * dt, self.speed_rad_s, self._brake())
        room = self._rate * share * dt
        while self._way and room > 0.0:
            gap = self._way[0] - self.command
            size = float(np.abs(gap).max())
            if size <= room:
                self.command = self._way.pop(0).copy()
                room -= size
            else:
                self.command = self.command + gap * (room / size)
                room = 0.0
        return not self._way and float(np.abs(q - self.command).max()) < 0.06

    def _stand(self, dt: float) -> None:
        before, self._stood_s = self._stood_s, self._stood_s + dt
        self.stops += before < STAND_S <= self._stood_s

    def _begin_again(self, q: Array, dt: float) -> None:
        """Something holds the arm: now and then start from where it is."""
        self._rate = 0.0
        if self.blocked_s % 1.0 < dt:
            self.command = np.array(q, dtype=np.float64)

    def _brake(self) -> float:
        points = [self.command, *self._way]
        left = sum(float(np.abs(b - a).max()) for a, b in itertools.pairwise(points))
        return max(0.1, float(np.sqrt(2.0 * 1.5 * left)))
