"""The detector `coco`: SSD-MobileNetV2 for 80 kinds of things, run by OpenCV.

Sandler et al. 2018 (network), Lin et al. 2014 (pictures). Twenty-one of its names are
things that the robot knows. It sees more than `openimages` and takes longer.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained.boxes import Box, suppress
from neural_brain.models.pretrained.files import COCO, COCO_GRAPH

KNOWN = {
    37: "ball", 44: "bottle", 47: "mug", 51: "bowl", 52: "banana", 53: "apple",
    62: "chair", 63: "sofa", 64: "plant", 65: "bed", 67: "table", 70: "toilet",
    72: "tv", 73: "laptop", 79: "oven", 81: "sink", 82: "fridge", 84: "book",
    85: "clock", 86: "vase", 88: "teddy",
}  # fmt: skip
"""The robot's word for the network's class."""
SIDE = 300


class CocoNet:
    """Finds chairs, sofas, books and 18 other kinds of things in pictures.

    Args:
        least: scores below this are dropped.

    Raises:
        ModelFileError: if a file is missing or damaged, or OpenCV cannot read it.
    """

    def __init__(self, least: float = 0.35) -> None:
        weights = np.frombuffer(COCO.read(), np.uint8)
        graph = np.frombuffer(COCO_GRAPH.read(), np.uint8)
        try:
            self._net = cv2.dnn.readNetFromTensorflow(weights, graph)
        except cv2.error as error:
            raise ModelFileError(
                f"OpenCV {cv2.__version__} cannot read {COCO.path} "
                f"({str(error).strip()[:200]}). Type `pip install "
                "opencv-python-headless==4.11.0.86`."
            ) from error
        self.least = least

    def find(self, rgb: NDArray[np.uint8]) -> list[Box]:
        """Things in a picture (h, w, 3), surest first; one box for each thing."""
        self._net.setInput(cv2.dnn.blobFromImage(rgb, size=(SIDE, SIDE)))
        rows = self._net.forward()[
            0, 0
        ]  # image, class, score, left, top, right, bottom
        found = [
            Box(
                category=KNOWN[int(row[1])],
                score=float(row[2]),
                corners=np.clip(row[[4, 3, 6, 5]], 0.0, 1.0).astype(np.float32),
            )
            for row in rows
            if row[2] >= self.least and int(row[1]) in KNOWN
        ]
        return suppress(found)
