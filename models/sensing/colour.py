"""Colour words that survive shading.

A lit surface has the colour albedo x illumination: shading changes brightness much,
hue and saturation little. So hue decides among the chromatic words, saturation
separates them from grey, and brightness only separates black, grey and white, dark
orange (brown), and light red (pink).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_HUES = (
    (14.0, "red"),
    (40.0, "orange"),
    (68.0, "yellow"),
    (165.0, "green"),
    (255.0, "blue"),
    (300.0, "purple"),
    (340.0, "pink"),
    (360.1, "red"),
)


def hsv(rgb: NDArray[np.floating]) -> tuple[float, float, float]:
    """Hue [deg], saturation and value [0..1] of one colour (3,) in 0..255."""
    r, g, b = (float(c) / 255.0 for c in rgb)
    high, low = max(r, g, b), min(r, g, b)
    span = high - low
    if span < 1e-6:
        return 0.0, 0.0, high
    if high == r:
        hue = ((g - b) / span) % 6.0
    elif high == g:
        hue = (b - r) / span + 2.0
    else:
        hue = (r - g) / span + 4.0
    return 60.0 * hue, span / high, high


def colour_word(pixels: NDArray[np.uint8]) -> str:
    """The word of `COLOURS` for the pixels (n, 3) of one object; "" without pixels.

    The brighter half of the pixels is used: it is the lit side.
    """
    if len(pixels) == 0:
        return ""
    brightness = pixels.max(axis=1)
    lit = pixels[brightness >= np.median(brightness)]
    hue, saturation, value = hsv(np.median(lit, axis=0))
    return _word(hue, saturation, value)


def _word(hue: float, saturation: float, value: float) -> str:
    if value < 0.16 or (value < 0.24 and saturation < 0.35):
        return "black"
    if saturation < 0.16:
        if value > 0.72:
            return "white"
        return "grey"
    word = next(name for limit, name in _HUES if hue < limit)
    if word in ("red", "orange", "yellow") and 10.0 <= hue < 48.0 and value < 0.62:
        return "brown"
    if word == "red" and saturation < 0.5 and value > 0.6:
        return "pink"
    return word
