"""Corners of a picture with binary descriptors (ORB, Rublee et al. 2011)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH_PX = 192  # wider pictures are shrunk to this, so that all cameras see alike
MOST = 160
CODE_BYTES = 32
_BLUR_PX = 0.7  # camera noise makes corners of its own


def corners(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The strongest corners of a picture.

    Args:
        rgb: (h, w, 3).

    Returns:
        Where they are (n, 2) in units of the picture's width and height, 0..1, and
        their descriptors (n, 32); n is at most `MOST`.
    """
    grey = shrunk(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
    grey = cv2.GaussianBlur(grey, (0, 0), _BLUR_PX)
    orb = cv2.ORB_create(  # type: ignore[attr-defined]
        MOST, 1.2, 6, edgeThreshold=12, patchSize=24, fastThreshold=7
    )
    found, codes = orb.detectAndCompute(grey, None)
    if codes is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, CODE_BYTES), np.uint8)
    at = np.array([corner.pt for corner in found]) + 0.5
    return (at / grey.shape[::-1]).astype(np.float32), np.asarray(codes, np.uint8)


def shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture (h, w, ...) at most `WIDTH_PX` wide."""
    h, w = image.shape[:2]
    if w <= WIDTH_PX:
        return image
    size = (WIDTH_PX, max(1, round(h * WIDTH_PX / w)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
