"""The default detector: a small network labels pixels, patches become objects."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.sensing.agreement import agree
from neural_brain.models.sensing.inputs import colour_channels, geometry_channels
from neural_brain.models.sensing.instances import InstanceConfig, describe_instances
from neural_brain.models.sensing.net import NumpyEngine, forward
from neural_brain.models.signals import ObjectPercept, RgbdFrame
from neural_brain.models.weights import load_weights

VERSION = 1
SHIPPED = Path(__file__).resolve().parent / "weights" / "detector.safetensors"


class NetDetector:
    """Finds objects of `CATEGORIES` in colour and depth, without torch.

    Args:
        weights: safetensors file; None = shipped with the package.
        config: when a patch counts as an object.

    Raises:
        ModelFileError: if the weights are missing, damaged or of another version.
    """

    def __init__(
        self, weights: str | Path | None = None, config: InstanceConfig | None = None
    ) -> None:
        path = weights or SHIPPED
        tensors, self.card = load_weights(path, name="detector", version=VERSION)
        self.config = config or InstanceConfig()
        self._engine = NumpyEngine(tensors)

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """Objects seen in the frame, surest first."""
        return self.describe(frame, *self.segment(frame))

    def describe(
        self,
        frame: RgbdFrame,
        classes: NDArray[np.int32],
        probability: NDArray[np.float32],
    ) -> tuple[ObjectPercept, ...]:
        """Objects in a frame that `segment` has labelled, surest first."""
        depth = np.asarray(frame.depth, np.float32)[1::2, 1::2]
        classes = agree(classes, probability, depth)
        pieces = split(classes, depth)
        return describe_instances(
            frame, classes, pieces, probability, self.config, merge=True
        )

    def segment(
        self, frame: RgbdFrame
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Class and its probability, both (h // 2, w // 2)."""
        height, width = (size // 2 for size in frame.depth.shape)
        even = frame.rgb[: 2 * height, : 2 * width]
        rgb = _padded(colour_channels(even), 16)
        geometry = _padded(geometry_channels(frame), 8)
        scores = forward(self._engine, rgb, geometry)
        scores = scores[:, :height, :width]
        classes = scores.argmax(axis=0)
        scores -= scores.max(axis=0)
        np.exp(scores, out=scores)
        return classes.astype(np.int32), 1.0 / scores.sum(axis=0)


def split(classes: NDArray[np.int32], depth: NDArray[np.float32]) -> NDArray[np.int32]:
    """Number connected pieces of one class (h, w) that depth does not tear apart.

    A pixel whose depth jumps against its left or upper neighbour by more than 6 cm
    plus 4 % starts a new piece there.
    """
    pieces = np.zeros(classes.shape, np.int32)
    known = np.nan_to_num(depth, nan=0.0)
    limit = 0.06 + 0.04 * known
    torn = np.zeros(classes.shape, np.bool_)
    same = classes[:, 1:] == classes[:, :-1]
    torn[:, 1:] |= same & (np.abs(np.diff(known, axis=1)) > limit[:, 1:])
    same = classes[1:] == classes[:-1]
    torn[1:] |= same & (np.abs(np.diff(known, axis=0)) > limit[1:])
    count = 0
    for label in np.unique(classes):
        if not 0 < label < len(CATEGORIES):
            continue
        mask = ((classes == label) & ~torn).astype(np.uint8)
        found, numbers = cv2.connectedComponents(mask, connectivity=8)
        pieces = np.where(numbers > 0, numbers + count, pieces)
        count += found - 1
    return pieces


def _padded(x: NDArray[np.float32], multiple: int) -> NDArray[np.float32]:
    """Zeros added below and to the right until the size is a multiple."""
    extra = [(0, 0)] + [(0, -size % multiple) for size in x.shape[1:]]
    return np.pad(x, extra) if any(b for _, b in extra) else x
