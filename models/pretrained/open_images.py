"""The detector `openimages`: SSD-MobileNetV2 for 23 kinds of things, run by OpenCV.

Sandler et al. 2018 (network), Kuznetsova et al. 2020 (pictures); it is the first stage
of MediaPipe Objectron. Ten of its names are things that the robot knows.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained.anchors import CELLS, Anchors, decode, per_cell
from neural_brain.models.pretrained.boxes import Box, suppress
from neural_brain.models.pretrained.files import OPEN_IMAGES

Float32 = NDArray[np.float32]
KNOWN = {
    2: "shoe", 3: "laptop", 5: "chair", 7: "desk", 10: "tv", 11: "box", 12: "mug",
    13: "mug", 15: "table", 16: "bottle", 17: "shoe", 19: "shoe", 21: "book",
}  # fmt: skip
"""The robot's word for the network's class; 2, 17, 19: boot, high heels, footwear."""
SIDE = 300
_OUTPUTS = ("raw_outputs/box_encodings", "raw_outputs/class_predictions")
# What the file's own runtime (LiteRT 2.3.0) gives for `_card()`, at some anchors.
_AT = (100, 700, 1200, 1700, 1850, 1900, 1916)
_REFERENCE = np.array(
    [
        [1.3365, 1.0001, 0.9614, 1.4743],
        [0.5557, 0.0404, 0.3557, -0.2910],
        [-0.8964, -1.5759, 1.1964, -1.2877],
        [0.7885, 0.3244, -1.3878, 2.0190],
        [1.0737, -1.3357, -0.6361, -0.6174],
        [-0.7794, 1.8626, 0.1912, -0.9495],
        [0.0633, 0.0423, 0.0146, -0.2026],
    ]
)


class OpenImagesNet:
    """Finds chairs, tables, mugs and seven other kinds of things in pictures.

    Args:
        least: scores below this are dropped.

    Raises:
        ModelFileError: if the file is missing or damaged, or OpenCV reads it wrongly.
    """

    def __init__(self, least: float = 0.35) -> None:
        data = np.frombuffer(OPEN_IMAGES.read(), np.uint8)
        try:
            self._net = cv2.dnn.readNetFromTFLite(data)
        except (cv2.error, AttributeError) as error:
            raise _misread(str(error).strip()[:200]) from error
        self.least = least
        self._anchors = Anchors.of_ssd()
        self._scrambled = False
        self._check()

    def find(self, rgb: NDArray[np.uint8]) -> list[Box]:
        """Things in a picture (h, w, 3), surest first; one box for each thing."""
        small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        encoded, logits = self._run(small.astype(np.float32) / 127.5 - 1.0)
        scores = 1.0 / (1.0 + np.exp(-np.clip(logits[:, 1:], -50.0, 50.0)))
        labels = scores.argmax(axis=1) + 1
        best = scores.max(axis=1)
        likely = np.flatnonzero((best >= self.least) & np.isin(labels, list(KNOWN)))
        corners = decode(encoded, self._anchors)
        return suppress(
            [
                Box(
                    category=KNOWN[int(labels[k])],
                    score=float(best[k]),
                    corners=corners[k],
                )
                for k in likely
            ]
        )

    def _run(self, picture: Float32) -> tuple[Float32, Float32]:
        """Box codes (1917, 4) and logits (1917, 24) of a picture in -1..1."""
        self._net.setInput(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))
        encoded, logits = self._net.forward(_OUTPUTS)
        codes = np.asarray(encoded[0], np.float32)
        return (unscramble(codes) if self._scrambled else codes), logits[0]

    def _check(self) -> None:
        """Find out in which order this OpenCV hands out the boxes."""
        for self._scrambled in (True, False):
            encoded, _ = self._run(_card())
            if np.allclose(encoded[list(_AT)], _REFERENCE, atol=0.02):
                return
        raise _misread("it comes to other boxes than the file's own runtime")


def unscramble(codes: Float32) -> Float32:
    """Box codes (1917, 4) in the order of the anchors.

    OpenCV up to 4.11 keeps the channels of a layer first where the file says last, and
    then takes the flat numbers for (4, n): each layer is turned back by itself.
    """
    parts, begin = [], 0
    for layer, cells in enumerate(CELLS):
        count = per_cell(layer) * cells * cells
        flat = codes[begin : begin + count].T.reshape(-1, cells, cells)
        parts.append(flat.transpose(1, 2, 0).reshape(-1, 4))
        begin += count
    return np.concatenate(parts)


def _card() -> Float32:
    """A test card (300, 300, 3): three ramps of colour."""
    y, x = np.mgrid[:SIDE, :SIDE]
    ramps = (x / 149.5 - 1.0, y / 149.5 - 1.0, (x - y) / 299.0)
    return np.stack(ramps, axis=-1).astype(np.float32)


def _misread(why: str) -> ModelFileError:
    return ModelFileError(
        f"OpenCV {cv2.__version__} does not read {OPEN_IMAGES.path} as it should "
        f"({why}). Type `pip install opencv-python-headless==4.11.0.86`."
    )
