"""Anchor boxes of an SSD detector, and network outputs turned into boxes.

Liu et al. 2016, section 2.2, in the form of the TensorFlow detection API: the lowest
layer has three anchors a cell, the others one for each ratio and one of the size
between this layer's and the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
CELLS = (19, 10, 5, 3, 2, 1)
"""Cells of each layer along one side, for pictures of 300 pixels."""
_LEAST, _MOST = 0.2, 0.95
_RATIOS = (1.0, 2.0, 0.5, 3.0, 1.0 / 3.0)
_SCALES = (10.0, 10.0, 5.0, 5.0)


@dataclass(frozen=True, kw_only=True)
class Anchors:
    """Centres and sizes of all anchors as shares of the picture: (n, 4), y x h w."""

    boxes: Float32

    @staticmethod
    def of_ssd() -> Anchors:
        """Those of SSD-MobileNetV2: 1917."""
        step = (_MOST - _LEAST) / (len(CELLS) - 1)
        sizes = [_LEAST + k * step for k in range(len(CELLS))] + [1.0]
        boxes = []
        for k, cells in enumerate(CELLS):
            middle = (np.arange(cells) + 0.5) / cells
            for y in middle:
                for x in middle:
                    boxes += [(y, x, *shape) for shape in _shapes(k, sizes)]
        return Anchors(boxes=np.array(boxes, np.float32))


def _shapes(layer: int, sizes: list[float]) -> list[tuple[float, float]]:
    """Heights and widths of the anchors of one cell."""
    size = sizes[layer]
    if layer == 0:
        shapes = [(0.1, 1.0), (size, 2.0), (size, 0.5)]
    else:
        shapes = [(size, ratio) for ratio in _RATIOS]
        shapes.append((float(np.sqrt(size * sizes[layer + 1])), 1.0))
    return [(s / np.sqrt(ratio), s * np.sqrt(ratio)) for s, ratio in shapes]


def per_cell(layer: int) -> int:
    """Anchors of one cell of a layer."""
    return 3 if layer == 0 else len(_RATIOS) + 1


def decode(encoded: Float32, anchors: Anchors) -> Float32:
    """Boxes (n, 4), top left bottom right as shares of the picture, clipped to it.

    Args:
        encoded: outputs of the network (n, 4): offsets of centre and log size.
        anchors: what they are relative to.
    """
    ty, tx, th, tw = (encoded[:, k] / _SCALES[k] for k in range(4))
    y, x, height, width = anchors.boxes.T
    y, x = ty * height + y, tx * width + x
    height = height * np.exp(np.clip(th, -10.0, 10.0))
    width = width * np.exp(np.clip(tw, -10.0, 10.0))
    corners = (y - height / 2, x - width / 2, y + height / 2, x + width / 2)
    return np.clip(np.stack(corners, axis=1), 0.0, 1.0).astype(np.float32)
