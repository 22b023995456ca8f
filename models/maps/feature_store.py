"""Slots for features in space: plain arrays of a fixed budget, found by voxel.

An entry costs `ENTRY_BYTES`: the feature in one byte a number, the place in whole
centimetres, stamp, surprise and how many views it stands for. That is what a file of it
needs; the index by voxel is made anew from the places.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.maps.patches import DIMENSION, Float32

SCALE = 255.0
ENTRY_BYTES = DIMENSION + 3 * 2 + 4 + 4 + 2
Voxel = tuple[int, int, int]


class FeatureStore:
    """At most `capacity` entries; slots 0..size-1 are in use.

    Args:
        capacity: number of slots.
        voxel_m: side of a voxel [m].
    """

    def __init__(self, capacity: int, voxel_m: float) -> None:
        self.capacity = capacity
        self.voxel_m = voxel_m
        self.size = 0
        # By columns, as a question reads few of them.
        self._codes = np.zeros((capacity, DIMENSION), np.uint8, order="F")
        self._places_cm = np.zeros((capacity, 3), np.int16)
        self.stamps = np.zeros(capacity, np.float32)
        self.surprise = np.zeros(capacity, np.float32)
        self.views = np.zeros(capacity, np.uint16)
        self._voxels: list[Voxel] = []
        self._slots: dict[Voxel, list[int]] = {}

    @property
    def full(self) -> bool:
        """Whether no slot is left."""
        return self.size >= self.capacity

    @property
    def used_bytes(self) -> int:
        """What the entries cost."""
        return self.size * ENTRY_BYTES

    def voxel_of(self, xyz: Array) -> Voxel:
        """The voxel of a point (3,) [m]."""
        x, y, z = np.floor(xyz / self.voxel_m).tolist()
        return int(x), int(y), int(z)

    def in_voxel(self, voxel: Voxel) -> list[int]:
        """Slots of the entries in one voxel."""
        return self._slots.get(voxel, [])

    def around(self, voxel: Voxel, hops: int) -> list[int]:
        """Slots of the entries at most `hops` voxels away along every axis."""
        x, y, z = voxel
        span = range(-hops, hops + 1)
        found: list[int] = []
        for dx, dy, dz in product(span, span, span):
            here = self._slots.get((x + dx, y + dy, z + dz))
            if here:
                found += here
        return found

    def features(self, slots: list[int] | slice) -> Float32:
        """Features (n, DIMENSION) of unit length, as far as one byte holds them."""
        return self._codes[slots].astype(np.float32) * np.float32(1.0 / SCALE)

    def weighted(self, first: int, weights: Float32) -> Float32:
        """Sums (n,) of the features' numbers from `first` on, by weights (k,)."""
        total: Float32 | None = None
        for k in np.flatnonzero(weights).tolist():
            column = self._codes[: self.size, first + k]
            part = column * np.float32(weights[k] / SCALE)
            total = part if total is None else np.add(total, part, out=total)
        return np.zeros(self.size, np.float32) if total is None else total

    def places(self, slots: NDArray[np.intp] | slice) -> Array:
        """Places (n, 3) [m]."""
        return self._places_cm[slots].astype(np.float64) * 0.01

    def add(self, xyz: Array, feature: Float32, stamp: float, surprise: float) -> int:
        """Put an entry into a free slot; returns the slot."""
        slot = self.size
        self.size += 1
        self._voxels.append((0, 0, 0))
        self._fill(slot, xyz, feature, stamp=stamp, surprise=surprise)
        return slot

    def replace(
        self, slot: int, xyz: Array, feature: Float32, stamp: float, surprise: float
    ) -> int:
        """Forget an entry and put another into its slot; returns the slot."""
        self._leave(slot)
        self._fill(slot, xyz, feature, stamp=stamp, surprise=surprise)
        return slot

    def merge(self, slot: int, feature: Float32, stamp: float) -> None:
        """Join one more view with an entry: the mean of its features, the new stamp."""
        views = int(self.views[slot])
        mean = self.features([slot])[0] * views + feature
        mean /= max(float(np.linalg.norm(mean)), 1e-9)
        self._codes[slot] = np.round(mean * SCALE)
        self.stamps[slot] = stamp
        self.views[slot] = min(views + 1, 50)  # so that it can still change

    def remove(self, slots: NDArray[np.intp]) -> list[tuple[int, int]]:
        """Forget entries; the last ones move into the gaps.

        Returns:
            The moves as (old slot, new slot), in order.
        """
        moves = []
        for slot in sorted(slots.tolist(), reverse=True):
            self._leave(slot)
            last = self.size - 1
            if slot != last:
                self._slots[self._voxels[last]].remove(last)
                self._slots[self._voxels[last]].append(slot)
                self._voxels[slot] = self._voxels[last]
                for array in (self._codes, self._places_cm):
                    array[slot] = array[last]
                for column in (self.stamps, self.surprise, self.views):
                    column[slot] = column[last]
                moves.append((last, slot))
            self._voxels.pop()
            self.size -= 1
        return moves

    def _fill(
        self, slot: int, xyz: Array, feature: Float32, *, stamp: float, surprise: float
    ) -> None:
        voxel = self.voxel_of(xyz)
        self._codes[slot] = np.round(feature * SCALE)
        self._places_cm[slot] = np.clip(np.round(xyz * 100.0), -32768, 32767)
        self.stamps[slot], self.surprise[slot] = stamp, surprise
        self.views[slot] = 1
        self._voxels[slot] = voxel
        self._slots.setdefault(voxel, []).append(slot)

    def _leave(self, slot: int) -> None:
        voxel = self._voxels[slot]
        here = self._slots[voxel]
        here.remove(slot)
        if not here:
            del self._slots[voxel]
