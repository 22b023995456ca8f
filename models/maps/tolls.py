"""Tolls: where driving failed or was slow, crossing costs more, one way, for a while.

A base that got stuck leaves a short line before it in `map`, and so does one that was
slow in a narrow place. Plans pay for crossing it, so that another way is tried before
the same door again. The price fades with time and is lifted when the robot drives
across after all, or sees that what stood there is gone. A toll for good is a one-way
passage. Tolls of slopes (`climbs.py`) stay until a drive finds another height there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, wrap
from neural_brain.models.signals import CLOSED_M, GridView, Toll

SAME_M, SAME_RAD = 0.5, 1.0  # failures nearer than this are of one passage
LEAST_M = 0.5  # what fades below is forgotten
OCCUPIED = 50


@dataclass(frozen=True, kw_only=True)
class TollConfig:
    """What a failed passage costs."""

    price_m: float = param(6.0, "added way for each failure", low=0.0, high=1000.0)
    most_m: float = param(48.0, "added way at most", low=0.0, high=1e5)
    back_share: float = param(0.5, "of the price the other way", low=0.0, high=1.0)
    half_life_s: float = param(300.0, "until half is forgotten", low=1.0, high=1e7)
    slow_half_life_s: float = param(3600.0, "of slow places", low=1.0, high=1e7)
    ahead_m: float = param(
        0.35, "from the base's centre to the line", low=0.0, high=2.0
    )
    half_width_m: float = param(0.55, "of the line", low=0.05, high=5.0)
    count: int = param(64, "tolls kept at most", low=0, high=10000)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A toll and why: `seen`, something stood there; `slow`, it took long; `slope`."""

    toll: Toll
    seen: bool = False
    slow: bool = False
    slope: bool = False

    @property
    def lasting(self) -> bool:
        """Whether it is a one-way passage, which does not fade."""
        return self.toll.price_m >= CLOSED_M

    @property
    def stays(self) -> bool:
        """Whether neither time nor crossing it says anything against it."""
        return self.slope or self.lasting


