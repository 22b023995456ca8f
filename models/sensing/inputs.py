"""What the detector's network sees: colour, and geometry from depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.sensing.net import GEOMETRY
from neural_brain.models.sensing.obstacles import points_in_base
from neural_brain.models.signals import RgbdFrame

Float32 = NDArray[np.float32]


def colour_channels(rgb: NDArray[np.uint8]) -> Float32:
    """Colours (3, h, w) in -0.5..0.5 of an image (h, w, 3)."""
    scaled = np.ascontiguousarray(rgb.transpose(2, 0, 1)).astype(np.float32)
    scaled *= np.float32(1.0 / 255.0)
    scaled -= np.float32(0.5)
    return scaled


def geometry_channels(frame: RgbdFrame) -> Float32:
    """Geometry (4, h // 2, w // 2): known, distance, height, upward normal.

    Height and normal need the camera's pose: they look the same from everywhere,
    which spares the network from learning perspective.
    """
    points = points_in_base(frame)[1::2, 1::2]
    depth = np.asarray(frame.depth, np.float32)[1::2, 1::2]
    known = np.isfinite(points[:, :, 2])
    channels = np.zeros((GEOMETRY, *depth.shape), np.float32)
    channels[0] = known
    channels[1] = np.where(known, np.clip(depth, 0.0, 6.0) / 3.0 - 1.0, 0.0)
    channels[2] = np.where(known, np.clip(points[:, :, 2], -0.2, 2.5) - 0.7, 0.0)
    channels[3] = upward_normal(points)
    return channels


def upward_normal(points: Float32) -> Float32:
    """|z| of the unit normal (h, w) of points (h, w, 3); 0 where it is unknown."""
    up = np.zeros(points.shape[:2], np.float32)
    right = points[1:-1, 2:] - points[1:-1, :-2]
    down = points[2:, 1:-1] - points[:-2, 1:-1]
    nx = right[..., 1] * down[..., 2] - right[..., 2] * down[..., 1]
    ny = right[..., 2] * down[..., 0] - right[..., 0] * down[..., 2]
    nz = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]
    length = np.sqrt(nx * nx + ny * ny + nz * nz) + np.float32(1e-9)
    up[1:-1, 1:-1] = np.nan_to_num(np.abs(nz) / length)
    return up
