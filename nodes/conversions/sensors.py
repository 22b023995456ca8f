"""Scans and camera frames to ROS messages and back, checked on the way in."""

from __future__ import annotations

import array
import math

import numpy as np
from sensor_msgs.msg import CameraInfo, Image
from sensor_msgs.msg import LaserScan as LaserScanMsg

from neural_brain.models.signals import Array, LaserScan, RgbdFrame
from neural_brain.nodes.conversions.parts import time_msg
from neural_brain.nodes.gate import Refusal, finite, stamp_seconds

Labels = tuple[np.ndarray, np.ndarray]
MAX_BEAMS = 20_000
MAX_PIXELS = 4096 * 4096


def scan_msg(scan: LaserScan, frame: str) -> LaserScanMsg:
    """A scan; REP 117 specials are kept."""
    message = LaserScanMsg()
    message.header.frame_id = frame
    message.header.stamp = time_msg(scan.stamp)
    message.angle_min = float(scan.angle_min)
    message.angle_increment = float(scan.angle_increment)
    message.angle_max = float(
        scan.angle_min + scan.angle_increment * (len(scan.ranges) - 1)
    )
    message.range_min = float(scan.range_min)
    message.range_max = float(scan.range_max)
    message.ranges = array.array("f", np.asarray(scan.ranges, np.float32).tobytes())
    return message


def scan_from_msg(message: LaserScanMsg, pose_base_laser: Array) -> LaserScan:
    """A checked scan. NaN and infinities are legal in the ranges (REP 117).

    Raises:
        Refusal: if angles or limits make no sense or there are too many beams.
    """
    start, step, low, high = finite(
        message.angle_min,
        message.angle_increment,
        message.range_min,
        message.range_max,
    )
    count = len(message.ranges)
    if not 2 <= count <= MAX_BEAMS:
        raise Refusal("wrong number of beams")
    if not 0.0 <= low < high or step == 0.0 or abs(step) * count > 2.0 * math.tau:
        raise Refusal("impossible angles or ranges")
    return LaserScan(
        stamp=stamp_seconds(message.header.stamp),
        angle_min=start,
        angle_increment=step,
        range_min=low,
        range_max=high,
        ranges=np.asarray(message.ranges, dtype=np.float64),
        pose_base_laser=np.asarray(pose_base_laser, dtype=np.float64),
    )


def colour_msg(frame: RgbdFrame, name: str) -> Image:
    """The colour image, `rgb8`."""
    return _image(frame.stamp, name, "rgb8", np.ascontiguousarray(frame.rgb))


def depth_msg(frame: RgbdFrame, name: str) -> Image:
    """The depth image, `32FC1` in metres (REP 118)."""
    return _image(frame.stamp, name, "32FC1", np.ascontiguousarray(frame.depth))


def labels_msg(labels: Labels, stamp: float, name: str) -> Image:
    """True classes and instances of a simulated frame, `16UC2`.

    Args:
        labels: class and instance image, each (h, w).
        stamp: of the frame [s].
        name: of the camera's frame.
    """
    pixels = np.ascontiguousarray(np.stack(labels, axis=-1).astype("<u2"))
    return _image(stamp, name, "16UC2", pixels)


def labels_from_msg(message: Image) -> tuple[float, Labels]:
    """Stamp [s], and class and instance image, each (h, w) int32.

    Raises:
        Refusal: for another encoding, or when size, step and data disagree.
    """
    height, width = int(message.height), int(message.width)
    if message.encoding != "16UC2" or int(message.step) != 4 * width:
        raise Refusal("unknown encoding")
    if not 0 < height * width <= MAX_PIXELS or len(message.data) != 4 * width * height:
        raise Refusal("size and data disagree")
    pixels = np.frombuffer(message.data, "<u2").astype(np.int32)
    pixels = pixels.reshape(height, width, 2)
    return stamp_seconds(message.header.stamp), (pixels[..., 0], pixels[..., 1])


def camera_info_msg(frame: RgbdFrame, name: str) -> CameraInfo:
    """The pinhole calibration; images are rectified."""
    message = CameraInfo(distortion_model="plumb_bob")
    message.header.frame_id = name
    message.header.stamp = time_msg(frame.stamp)
    message.height, message.width = (int(size) for size in frame.depth.shape)
    message.d = [0.0] * 5
    message.k = [float(value) for value in frame.K.ravel()]
    message.r = [float(value) for value in np.eye(3).ravel()]
    projection = np.hstack([frame.K, np.zeros((3, 1))])
    message.p = [float(value) for value in projection.ravel()]
    return message


def image_from_msg(message: Image) -> tuple[float, np.ndarray]:
    """Stamp [s] and pixels as of `pixels_from_msg`.

    Raises:
        Refusal: as there, or for a bad stamp.
    """
    pixels = pixels_from_msg(message)
    return stamp_seconds(message.header.stamp), pixels


def pixels_from_msg(message: Image) -> np.ndarray:
    """Pixels: (h, w, 3) uint8 or (h, w) float32 [m].

    Accepts rgb8, bgr8, 32FC1 [m] and 16UC1 [mm]; both byte orders.

    Raises:
        Refusal: for another encoding, or when size, step and data disagree.
    """
    formats = {
        "rgb8": (np.dtype(np.uint8), 3),
        "bgr8": (np.dtype(np.uint8), 3),
        "32FC1": (np.dtype(np.float32), 1),
        "16UC1": (np.dtype(np.uint16), 1),
    }
    if message.encoding not in formats:
        raise Refusal("unknown encoding")
    dtype, channels = formats[message.encoding]
    height, width, step = int(message.height), int(message.width), int(message.step)
    row = width * channels * dtype.itemsize
    if not 0 < height * width <= MAX_PIXELS or step < row:
        raise Refusal("impossible image size")
    if len(message.data) != height * step:
        raise Refusal("size and data disagree")
    rows = np.frombuffer(message.data, np.uint8).reshape(height, step)[:, :row]
    order = dtype.newbyteorder(">" if message.is_bigendian else "<")
    pixels = np.ascontiguousarray(rows).view(order).astype(dtype)
    if channels == 3:
        pixels = pixels.reshape(height, width, 3)
        return pixels[..., ::-1] if message.encoding == "bgr8" else pixels
    if dtype == np.uint16:
        pixels = pixels.astype(np.float32) * np.float32(1e-3)
    return pixels


def camera_matrix(message: CameraInfo) -> Array:
    """The pinhole matrix K (3, 3) [px].

    Raises:
        Refusal: if it is not finite or no pinhole matrix.
    """
    K = np.array(finite(*message.k)).reshape(3, 3)
    if K[0, 0] <= 0.0 or K[1, 1] <= 0.0 or K[2, 2] != 1.0:
        raise Refusal("no pinhole matrix")
    return K


def picture_msg(rgb: np.ndarray) -> Image:
    """A picture (h, w, 3) uint8 that is shown as a goal."""
    return _image(0.0, "", "rgb8", np.ascontiguousarray(rgb))


def _image(stamp: float, name: str, encoding: str, pixels: np.ndarray) -> Image:
    message = Image(encoding=encoding, is_bigendian=0)
    message.header.frame_id = name
    message.header.stamp = time_msg(stamp)
    message.height, message.width = (int(size) for size in pixels.shape[:2])
    message.step = int(pixels.strides[0])
    message.data = array.array("B", pixels.tobytes())
    return message
