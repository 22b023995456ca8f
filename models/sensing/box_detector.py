"""Detectors for real cameras: a box in the colour picture, the thing in it by depth.

A pretrained network puts boxes around what it knows. A box also holds wall, floor and
what stands before the thing, so the thing is cut out by depth: the surface in the
middle of the box, as far as it goes on without a jump and no deeper than the thing can
be. From there on it is described like any labelled pixels.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.pretrained import Box, BoxFinder, CocoNet, OpenImagesNet
from neural_brain.models.sensing.instances import InstanceConfig, describe_instances
from neural_brain.models.sensing.obstacles import points_in_base
from neural_brain.models.sensing.sizes import LONGEST_EDGE_M
from neural_brain.models.signals import ObjectPercept, RgbdFrame

Float32 = NDArray[np.float32]
NETWORKS: dict[str, Callable[[], BoxFinder]] = {
    "coco": CocoNet,
    "openimages": OpenImagesNet,
}
MIDDLE = 0.25
"""Share of a box cut off at each side to get its middle."""
NEAR_SHARE = 0.3
"""The surface looked for is at this quantile of the depths in the middle."""
FLOOR_M = 0.03
"""Lower points are floor."""
STEP = 2


class BoxDetector:
    """Finds objects with a network that was trained on photographs.

    It can be pickled: the network is loaded anew where it is used.

    Args:
        network: "coco" or "openimages".
        config: when a patch counts as an object.

    Raises:
        ModelFileError: if the network was not fetched, or its file is damaged.
    """

    def __init__(self, network: str, config: InstanceConfig | None = None) -> None:
        self.network = network
        self.config = config or InstanceConfig()
        self._finder: BoxFinder = NETWORKS[network]()

    def __reduce__(self) -> tuple[type[BoxDetector], tuple[str, InstanceConfig]]:
        """How to make the same detector in another process."""
        return BoxDetector, (self.network, self.config)

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """Objects seen in the frame, surest first."""
        boxes = self._finder.find(np.ascontiguousarray(frame.rgb))
        return place(frame, boxes, self.config)


def place(
    frame: RgbdFrame, boxes: list[Box], config: InstanceConfig
) -> tuple[ObjectPercept, ...]:
    """Objects from boxes, surest first; boxes without usable depth are dropped.

    Args:
        frame: what the boxes were found in.
        boxes: surest first; of pixels in two boxes the smaller box has them.
        config: when a patch counts as an object.
    """
    depth = np.asarray(frame.depth, np.float32)[STEP // 2 :: STEP, STEP // 2 :: STEP]
    height = points_in_base(frame)[STEP // 2 :: STEP, STEP // 2 :: STEP, 2]
    usable = np.isfinite(height) & (height > FLOOR_M)
    focal = float(frame.K[0, 0]) / STEP
    classes = np.zeros(depth.shape, np.int32)
    pieces = np.zeros(depth.shape, np.int32)
    score = np.zeros(depth.shape, np.float32)
    by_size = sorted(enumerate(boxes, 1), key=lambda item: -_area(item[1]))
    for number, box in by_size:
        rows, columns = _window(box, depth.shape)
        inside = cut_out(depth[rows, columns], usable[rows, columns], box, focal)
        classes[rows, columns][inside] = CATEGORIES.index(box.category)
        pieces[rows, columns][inside] = number
        score[rows, columns][inside] = box.score
    return describe_instances(frame, classes, pieces, score, config, whole=True)


def cut_out(
    depth: Float32, usable: NDArray[np.bool_], box: Box, focal: float
) -> NDArray[np.bool_]:
    """Pixels (h, w) of the thing in a box.

    Args:
        depth: of the box (h, w) [m].
        usable: where it is known and above the floor (h, w).
        box: what is looked for.
        focal: focal length [pixels of `depth`].
    """
    h, w = depth.shape
    middle = np.zeros(depth.shape, np.bool_)
    y, x = int(MIDDLE * h), int(MIDDLE * w)
    middle[y : h - y, x : w - x] = True
    seeds = depth[middle & usable]
    if seeds.size == 0:
        return np.zeros(depth.shape, np.bool_)
    surface = float(np.quantile(seeds, NEAR_SHARE))
    widest = max(h, w) * surface / focal
    reach = min(widest, LONGEST_EDGE_M[box.category][1])
    near = usable & (np.abs(depth - surface) <= 0.05 + 0.6 * reach)
    count, parts = cv2.connectedComponents(
        (near & ~_torn(depth)).astype(np.uint8), connectivity=4
    )
    if count <= 1:
        return np.zeros(depth.shape, np.bool_)
    votes = np.bincount(parts[middle], minlength=count)
    votes[0] = 0
    return np.asarray(parts == votes.argmax()) & (votes.max() > 0)


def _torn(depth: Float32) -> NDArray[np.bool_]:
    """Pixels whose depth jumps by 6 cm plus 4 % against the left or upper one."""
    limit = 0.06 + 0.04 * depth
    torn = np.zeros(depth.shape, np.bool_)
    torn[:, 1:] |= np.abs(np.diff(depth, axis=1)) > limit[:, 1:]
    torn[1:] |= np.abs(np.diff(depth, axis=0)) > limit[1:]
    return torn


def _area(box: Box) -> float:
    return float(np.prod(box.corners[2:] - box.corners[:2]))


def _window(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a box in an image of this shape; at least one of each."""
    top, left, bottom, right = (float(x) for x in box.corners)
    h, w = shape
    y, x = min(int(top * h), h - 1), min(int(left * w), w - 1)
    return (
        slice(y, max(int(np.ceil(bottom * h)), y + 1)),
        slice(x, max(int(np.ceil(right * w)), x + 1)),
    )
