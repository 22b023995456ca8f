"""Pixels of one small thing agree on one name: the network's patches are voted on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES, SMALL_OBJECTS

_SMALL = np.array([name in SMALL_OBJECTS for name in CATEGORIES])
MAJORITY = 0.55
"""Share of the votes from which a name takes the whole patch; below, parts stay."""


def agree(
    classes: NDArray[np.int32],
    probability: NDArray[np.float32],
    depth: NDArray[np.float32],
) -> NDArray[np.int32]:
    """Rename the minority pixels of small things that stand apart.

    A wheel that looks like a shoe is part of the toy car around it: connected pixels of
    any small category without a jump in depth form one patch, and the category with
    most probability in it takes all, if it has the majority.

    Args:
        classes: category index (h, w).
        probability: of that category (h, w).
        depth: (h, w) [m], 0 or NaN = unknown.
    """
    known = np.nan_to_num(depth, nan=0.0)
    limit = 0.04 + 0.02 * known
    small = _SMALL[classes]
    solid = small.copy()
    solid[:, 1:] &= np.abs(np.diff(known, axis=1)) <= limit[:, 1:]
    solid[1:] &= np.abs(np.diff(known, axis=0)) <= limit[1:]
    count, patch = cv2.connectedComponents(solid.astype(np.uint8), connectivity=8)
    if count <= 1:
        return classes
    votes = np.zeros((count, len(CATEGORIES)))
    np.add.at(votes, (patch[small], classes[small]), probability[small])
    winner = votes.argmax(axis=1)
    total = np.maximum(votes.sum(axis=1), 1e-9)
    clear = votes[np.arange(count), winner] >= MAJORITY * total
    clear[0] = False  # patch 0 is everything else
    renamed = classes.copy()
    change = clear[patch] & small
    renamed[change] = winner[patch[change]]
    return renamed
