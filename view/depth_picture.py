"""A camera frame beside what sensing made of it, seen from above."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.signals import Percepts, RgbdFrame

Image = NDArray[np.uint8]
REACH_M = 4.0  # how far the view from above shows


def draw_depth_view(frame: RgbdFrame, percepts: Percepts, height: int = 360) -> Image:
    """Colour image, depth image and the floor plane with obstacles, (h, w, 3) RGB.

    In the view from above the robot stands at the middle of the lower edge and looks
    up; free floor is green, obstacles are dark, the outline is what was visible.
    """
    width = round(height * frame.depth.shape[1] / frame.depth.shape[0])
    size = (width, height)
    known = np.isfinite(frame.depth) & (frame.depth > 0.0)
    near = np.clip(np.where(known, frame.depth, 0.0) / REACH_M, 0.0, 1.0)
    depth = cv2.applyColorMap((255 * near).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    depth[~known] = 40
    parts = [
        cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA),
        cv2.resize(depth[:, :, ::-1], size, interpolation=cv2.INTER_NEAREST),
        _from_above(percepts, height),
    ]
    return np.hstack([part.astype(np.uint8) for part in parts])


def _from_above(percepts: Percepts, height: int) -> Image:
    image = np.full((height, height, 3), 236, np.uint8)
    scale = height / REACH_M
    if len(percepts.view_polygon) > 2:
        corners = _pixels(percepts.view_polygon, scale, height)
        cv2.polylines(image, [corners], True, (120, 140, 190), 1, cv2.LINE_AA)
    for points, colour in (
        (percepts.free, (170, 215, 175)),
        (percepts.obstacles, (45, 48, 55)),
    ):
        for x, y in _pixels(points, scale, height):
            cv2.circle(image, (int(x), int(y)), 2, colour, -1, cv2.LINE_AA)
    cv2.circle(image, (height // 2, height - 1), 8, (215, 45, 60), -1, cv2.LINE_AA)
    return image


def _pixels(points: Array, scale: float, height: int) -> NDArray[np.int32]:
    """Pixels (n, 2) of points (n, 2) [m] in `base_link`: x up, y to the left."""
    flat = np.asarray(points).reshape(-1, 2)
    pixels = np.stack([height / 2 - flat[:, 1] * scale, height - flat[:, 0] * scale])
    return np.clip(np.round(pixels.T), -10_000, 10_000).astype(np.int32)
