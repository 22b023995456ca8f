"""A detector without learning of features: depth clusters, nearest class centroid.

Pixels off the floor are joined while depth and surface direction change smoothly.
Each cluster is described by extent, height and mean colour; its class is that of the
nearest mean of the training clusters in standardised units.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.sensing import (
    InstanceConfig,
    describe_instances,
    points_in_base,
)
from neural_brain.models.sensing.inputs import geometry_channels
from neural_brain.models.signals import ObjectPercept, RgbdFrame
from neural_brain.sim.datasets import LabelledFrame

_MIN_PIXELS = 8


class CentroidDetector:
    """Nearest-centroid classification of depth clusters.

    Args:
        frames: labelled frames from which the centroids are taken.
    """

    def __init__(self, frames: Iterable[LabelledFrame]) -> None:
        rows, labels = [], []
        for labelled in frames:
            pieces = clusters(labelled.frame)
            truth = labelled.classes[1::2, 1::2]
            for number, row in features(labelled.frame, pieces).items():
                share = np.bincount(truth[pieces == number], minlength=len(CATEGORIES))
                if share.max() > 0.6 * share.sum():
                    rows.append(row)
                    labels.append(int(share.argmax()))
        table, names = np.array(rows), np.array(labels)
        self._mean, self._std = table.mean(axis=0), table.std(axis=0) + 1e-6
        table = (table - self._mean) / self._std
        self._labels = np.unique(names)
        self._centroids = np.stack(
            [table[names == label].mean(axis=0) for label in self._labels]
        )
        self._config = InstanceConfig()

    def segment(self, frame: RgbdFrame) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Class and cluster number of every second pixel, both (h // 2, w // 2)."""
        pieces = clusters(frame)
        classes = np.zeros_like(pieces)
        for number, row in features(frame, pieces).items():
            gaps = np.linalg.norm(
                self._centroids - (row - self._mean) / self._std, axis=1
            )
            classes[pieces == number] = self._labels[gaps.argmin()]
        return classes, np.where(classes > 0, pieces, 0)

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """Objects seen in the frame."""
        classes, pieces = self.segment(frame)
        score = (pieces > 0).astype(np.float32)
        return describe_instances(frame, classes, pieces, score, self._config)


def clusters(frame: RgbdFrame) -> NDArray[np.int32]:
    """Number the smooth surfaces off the floor, (h // 2, w // 2), 0 = floor."""
    known, _, height, upward = geometry_channels(frame)
    depth = np.nan_to_num(frame.depth[1::2, 1::2])
    solid = (known > 0.0) & (height > -0.67)
    edge = np.zeros(solid.shape, np.bool_)
    limit = 0.05 + 0.03 * depth
    edge[:, 1:] |= np.abs(np.diff(depth, axis=1)) > limit[:, 1:]
    edge[1:] |= np.abs(np.diff(depth, axis=0)) > limit[1:]
    edge[:, 1:] |= np.abs(np.diff(upward, axis=1)) > 0.5
    edge[1:] |= np.abs(np.diff(upward, axis=0)) > 0.5
    _, pieces = cv2.connectedComponents((solid & ~edge).astype(np.uint8))
    return np.asarray(pieces, np.int32)


def features(
    frame: RgbdFrame, pieces: NDArray[np.int32]
) -> dict[int, NDArray[np.float64]]:
    """Extent (3), lowest and mean height, colour (3) of every large cluster."""
    points = points_in_base(frame)[1::2, 1::2].reshape(-1, 3).astype(float)
    rgb = frame.rgb[1::2, 1::2].reshape(-1, 3).astype(float)
    flat = pieces.ravel()
    rows = {}
    for number in range(1, int(flat.max()) + 1):
        index = np.flatnonzero(flat == number)
        if index.size < _MIN_PIXELS:
            continue
        low, high = np.quantile(points[index], [0.04, 0.96], axis=0)
        width = np.sort(high[:2] - low[:2])
        colour = np.median(rgb[index], axis=0)
        rows[number] = np.array(
            [*width, high[2] - low[2], low[2], points[index, 2].mean(), *colour]
        )
    return rows
