"""Feature map: what every spot of a home looks like, within a budget of bytes.

Patches of camera frames are written by one of three rules (`feature_writers.py`) and
found again by a feature, or by words, as ranked places. The features are those of
`patches.py`. The map stands on its own: it is not part of a map snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.config import param, validate
from neural_brain.models.geometry import (
    Array,
    inverse3,
    matrix_from_pose2,
    transform3,
)
from neural_brain.models.maps.feature_store import ENTRY_BYTES, FeatureStore
from neural_brain.models.maps.feature_writers import (
    MeanWriter,
    MergeWriter,
    RandomWriter,
    Writer,
)
from neural_brain.models.maps.patches import DIMENSION, Float32, Patches
from neural_brain.models.signals import RgbdFrame

WRITERS = ("random", "mean", "merge")
MOST_LOOKED_AT = 4096  # entries of a large map whose places are looked at first
MOST_SORTED = 1 << 16  # to find out which ones those are
ALIKE = 0.9  # an entry of a place is at least so much as like as its best one
_PARTS = (slice(0, len(CATEGORIES)), slice(len(CATEGORIES), DIMENSION))


@dataclass(frozen=True, kw_only=True)
class FeatureConfig:
    """Budget, voxels and what counts as surprising."""

    writer: str = param("merge", "rule that decides what is kept", choices=WRITERS)
    budget_bytes: int = param(65536, "memory for the entries", low=64, high=10**9)
    voxel_m: float = param(0.25, "side of a voxel", low=0.02, high=2.0)
    hops: int = param(1, "voxels around that are compared", low=0, high=3)
    per_voxel: int = param(10, "entries of a voxel (random, mean)", low=1, high=1000)
    mean_threshold: float = param(0.5, "least surprise, mean", low=0.0, high=2.0)
    merge_threshold: float = param(0.1, "least surprise, merge", low=0.0, high=2.0)
    prior_known: bool = param(True, "expect the average where nothing is known (merge)")
    reach_m: float = param(0.5, "entries this near are one place", low=0.05, high=5.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class FeaturePlace:
    """An answer: `xyz` (3,) [m] in `map`, likeness 0..1, and when it was last seen."""

    xyz: Array
    likeness: float
    last_seen: float


class FeatureMap:
    """Features in space with a budget.

    Args:
        config: budget and rule.
        generator: for the rule that forgets at random.
    """

    def __init__(
        self,
        config: FeatureConfig | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        self.config = c = config or FeatureConfig()
        capacity = max(1, c.budget_bytes // ENTRY_BYTES)
        self.store = FeatureStore(capacity, c.voxel_m)
        self._writer = _make_writer(c, generator or np.random.default_rng(0))

    @property
    def used_bytes(self) -> int:
        """What the entries cost; never more than the budget."""
        return self.store.used_bytes

    def write(self, patches: Patches) -> NDArray[np.intp]:
        """Take in one frame; returns the slot of each patch (n,), -1 = not kept."""
        return np.array(
            [
                self._writer.write(self.store, xyz, feature, patches.stamp)
                for xyz, feature in zip(patches.xyz, patches.features, strict=True)
            ],
            dtype=np.intp,
        )

    def query(self, feature: Float32, limit: int = 3) -> list[FeaturePlace]:
        """The places that look most like a feature (DIMENSION,), best first.

        Likeness is the product of how well category and colour fit, so that a place
        must fit both; a part that the feature leaves open fits everything.
        """
        if feature.shape != (DIMENSION,):
            raise ValueError(
                f"feature has shape {feature.shape}; expected ({DIMENSION},), as "
                "frame_patches and word_feature give it"
            )
        likeness = self._likeness(feature)
        if likeness.size > MOST_LOOKED_AT:
            least = ALIKE * _about_kth(likeness, MOST_LOOKED_AT)
            found = self._best(np.flatnonzero(likeness >= least), likeness, limit)
            if len(found) == limit:  # none that was left out could come before
                return found
        return self._best(np.flatnonzero(likeness > 0.0), likeness, limit)

    def _likeness(self, feature: Float32) -> Float32:
        """Likeness (n,) in 0..1 of all entries with a feature (DIMENSION,).

        Only the numbers that the feature has are read: words have one of each part.
        """
        likeness = np.ones(self.store.size, np.float32)
        for part in _PARTS:
            length = float(np.linalg.norm(feature[part]))
            if length > 0.0:
                weights = feature[part] * np.float32(np.sqrt(2) / length)
                likeness *= self.store.weighted(part.start, weights)
        return likeness

    def _best(
        self, slots: NDArray[np.intp], likeness: Float32, limit: int
    ) -> list[FeaturePlace]:
        """The best places among some entries (k,), by the likeness (n,) of all."""
        xyz, likeness = self.store.places(slots), likeness[slots]
        stamps, left = self.store.stamps[slots], likeness.copy()
        found: list[FeaturePlace] = []
        while len(found) < limit and left.max(initial=0.0) > 0.0:
            best = int(np.argmax(left))
            near = np.linalg.norm(xyz - xyz[best], axis=1) < self.config.reach_m
            alike = near & (likeness > ALIKE * likeness[best])
            found.append(
                FeaturePlace(
                    xyz=np.average(xyz[alike], axis=0, weights=likeness[alike]),
                    likeness=float(likeness[best]),
                    last_seen=float(stamps[alike].max()),
                )
            )
            apart = np.hypot(*(xyz[:, :2] - xyz[best, :2]).T)
            left[apart < 2.0 * self.config.reach_m] = 0.0
        return found

    def forget_seen_through(
        self, frame: RgbdFrame, pose_map_base: Array, margin_m: float = 0.3
    ) -> list[tuple[int, int]]:
        """Drop entries that the camera now looks through: their thing is gone.

        Args:
            frame: depth (h, w) of this moment.
            pose_map_base: (3,) at the frame's stamp.
            margin_m: how far behind an entry the first surface must lie.

        Returns:
            Which slots were moved into the gaps, as (old, new), in order.
        """
        T_camera_map = inverse3(matrix_from_pose2(pose_map_base) @ frame.T_base_camera)
        points = transform3(T_camera_map, self.store.places(slice(0, self.store.size)))
        depth = np.nan_to_num(np.asarray(frame.depth, np.float32))
        h, w = depth.shape
        with np.errstate(divide="ignore", invalid="ignore"):
            pixel = points @ frame.K.T
            column = np.floor(pixel[:, 0] / pixel[:, 2] + 0.5)
            row = np.floor(pixel[:, 1] / pixel[:, 2] + 0.5)
            seen = (points[:, 2] > 0.3) & (column >= 2) & (column < w - 2)
            seen &= (row >= 2) & (row < h - 2)
        index = np.flatnonzero(seen)
        r, c = row[index].astype(int), column[index].astype(int)
        around = [depth[r + dr, c + dc] for dr in (-2, 0, 2) for dc in (-2, 0, 2)]
        nearest = np.min(around, axis=0)  # 0 where any of them is not known
        margin = margin_m + 0.05 * points[index, 2]
        return self.store.remove(index[nearest > points[index, 2] + margin])


def _about_kth(values: Float32, k: int) -> float:
    """About the k-th largest of many values, from some of them."""
    some = values[:: max(1, values.size // MOST_SORTED)]
    at = some.size - max(1, k * some.size // values.size)
    return float(np.partition(some, at)[at])


def _make_writer(config: FeatureConfig, generator: np.random.Generator) -> Writer:
    if config.writer == "random":
        return RandomWriter(config.per_voxel, generator)
    if config.writer == "mean":
        return MeanWriter(config.mean_threshold, config.hops, config.per_voxel)
    return MergeWriter(config.merge_threshold, config.hops, prior=config.prior_known)
