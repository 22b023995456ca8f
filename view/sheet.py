"""The paper of a map picture: what is where on it, and words."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array

FONT = cv2.FONT_HERSHEY_SIMPLEX
INK, EDGE = (38, 42, 48), (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The part of the map that is drawn and its scale.

    `low` (2,) [m] is the lower left corner, `pixels_per_m` the scale, `size` the
    width and height in pixels.
    """

    low: Array
    pixels_per_m: float
    size: tuple[int, int]

    def at(self, xy: Array) -> tuple[int, int]:
        """Pixel (column, row) of a point (2,) [m] in `map`."""
        offset = (np.asarray(xy)[:2] - self.low) * self.pixels_per_m
        return round(float(offset[0])), self.size[1] - 1 - round(float(offset[1]))


def write_words(
    image: NDArray[np.uint8],
    words: str,
    at: tuple[int, int],
    scale: float,
    ink: tuple[int, int, int] = INK,
) -> None:
    """Text with a light edge; characters that the font lacks are dropped."""
    text = words.encode("ascii", "ignore").decode()
    cv2.putText(image, text, at, FONT, scale, EDGE, 3, cv2.LINE_AA)
    cv2.putText(image, text, at, FONT, scale, ink, 1, cv2.LINE_AA)
