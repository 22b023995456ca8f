"""Which views a feature map keeps: three rules behind one call.

`random` is what the released code of BSC-Nav (arXiv 2508.17198) runs: append until a
voxel holds its number, then overwrite one of it at random. `mean` is the rule of its
paper: keep what differs on average from the features around it; when there is no room,
the least surprising entry goes. `merge` measures surprise by the nearest feature around
it and joins what is not surprising with that one; where nothing is known yet it expects
the average of all that was seen so far, so that bare walls surprise nobody.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps.feature_store import FeatureStore
from neural_brain.models.maps.patches import DIMENSION, Float32

UNKNOWN = 2.0  # surprise where there is nothing to compare with: the largest distance


class Writer(Protocol):
    """Decides about one feature at a time."""

    def write(
        self, store: FeatureStore, xyz: Array, feature: Float32, stamp: float
    ) -> int:
        """The slot that the feature went into, -1 = it was not kept."""


class RandomWriter:
    """Append, then overwrite at random: in a full voxel there, else anywhere.

    Args:
        per_voxel: entries that a voxel holds.
        generator: for the choice of what is overwritten.
    """

    def __init__(self, per_voxel: int, generator: np.random.Generator) -> None:
        self._per_voxel = per_voxel
        self._generator = generator

    def write(
        self, store: FeatureStore, xyz: Array, feature: Float32, stamp: float
    ) -> int:
        """Always keeps the feature."""
        here = store.in_voxel(store.voxel_of(xyz))
        if len(here) >= self._per_voxel:
            victim = here[int(self._generator.integers(len(here)))]
            return store.replace(victim, xyz, feature, stamp, 0.0)
        if store.full:
            victim = int(self._generator.integers(store.size))
            return store.replace(victim, xyz, feature, stamp, 0.0)
        return store.add(xyz, feature, stamp, 0.0)


class MeanWriter:
    """Keep a feature whose mean cosine distance to those around exceeds a threshold.

    Args:
        threshold: least surprise that is kept.
        hops: how many voxels around are looked at.
        per_voxel: entries that a voxel holds.
    """

    def __init__(self, threshold: float, hops: int, per_voxel: int) -> None:
        self._threshold = threshold
        self._hops = hops
        self._per_voxel = per_voxel

    def write(
        self, store: FeatureStore, xyz: Array, feature: Float32, stamp: float
    ) -> int:
        """Keeps what is surprising enough."""
        voxel = store.voxel_of(xyz)
        around = store.around(voxel, self._hops)
        surprise = UNKNOWN
        if around:
            surprise = 1.0 - float((store.features(around) @ feature).mean())
        if surprise <= self._threshold:
            return -1
        here = store.in_voxel(voxel)
        if len(here) >= self._per_voxel:
            victim = min(here, key=lambda slot: store.surprise[slot])
            return store.replace(victim, xyz, feature, stamp, surprise)
        return _place(store, xyz, feature, stamp, surprise)


class MergeWriter:
    """Keep what is far from every feature around it; join the rest with the nearest.

    Args:
        threshold: least surprise that is kept.
        hops: how many voxels around are looked at.
        prior: whether the average of all features so far counts as known everywhere.
    """

    def __init__(self, threshold: float, hops: int, *, prior: bool = True) -> None:
        self._threshold = threshold
        self._hops = hops
        self._prior = prior
        self._sum = np.zeros(DIMENSION, np.float32)

    def write(
        self, store: FeatureStore, xyz: Array, feature: Float32, stamp: float
    ) -> int:
        """Keeps it, or joins it with an entry, or knows it anyway (-1)."""
        expected = UNKNOWN
        if self._prior:
            self._sum += feature
            length = max(float(np.linalg.norm(self._sum)), 1e-9)
            expected = 1.0 - float(self._sum @ feature) / length
        around = store.around(store.voxel_of(xyz), self._hops)
        nearest = UNKNOWN
        if around:
            gaps = 1.0 - store.features(around) @ feature
            k = int(np.argmin(gaps))
            nearest = float(gaps[k])
            if nearest <= min(self._threshold, expected):
                store.merge(around[k], feature, stamp)
                return around[k]
        surprise = min(nearest, expected)
        if surprise <= self._threshold:
            return -1
        return _place(store, xyz, feature, stamp, surprise)


def _place(
    store: FeatureStore, xyz: Array, feature: Float32, stamp: float, surprise: float
) -> int:
    """Into a free slot, or instead of the least surprising entry if it is less so."""
    if not store.full:
        return store.add(xyz, feature, stamp, surprise)
    victim = int(np.argmin(store.surprise[: store.size]))
    if store.surprise[victim] >= surprise:
        return -1
    return store.replace(victim, xyz, feature, stamp, surprise)
