"""Recorded images as pixels: raw, JPEG, PNG and compressed depth, checked.

Depth comes in metres (REP 118): 32FC1 [m] and 16UC1 [mm], raw, as PNG, or as written
by ROS's `compressed_depth_image_transport` (12 bytes of header before the PNG; 32FC1 is
quantised by inverse depth, depth = A / (value - B)).
"""

from __future__ import annotations

import struct
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

RAW, COMPRESSED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"
KINDS = (RAW, COMPRESSED)
MAX_PIXELS = 4096 * 4096
MILLIMETRE = np.float32(1e-3)
_HEADER = struct.Struct("<i2f")
_ORDERS = {"rgb8": (0, 1, 2), "bgr8": (2, 1, 0), "rgba8": (0, 1, 2), "bgra8": (2, 1, 0)}


def colour_pixels(kind: str, message: Any) -> NDArray[np.uint8]:
    """Colour (h, w, 3) uint8 RGB of a decoded image message.

    Raises:
        ValueError: if the format is not known or the data are damaged.
    """
    if kind == COMPRESSED:
        bgr = _decoded(message.data, cv2.IMREAD_COLOR)
        return np.ascontiguousarray(bgr[..., ::-1])
    name = str(message.encoding)
    if name == "mono8":
        return np.repeat(_raw(message, np.dtype(np.uint8), 1), 3, axis=2)
    if name not in _ORDERS:
        raise ValueError(f"colour images of encoding {name!r} are not known")
    pixels = _raw(message, np.dtype(np.uint8), 4 if "a" in name else 3)
    return np.ascontiguousarray(pixels[..., _ORDERS[name]])


def depth_pixels(kind: str, message: Any) -> NDArray[np.float32]:
    """Depth (h, w) float32 [m], 0 = unknown, of a decoded image message.

    Raises:
        ValueError: if the format is not known or the data are damaged.
    """
    depth = _compressed_depth(message) if kind == COMPRESSED else _raw_depth(message)
    known = np.isfinite(depth) & (depth > 0.0)
    return np.where(known, depth, np.float32(0.0)).astype(np.float32)


def _raw_depth(message: Any) -> NDArray[np.float32]:
    name = str(message.encoding)
    if name == "32FC1":
        return _raw(message, np.dtype(np.float32), 1)[..., 0].astype(np.float32)
    if name in ("16UC1", "mono16"):
        pixels = _raw(message, np.dtype(np.uint16), 1)[..., 0]
        return pixels.astype(np.float32) * MILLIMETRE
    raise ValueError(f"depth images of encoding {name!r} are not known")


def _compressed_depth(message: Any) -> NDArray[np.float32]:
    words, data = str(message.format), bytes(message.data)
    if "compressedDepth" not in words:  # a plain 16-bit PNG
        return _millimetres(_decoded(data, cv2.IMREAD_UNCHANGED))
    if "rvl" in words.lower():
        raise ValueError("depth in RVL compression is not known; record it as PNG")
    if len(data) <= _HEADER.size:
        raise ValueError("a compressed depth image is too short")
    _, a, b = _HEADER.unpack_from(data)
    pixels = _decoded(data[_HEADER.size :], cv2.IMREAD_UNCHANGED)
    if words.startswith("32FC1"):
        if pixels.dtype != np.uint16 or pixels.ndim != 2:
            raise ValueError("quantised depth is not a 16-bit grey PNG")
        gap = pixels.astype(np.float32) - np.float32(b)
        usable = (pixels > 0) & (gap > 0.0)
        return np.where(usable, np.float32(a) / np.where(usable, gap, 1.0), 0.0)
    return _millimetres(pixels)


def _millimetres(pixels: NDArray[Any]) -> NDArray[np.float32]:
    if pixels.dtype != np.uint16 or pixels.ndim != 2:
        raise ValueError("depth is not a 16-bit grey PNG in millimetres (16UC1)")
    return pixels.astype(np.float32) * MILLIMETRE


def _decoded(data: Any, flags: int) -> NDArray[Any]:
    pixels = None
    if len(data):
        try:
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        except cv2.error as error:
            raise ValueError("a compressed image is damaged") from error
    if pixels is None:
        raise ValueError("a compressed image is damaged")
    if not 0 < pixels.shape[0] * pixels.shape[1] <= MAX_PIXELS:
        raise ValueError(f"an image of {pixels.shape[1]} x {pixels.shape[0]} pixels")
    return np.asarray(pixels)


def _raw(message: Any, dtype: np.dtype[Any], channels: int) -> NDArray[Any]:
    """Pixels (h, w, channels) of a sensor_msgs/Image."""
    height, width, step = int(message.height), int(message.width), int(message.step)
    row = width * channels * dtype.itemsize
    if not 0 < height * width <= MAX_PIXELS or step < row:
        raise ValueError(f"an image of {width} x {height} pixels, {step} bytes a row")
    if len(message.data) != height * step:
        raise ValueError(f"an image of {len(message.data)} bytes, not {height * step}")
    rows = np.frombuffer(message.data, np.uint8).reshape(height, step)[:, :row]
    order = dtype.newbyteorder(">" if message.is_bigendian else "<")
    pixels = np.ascontiguousarray(rows).view(order).astype(dtype)
    return pixels.reshape(height, width, channels)