class TollBook:
    """All tolls of one map; dearest ones stay when there are too many."""

    def __init__(self, config: TollConfig) -> None:
        self.config = config
        self.charges: list[Charge] = []
        self._messages: tuple[Toll, ...] = ()

    def messages(self) -> tuple[Toll, ...]:
        """Tolls with prices in steps of LEAST_M, equal while they hardly change."""
        tolls = tuple(
            replace(c.toll, price_m=LEAST_M * round(c.toll.price_m / LEAST_M))
            for c in self.charges
        )
        if tolls != self._messages:
            self._messages = tolls
        return self._messages

    def fail(self, pose: Array, grid: GridView | None = None) -> None:
        """The base got stuck at a pose (3,) in `map`, driving ahead.

        Args:
            pose: where; ignored if it is not finite.
            grid: occupancy, to tell what the lidar sees from what it does not.
        """
        c = self.config
        if c.price_m <= 0.0 or np.shape(pose) != (3,) or not np.isfinite(pose).all():
            return
        heading = float(pose[2])
        ray = np.array([np.cos(heading), np.sin(heading)])
        x, y = (pose[:2] + c.ahead_m * ray).tolist()
        toll = Toll(
            x_m=x,
            y_m=y,
            heading_rad=wrap(heading),
            half_width_m=c.half_width_m,
            price_m=c.price_m,
        )
        seen = grid is not None and _stands(grid, toll)
        self.add(Charge(toll=toll, seen=seen))
        if c.back_share > 0.0:
            self.add(Charge(toll=turned(toll, c.back_share * c.price_m), seen=seen))

    def add(self, charge: Charge) -> None:
        """Add to the toll that is there already, or put a new one.

        A slope is not added but measured anew.
        """
        for k, known in enumerate(self.charges):
            if _alike(known, charge):
                if charge.slope:
                    self.charges[k] = charge
                    return
                price = min(
                    self.config.most_m, known.toll.price_m + charge.toll.price_m
                )
                price = CLOSED_M if charge.lasting else price
                toll = replace(charge.toll, price_m=price)
                seen, slow = charge.seen and known.seen, charge.slow and known.slow
                self.charges[k] = Charge(toll=toll, seen=seen, slow=slow)
                return
        self.charges.append(charge)
        excess = len(self.charges) - self.config.count
        if excess > 0:
            self.charges.sort(key=lambda c: c.toll.price_m)
            del self.charges[:excess]

    def knows(self, charge: Charge) -> bool:
        """Whether there is a toll of the same passage, direction and kind."""
        return any(_alike(c, charge) for c in self.charges)

    def forbid(self, xy: Array, heading_rad: float, half_width_m: float) -> None:
        """Make a passage one-way: nothing plans across (2,) [m] towards a heading."""
        toll = Toll(
            x_m=float(xy[0]),
            y_m=float(xy[1]),
            heading_rad=wrap(heading_rad),
            half_width_m=half_width_m,
            price_m=CLOSED_M,
        )
        self.add(Charge(toll=toll))

    def fade(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        fast, slow = self.config.half_life_s, self.config.slow_half_life_s
        kept = []
        for charge in self.charges:
            half_life = slow if charge.slow else fast
            share = 0.5 ** (max(dt, 0.0) / half_life)
            price = charge.toll.price_m * (1.0 if charge.stays else share)
            if price >= LEAST_M:
                toll = replace(charge.toll, price_m=price)
                kept.append(replace(charge, toll=toll))
        self.charges = kept

    def drove(self, start: Array, end: Array) -> None:
        """The base drove from one spot (2,) [m] to another: what it crossed is open."""
        if not self.charges:
            return
        crossed = [crosses(c.toll, start[None], end[None])[0] for c in self.charges]
        if any(crossed):
            pairs = zip(self.charges, crossed, strict=True)
            self.charges = [c for c, over in pairs if c.stays or not over]

    def look(self, grid: GridView) -> None:
        """Lift tolls of things that stood on the grid and do so no more.

        What the lidar never saw stays: that it sees nothing there proves nothing.
        """
        self.charges = [
            c for c in self.charges if not c.seen or c.stays or _stands(grid, c.toll)
        ]


def crossing_prices(tolls: Iterable[Toll], start: Array, end: Array) -> Array:
    """What straight moves from start (n, 2) to end (n, 2) [m] pay: (n,) [m]."""
    prices = np.zeros(len(start))
    for toll in tolls:
        prices[crosses(toll, start, end)] += toll.price_m
    return prices


def turned(toll: Toll, price_m: float) -> Toll:
    """The same line for the other direction."""
    return replace(toll, heading_rad=wrap(toll.heading_rad + np.pi), price_m=price_m)


def _alike(a: Charge, b: Charge) -> bool:
    kinds = a.lasting is b.lasting and a.slope is b.slope
    return kinds and _same(a.toll, b.toll)


def _same(a: Toll, b: Toll) -> bool:
    near = np.hypot(a.x_m - b.x_m, a.y_m - b.y_m) < SAME_M
    return bool(near and abs(wrap(a.heading_rad - b.heading_rad)) < SAME_RAD)


def crosses(toll: Toll, start: Array, end: Array) -> NDArray[np.bool_]:
    """Which moves (n,) cross the line in the direction that pays."""
    middle = np.array([toll.x_m, toll.y_m])
    ray = np.array([np.cos(toll.heading_rad), np.sin(toll.heading_rad)])
    before, after = (start - middle) @ ray, (end - middle) @ ray
    over = (before < 0.0) & (after >= 0.0)
    share = np.where(over, -before / np.where(over, after - before, 1.0), 0.0)
    spot = start + share[:, None] * (end - start) - middle
    aside = spot @ np.array([-ray[1], ray[0]])
    return np.asarray(over & (np.abs(aside) <= toll.half_width_m))


def _stands(grid: GridView, toll: Toll) -> bool:
    """Whether something stands in the middle of the line, as deep as a base."""
    reach = max(1, round(0.25 / grid.resolution))
    at = np.array([toll.x_m, toll.y_m])
    column, row = np.floor((at - grid.origin) / grid.resolution).astype(int).tolist()
    if not (0 <= row < grid.cells.shape[0] and 0 <= column < grid.cells.shape[1]):
        return False
    low_row, low_column = max(0, row - reach), max(0, column - reach)
    block = grid.cells[low_row : row + reach + 1, low_column : column + reach + 1]
    return bool((block >= OCCUPIED).any())
