"""Colour words that survive shading.

A lit surface has the colour albedo x illumination: shading changes brightness much,
hue and saturation little. So hue decides among the chromatic words, saturation
separates them from grey, and brightness only separates black, grey and white, dark
orange (brown), and light red (pink).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import COLOURS

_HUE_ENDS = np.array([14.0, 43.0, 68.0, 165.0, 255.0, 300.0, 340.0, 360.1])
_HUE_WORDS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "red")
_HUE_INDEX = np.array([COLOURS.index(word) for word in _HUE_WORDS])
_PINK, _BROWN, _BLACK, _WHITE, _GREY = (
    COLOURS.index(word) for word in ("pink", "brown", "black", "white", "grey")
)

# People name a red book with white pages red, and a green chair with wooden legs green.
_WEIGHT = np.full(len(COLOURS), 2.0)
_WEIGHT[[_BROWN, _BLACK, _WHITE, _GREY]] = 1.0


def colour_word(pixels: NDArray[np.uint8], *, even: bool = False) -> str:
    """The word of `COLOURS` for the pixels (n, 3) of one object; "" without pixels.

    Every pixel votes, the dark ones as well: a dark thing's brightest pixels are those
    of what lies behind its edge.

    Args:
        pixels: (n, 3) uint8.
        even: grey, black, white and brown count as much as the other words.
    """
    if len(pixels) == 0:
        return ""
    votes = np.bincount(colour_indices(pixels), minlength=len(COLOURS))
    return COLOURS[int((votes if even else votes * _WEIGHT).argmax())]


def colour_indices(pixels: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Index into `COLOURS` of every pixel (n, 3)."""
    image = np.ascontiguousarray(pixels, np.float32)[None] / np.float32(255.0)
    hue, saturation, value = np.moveaxis(
        cv2.cvtColor(image, cv2.COLOR_RGB2HSV)[0], 1, 0
    )
    index = _HUE_INDEX[np.searchsorted(_HUE_ENDS, hue, side="right").clip(0, 7)]
    reddish = (hue < 14.0) | (hue >= 340.0)
    index[reddish & (saturation < 0.5) & (value > 0.6)] = _PINK
    dull = (saturation < 0.82) | (value < 0.35)
    index[(hue >= 10.0) & (hue < 45.0) & (value < 0.62) & dull] = _BROWN
    pale = saturation < 0.16
    index[pale] = np.where(value[pale] > 0.55, _WHITE, _GREY)
    index[(value < 0.16) | ((value < 0.26) & (saturation < 0.35))] = _BLACK
    return index
