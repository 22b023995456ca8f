"""Scoring of object detectors against the simulator's truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES, SMALL_OBJECTS
from neural_brain.models.signals import ObjectPercept
from neural_brain.sim.datasets import LabelledFrame, Thing

MIN_PIXELS = 60
MAX_RANGE_M = 4.0


@dataclass
class DetectionScore:
    """Counts over frames.

    A percept is a hit when an object of its category lies within `reach` of it; each
    object counts once. Objects with fewer than 60 pixels or beyond 4 m need not be
    found, and finding them is no mistake.
    """

    found: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    colour: list[float] = field(default_factory=list)
    false_colour: list[float] = field(default_factory=list)
    error_m: list[float] = field(default_factory=list)
    by_category: dict[str, list[float]] = field(default_factory=dict)

    @property
    def small(self) -> list[float]:
        """Of every small thing that had to be found, whether it was."""
        found = self.by_category
        return [value for name in SMALL_OBJECTS for value in found.get(name, [])]

    def add(self, labelled: LabelledFrame, percepts: Sequence[ObjectPercept]) -> None:
        """Match the percepts of one frame, surest first."""
        free = dict(labelled.things)
        hit: set[int] = set()
        for percept in percepts:
            number = _nearest(percept, free)
            if number is None:
                self.right.append(0.0)
                continue
            thing = free.pop(number)
            hit.add(number)
            if _counts(thing):
                self.right.append(1.0)
                right = percept.colour == thing.colour
                self.colour.append(float(right))
                self.false_colour.append(float(bool(percept.colour) and not right))
                gap = percept.center_base - thing.center_base
                self.error_m.append(float(np.linalg.norm(gap[:2])))
        for number, thing in labelled.things.items():
            if _counts(thing):
                self.found.append(float(number in hit))
                self.by_category.setdefault(thing.category, []).append(
                    float(number in hit)
                )


@dataclass
class PixelScore:
    """Intersection and union of every class, summed over frames."""

    both: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(len(CATEGORIES), np.int64)
    )
    either: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(len(CATEGORIES), np.int64)
    )

    def add(self, truth: NDArray[np.int32], guess: NDArray[np.int32]) -> None:
        """Compare two class images of one shape."""
        n = len(CATEGORIES)
        hits = np.bincount(truth[truth == guess], minlength=n)
        self.both += hits
        self.either += np.bincount(truth.ravel(), minlength=n) - hits
        self.either += np.bincount(guess.ravel(), minlength=n)

    def iou(self) -> dict[str, float]:
        """Intersection over union of the classes that occurred."""
        return {
            name: float(self.both[i] / self.either[i])
            for i, name in enumerate(CATEGORIES)
            if self.either[i] > 0
        }


def _counts(thing: Thing) -> bool:
    near = float(np.linalg.norm(thing.center_base[:2])) < MAX_RANGE_M
    return thing.pixels >= MIN_PIXELS and near


def _nearest(percept: ObjectPercept, free: dict[int, Thing]) -> int | None:
    """The nearest free object of the percept's category within reach."""
    best, best_gap = None, np.inf
    for number, thing in free.items():
        if thing.category != percept.category:
            continue
        reach = max(0.25, 0.5 * float(np.linalg.norm(thing.size[:2])))
        gap = float(np.linalg.norm(percept.center_base[:2] - thing.center_base[:2]))
        if gap < min(reach, best_gap):
            best, best_gap = number, gap
    return best
