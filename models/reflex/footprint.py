"""A rectangular base as the discs that the reflex reckons with."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array

EXCESS_M = 0.03
"""Discs reach no farther beyond the sides than this."""


def rectangle(length_m: float, width_m: float, centre_m: float = 0.0) -> Array:
    """Discs (k, 3), centre x, y and radius [m] in `base_link`, over a rectangle's rim.

    Large ones along the middle cover the long sides, small ones the corners. What is
    inside came over the rim, so it need not be covered.

    Args:
        length_m: along x.
        width_m: along y.
        centre_m: x of its middle.
    """
    half, long = 0.5 * min(length_m, width_m), 0.5 * max(length_m, width_m)
    chord = math.sqrt((half + EXCESS_M) ** 2 - half**2)  # half of what one covers
    corner = max(half - chord, 0.0)  # what the outermost leave of each side
    between = max(math.ceil((long - half) / chord - 1e-9), 1)
    centres = (long - half) * np.linspace(-1.0, 1.0, between + 1)
    discs = [(x, 0.0, half + EXCESS_M) for x in np.unique(centres)]
    parts = math.ceil(corner * (math.sqrt(2.0) - 1.0) / (2.0 * EXCESS_M))
    for i, j in ((i, j) for i in range(parts) for j in range(parts) if i * j == 0):
        side = corner / parts
        x, y = long - (i + 0.5) * side, half - (j + 0.5) * side
        signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
        discs += [(a * x, b * y, side / math.sqrt(2.0)) for a, b in signs]
    found = np.array(discs)
    if width_m > length_m:
        found = found[:, [1, 0, 2]]
    return found + np.array([centre_m, 0.0, 0.0])


def corner_m(length_m: float, width_m: float, centre_m: float = 0.0) -> float:
    """Distance [m] of the farthest corner of that rectangle from the origin."""
    return math.hypot(0.5 * length_m + abs(centre_m), 0.5 * width_m)
