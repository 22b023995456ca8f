"""Stretches of a drive that take long: thresholds, carpets, crowds.

Every metre of a drive is timed, without turns on the spot. One that took much longer
than usual leaves a toll where it was narrowest, for the direction that was driven, as
dear as the time that was lost. In the open it leaves none: there one drives around.
It is off by default, as `nav-detour` shows no gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, wrap
from neural_brain.models.maps.tolls import OCCUPIED, Charge
from neural_brain.models.signals import GridView, Toll

STRETCH_M = 1.0
TURN_RAD_S = 0.3  # faster turns are turns on the spot
BESIDE_M = 0.15  # lines reach so far into what bounds a neck


@dataclass(frozen=True, kw_only=True)
class SlowConfig:
    """When a stretch counts as slow."""

    usual_s: float = param(2.5, "for a metre", low=0.1, high=100.0)
    slow_ratio: float = param(2.0, "times the usual time is slow", low=1.0, high=100.0)
    most_m: float = param(0.0, "added way at most, 0 = none", low=0.0, high=1e5)
    neck_m: float = param(0.7, "clearance of a narrow place", low=0.0, high=5.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Stopwatch:
    """Times one stretch after the other; `begin` anew when a drive is interrupted."""

    def __init__(self, config: SlowConfig) -> None:
        self.config = config
        self.begin()

    def begin(self) -> None:
        """What follows is another drive."""
        self._points: list[Array] = []
        self._length = self._seconds = 0.0
        self._last: tuple[float, float] | None = None

    def drive(self, t: float, pose: Array, grid: GridView) -> Charge | None:
        """The robot is driving and at a pose (3,) now; a charge if it was slow."""
        last, self._last = self._last, (t, float(pose[2]))
        if last is not None:
            dt, turn = max(0.0, t - last[0]), abs(wrap(float(pose[2]) - last[1]))
            self._seconds += dt if turn < TURN_RAD_S * dt else 0.0
        if self._points:
            step = float(np.hypot(*(pose[:2] - self._points[-1])))
            if step < 0.05:
                return None
            self._length += step
        self._points.append(np.array(pose[:2]))
        if self._length < STRETCH_M:
            return None
        charge = self._charge(grid)
        self._points, self._length, self._seconds = [np.array(pose[:2])], 0.0, 0.0
        return charge

    def _charge(self, grid: GridView) -> Charge | None:
        c = self.config
        usual = c.usual_s * self._length
        way = self._points[-1] - self._points[0]
        slow = self._seconds >= c.slow_ratio * usual
        if not slow or c.most_m <= 0.0 or np.hypot(*way) < 0.5 * self._length:
            return None
        room = [_clearance(grid, point, c.neck_m) for point in self._points]
        k = int(np.argmin(room))
        if room[k] >= c.neck_m:
            return None
        x, y = self._points[k].tolist()
        toll = Toll(
            x_m=x,
            y_m=y,
            heading_rad=float(np.arctan2(way[1], way[0])),
            half_width_m=room[k] + BESIDE_M,
            price_m=min(c.most_m, (self._seconds - usual) / c.usual_s),
        )
        return Charge(toll=toll, slow=True)


def _clearance(grid: GridView, point: Array, most_m: float) -> float:
    """Distance [m] of a point (2,) to the nearest occupied cell, at most `most_m`."""
    reach = int(np.ceil(most_m / grid.resolution))
    column, row = np.floor((point - grid.origin) / grid.resolution).astype(int).tolist()
    r0, c0 = max(0, row - reach), max(0, column - reach)
    block = grid.cells[r0 : max(0, row + reach + 1), c0 : max(0, column + reach + 1)]
    rows, columns = np.nonzero(block >= OCCUPIED)
    if not len(rows):
        return most_m
    apart = np.hypot(rows + r0 - row, columns + c0 - column).min()
    return float(min(most_m, apart * grid.resolution))
