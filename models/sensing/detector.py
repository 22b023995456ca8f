"""What finds objects: the contract, and an oracle that reads the simulator's labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.sensing.instances import InstanceConfig, describe_instances
from neural_brain.models.signals import ObjectPercept, RgbdFrame

Labels = NDArray[np.int32]


class Detector(Protocol):
    """Finds named objects in a camera frame."""

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """Objects seen in the frame, in `base_link` at the frame's stamp."""


class NoDetector:
    """Sees no objects; for robots that only map."""

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """Nothing, always."""
        return ()


class SegmentationDetector:
    """An ORACLE: reads true class and instance images instead of looking.

    It serves to tell errors of seeing from errors of everything else. Results that
    use it must say so.

    Args:
        labels: gives for a frame its class image (index into `CATEGORIES`, 0 =
            background) and instance image (any positive number per object), both
            (h, w); None when the simulator has no labels for that frame.
        config: size limits of what counts as seen.
    """

    oracle = True

    def __init__(
        self,
        labels: Callable[[RgbdFrame], tuple[Labels, Labels] | None],
        config: InstanceConfig | None = None,
    ) -> None:
        self._labels = labels
        self._config = config or InstanceConfig()

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """The labelled objects that have enough pixels with depth."""
        found = self._labels(frame)
        if found is None:
            return ()
        classes, instances = found
        known = (classes > 0) & (classes < len(CATEGORIES)) & (instances > 0)
        pieces = np.where(known, instances, 0)
        score = known.astype(np.float32)
        return describe_instances(frame, classes, pieces, score, self._config)
