"""Where things were that are there no more: the answer to "where did you last see it?".

They are kept as landmarks with numbers below zero, which no landmark has that is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array, transform2
from neural_brain.models.maps.correction import Correction
from neural_brain.models.signals import Landmark

MOST = 50  # they are part of every message of the map's state
SAME_M = 0.5  # what comes and goes at one spot is kept once

Former = tuple[Landmark, ...]
"""The newest last."""


def joined(former: Sequence[Landmark], gone: Iterable[Landmark]) -> Former:
    """Add things that were found gone, or those of another robot; MOST at most."""
    kept = list(former)
    for thing in gone:
        kept = [old for old in kept if not _same(old, thing)]
        kept.append(replace(thing, id=-abs(thing.id), confidence=1.0))
    return tuple(sorted(kept, key=lambda thing: thing.last_seen)[-MOST:])


def moved(former: Former, correction: Correction) -> Former:
    """Carried along when the map was mended."""
    return tuple(
        _at(thing, correction.move(thing.center_map[None, :2])[0]) for thing in former
    )


def turned(former: Former, pose: Array, first: int) -> Former:
    """As of a map whose frame has a pose (3,) in `map`; numbers from `first` on."""
    return tuple(
        replace(
            _at(thing, transform2(pose, thing.center_map[None, :2])[0]),
            id=thing.id - first,
        )
        for thing in former
    )


def to_plain(former: Former) -> list[dict[str, Any]]:
    """As numbers and words."""
    return [
        {
            "id": thing.id,
            "category": thing.category,
            "colour": thing.colour,
            "center": thing.center_map.tolist(),
            "covariance": thing.covariance.tolist(),
            "size": thing.size.tolist(),
            "count": thing.count,
            "first_seen": thing.first_seen,
            "last_seen": thing.last_seen,
        }
        for thing in former
    ]


def from_plain(items: Sequence[dict[str, Any]]) -> Former:
    """Back from `to_plain`.

    Raises:
        KeyError, ValueError, TypeError: if one is damaged.
    """
    things = []
    for item in list(items)[-MOST:]:
        shapes = {"center": 3, "covariance": (3, 3), "size": 3}
        center, covariance, size = (
            np.array(item[name], dtype=np.float64).reshape(shape)
            for name, shape in shapes.items()
        )
        numbers = np.array([*center, *size, item["first_seen"], item["last_seen"]])
        if not (np.isfinite(numbers).all() and np.isfinite(covariance).all()):
            raise ValueError("a thing that is gone has absurd numbers")
        things.append(
            Landmark(
                id=-abs(int(item["id"])),
                category=str(item["category"]),
                colour=str(item["colour"]),
                center_map=center,
                covariance=covariance,
                size=size,
                confidence=1.0,
                count=int(item["count"]),
                first_seen=float(item["first_seen"]),
                last_seen=float(item["last_seen"]),
            )
        )
    return tuple(things)


def _same(a: Landmark, b: Landmark) -> bool:
    alike = (a.category, a.colour) == (b.category, b.colour)
    return alike and float(np.hypot(*(a.center_map - b.center_map)[:2])) < SAME_M


def _at(thing: Landmark, xy: Array) -> Landmark:
    return replace(
        thing, center_map=np.array([*xy, thing.center_map[2]]), seen_from=None
    )
