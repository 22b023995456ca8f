"""Boxes around things in a colour picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
SAME, OTHER = 0.5, 0.7
"""Common share of two boxes above which they show one thing: of one name, of two."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A thing in a picture.

    Attributes:
        category: one of `CATEGORIES`.
        score: probability 0..1, as the network says.
        corners: (4,) top, left, bottom, right: shares of the picture's height, width.
    """

    category: str
    score: float
    corners: Float32


class BoxFinder(Protocol):
    """Finds known things in pictures."""

    def find(self, rgb: NDArray[np.uint8]) -> list[Box]:
        """Things in a picture (h, w, 3), surest first; one box for each thing."""


def suppress(boxes: list[Box]) -> list[Box]:
    """Of boxes that show one thing only the surest, surest first."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda b: -b.score):
        if not any(_same(box, other) for other in kept):
            kept.append(box)
    return kept


def overlap(a: Float32, b: Float32) -> float:
    """Intersection over union of two boxes (4,), 0..1."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    both = float(np.prod(np.maximum(high - low, 0.0)))
    either = float(np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2])) - both
    return both / either if either > 0.0 else 0.0


def _same(a: Box, b: Box) -> bool:
    limit = SAME if a.category == b.category else OTHER
    return overlap(a.corners, b.corners) > limit
