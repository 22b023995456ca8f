"""Slopes that were driven: going up costs as much as the height, going down nothing.

Where the base is pitched the way adds up to a height. A whole slope, from level to
level, leaves one toll where it is narrowest, or else in its middle, across the way as
far as the walls, for the uphill direction, whichever way it was driven. It does not
fade; the next drive over it replaces it, and one that finds it level removes it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, wrap
from neural_brain.models.maps.tilt import Tilt
from neural_brain.models.maps.tolls import (
    LEAST_M,
    OCCUPIED,
    Charge,
    TollBook,
    crosses,
    turned,
)
from neural_brain.models.signals import BodyState, GridView, Toll

STEP_M, JUMP_M = 0.05, 0.3  # between points; a pose that jumps farther is another place
ROUND_M = 0.3  # so far to either side of a toll it must be level to remove it
BESIDE_M = 0.1  # lines reach so far into what bounds the way
MOST = 2000  # points of one slope; nobody drives a longer one


@dataclass(frozen=True, kw_only=True)
class ClimbConfig:
    """What counts as a slope and what it costs."""

    # A metre of height takes m g; one of level way the rolling resistance, 0.02 m g,
    # and electronics: 30 W at 0.5 m/s are 0.09 m g of 70 kg. So 1 / 0.11, about ten, is
    # fair. Off, as it saves work and takes time: docs/maps.md, `bench nav-detour`.
    price_m_per_m: float = param(
        0.0, "added way for a metre of height, 0 = none", low=0.0, high=1000.0
    )
    most_m: float = param(100.0, "added way at most", low=0.0, high=1e5)
    least_rad: float = param(0.05, "least steep slope", low=0.01, high=1.0)
    least_m: float = param(0.3, "shortest slope", low=0.1, high=100.0)
    reach_m: float = param(1.0, "of a toll to either side", low=0.1, high=10.0)
    settle_s: float = param(
        1.0, "the accelerometer corrects the gyroscope in", low=0.1, high=100.0
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True)
class Point:
    """Where the base came by: place (2,), grade of the way to there, its length."""

    xy: Array
    grade: float
    way_m: float


class Climbs:
    """Feels every state of the body; tells a book of tolls of slopes."""

    def __init__(self, config: ClimbConfig) -> None:
        self.config = config
        self.tilt = Tilt(config.settle_s)
        self.begin()

    def begin(self) -> None:
        """What follows has nothing to do with what was."""
        count = 2 * round(ROUND_M / STEP_M) + 1
        self._lately: deque[Point] = deque(maxlen=count)
        self._climb: list[Point] = []
        self._whole = self._level = False
        self._at: tuple[Array, Array] | None = None  # odometry and place
        self._from: tuple[Array, Array] | None = None  # the same of the last point
        self._rise = 0.0

    def drive(
        self, pose: Array, body: BodyState, grid: GridView, book: TollBook
    ) -> None:
        """The robot is at a pose (3,) in `map` now, driving or not."""
        if self.config.price_m_per_m <= 0.0:
            return None
        pitch, odom = self.tilt.feel(body), body.pose_odom_base
        known = np.isfinite(pitch) and np.isfinite(pose).all()
        if not known or not np.isfinite(odom).all():
            return self.begin()
        before, self._at = self._at, (np.array(odom[:2]), np.array(pose[:2]))
        if before is None or self._from is None:
            self._from = self._at
            return None
        step = self._at[0] - before[0]
        ahead = step @ np.array([np.cos(odom[2]), np.sin(odom[2])])
        self._rise += float(ahead) * float(np.sin(pitch))
        one, other = self._at[0] - self._from[0], self._at[1] - self._from[1]
        if abs(np.hypot(*one) - np.hypot(*other)) > JUMP_M:
            return self.begin()
        way = float(np.hypot(*one))
        if way >= STEP_M:
            point = Point(self._at[1], self._rise / way, way)
            self._from, self._rise = self._at, 0.0
            self._pass(point, grid, book)
        return None

    def _pass(self, point: Point, grid: GridView, book: TollBook) -> None:
        """The base came by a point: a slope begins, goes on or ends."""
        gentle = 0.5 * float(np.sin(self.config.least_rad))
        self._find_level(point, gentle, book)
        level, back = abs(point.grade) < gentle, self._turns_back(point)
        same = bool(self._climb) and self._climb[0].grade * point.grade > 0.0
        if same and not (level or back) and len(self._climb) < MOST:
            self._climb.append(point)
            return
        over = bool(self._climb) and self._whole and not back
        if over:
            self._tell(grid, book)
        self._whole = self._level or over
        self._climb = [] if level else [point]
        self._level = level

    def _turns_back(self, point: Point) -> bool:
        """Whether the way leads back to where it came from."""
        if len(self._lately) < 3:
            return False
        way = self._lately[-2].xy - self._lately[-3].xy
        return bool((point.xy - self._lately[-2].xy) @ way < 0.0)

    def _find_level(self, point: Point, flat: float, book: TollBook) -> None:
        """What lies in the middle of a level piece of the way is no slope."""
        lately = self._lately
        lately.append(point)
        if len(lately) < (lately.maxlen or 0):
            return
        if all(abs(p.grade) < flat for p in lately):
            k = len(lately) // 2
            _remove(book, [lately[k - 1].xy, lately[k].xy])

    def _tell(self, grid: GridView, book: TollBook) -> None:
        """A whole slope was driven."""
        c = self.config
        ways = np.array([p.way_m for p in self._climb])
        rises = np.abs([p.grade * p.way_m for p in self._climb])
        way, rise = float(ways.sum()), float(rises.sum())
        if way < c.least_m or rise < way * np.sin(c.least_rad):
            return
        points = [p.xy for p in self._climb]
        _remove(book, points)
        price = min(c.most_m, rise * c.price_m_per_m)
        k = _neck(grid, np.array(points), c.reach_m)
        ahead = points[min(k + 4, len(points) - 1)] - points[max(k - 4, 0)]
        if price < LEAST_M or not ahead.any():
            return
        heading = float(np.arctan2(ahead[1], ahead[0]))
        heading += 0.0 if self._climb[0].grade > 0.0 else np.pi
        toll = _across(grid, points[k], wrap(heading), c.reach_m, price)
        book.add(Charge(toll=toll, slope=True))


def _remove(book: TollBook, points: list[Array]) -> None:
    """Take away the slopes that a way over some points (2,) leads across."""
    if not any(charge.slope for charge in book.charges):
        return
    start, end = np.array(points[:-1]), np.array(points[1:])
    book.charges = [
        charge
        for charge in book.charges
        if not charge.slope
        or not (
            crosses(charge.toll, start, end).any()
            or crosses(turned(charge.toll, 0.0), start, end).any()
        )
    ]


def _neck(grid: GridView, points: Array, reach_m: float) -> int:
    """Where a way over points (n, 2) is narrowest; of like ones the most central."""
    every = 1 + len(points) // 100
    points = points[::every]
    steps = np.gradient(points, axis=0)
    left = np.stack([-steps[:, 1], steps[:, 0]], axis=1)
    left /= np.maximum(np.hypot(*left.T), 1e-9)[:, None]
    rooms = [
        _room(grid, xy, ray, reach_m) + _room(grid, xy, -ray, reach_m)
        for xy, ray in zip(points, left, strict=True)
    ]
    like = np.flatnonzero(np.array(rooms) <= min(rooms) + 2.0 * grid.resolution)
    return every * int(like[np.argmin(np.abs(like - 0.5 * (len(points) - 1)))])


def _across(
    grid: GridView, xy: Array, heading: float, reach_m: float, price: float
) -> Toll:
    """A toll from wall to wall, at most so far to either side."""
    left = np.array([-np.sin(heading), np.cos(heading)])
    reach = [_room(grid, xy, side * left, reach_m) for side in (1.0, -1.0)]
    x, y = (xy + 0.5 * (reach[0] - reach[1]) * left).tolist()
    return Toll(
        x_m=x,
        y_m=y,
        heading_rad=heading,
        half_width_m=0.5 * sum(reach) + BESIDE_M,
        price_m=price,
    )


def _room(grid: GridView, xy: Array, ray: Array, most_m: float) -> float:
    """How far [m] it is free from a spot (2,) along a unit vector (2,)."""
    way = np.arange(0.0, most_m, 0.5 * grid.resolution)
    cell = np.floor((xy + way[:, None] * ray - grid.origin) / grid.resolution)
    h, w = grid.cells.shape
    column, row = cell.astype(int).T
    inside = (row >= 0) & (row < h) & (column >= 0) & (column < w)
    full = grid.cells[np.clip(row, 0, h - 1), np.clip(column, 0, w - 1)] >= OCCUPIED
    hits = np.flatnonzero(inside & full)
    return float(way[hits[0]]) if len(hits) else most_m
