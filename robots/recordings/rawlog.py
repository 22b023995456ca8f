"""MRPT rawlogs: laser scans, odometry and Kinect frames of recorded robots.

A rawlog, plain or gzip, is a row of objects: a byte 0x80 | length of the class name,
the name, a version byte, the payload, 0x88. Payloads carry no length, so the known
objects are found by their names and the rest is skipped. Little endian throughout.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import Array, compose2, matrix_from_quat_xyzw
from neural_brain.models.signals import LaserScan, Observation, RgbdFrame
from neural_brain.robots.recordings.body import recorded_body

SCAN, MOVE = b"CObservation2DRangeScan", b"CActionRobotMovement2D"
RANGE_IMAGE = b"CObservation3DRangeScan"
POSE2, POSE3, MATRIX, IMAGE = b"CPose2D", b"CPose3D", b"CMatrixD", b"CImage"
NAMES = re.compile(
    rb"[\x80-\xff](?:mrpt::obs::)?(" + b"|".join((SCAN, MOVE, RANGE_IMAGE)) + rb")"
)
TICK_S = 1e-7  # of MRPT's time stamps
OPTICAL_FROM_SENSOR = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], dtype=np.float64)
FLOOR_CAMERA_M = 1.0  # height of a camera whose mount the log does not tell


class RawlogError(NeuralBrainError):
    """A rawlog cannot be read."""


def read_rawlog(path: str | Path) -> Iterator[Observation]:
    """Observations in the order of the log; odometry starts at zero.

    A scan gets the odometry of the movements before it. Stamps are seconds since the
    first observation that carries a time.

    Raises:
        RawlogError: if the file is not a rawlog or breaks off inside an object.
    """
    data = _load(Path(path))
    found = list(NAMES.finditer(data))
    if not found:
        raise RawlogError(
            f"{path} holds no laser scan, odometry or depth image that this reader "
            "knows. Give an MRPT rawlog (plain or gzip) of a planar robot."
        )
    odom, start, last = np.zeros(3), None, -1.0
    for match in found:
        cursor = Cursor(data, match.end())
        try:
            if match[1] == MOVE:
                odom = compose2(odom, _movement(cursor))
                continue
            read = _scan if match[1] == SCAN else _kinect
            stamp, signal = read(cursor)
        except (struct.error, ValueError, IndexError) as error:
            raise RawlogError(
                f"{path} breaks off or is damaged near byte {cursor.at} of "
                f"{len(data)} ({error}). Copy or download the log again."
            ) from error
        start = stamp if start is None else start
        t = max(last + 1e-3, stamp - start)  # time never stands still
        last = t
        body = recorded_body(t, odom)
        if isinstance(signal, dict):
            scan = LaserScan(stamp=t, **signal)
            yield Observation(body=body, scan=scan)
        else:
            yield Observation(body=body, frame=_with_stamp(signal, t))


class Cursor:
    """Reads numbers from bytes, in order."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def take(self, layout: str) -> tuple[float, ...]:
        """Numbers of a `struct` layout."""
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        """`count` numbers of a numpy type."""
        size = np.dtype(kind).itemsize * count
        if count < 0 or self.at + size > len(self.data):
            raise ValueError(f"{count} numbers of type {kind} are announced")
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += size
        return values

    def enter(self, name: bytes) -> int:
        """Go behind the header of a nested object; returns its version."""
        length = self.data[self.at] & 0x7F
        found = self.data[self.at + 1 : self.at + 1 + length]
        if not found.endswith(name):
            raise ValueError(f"{name.decode()} expected, {found!r} found")
        self.at += length + 2
        return self.data[self.at - 1]

    def leave(self) -> None:
        """Go behind the end mark of a nested object."""
        if self.data[self.at] != 0x88:
            raise ValueError("an object does not end where it should")
        self.at += 1


def _load(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        raise RawlogError(
            f"Cannot read the recording {path}: {error}. Give the path of a whole "
            "rawlog file (plain or gzip)."
        ) from error


def _movement(cursor: Cursor) -> Array:
    """Odometry increment (3,) of a CActionRobotMovement2D."""
    cursor.take("Bi")  # version, kind of estimate
    cursor.enter(POSE2)
    pose = np.array(cursor.take("3d"))
    cursor.leave()
    if not np.all(np.isfinite(pose)):
        raise ValueError("an odometry increment is not finite")
    return pose


def _pose3(cursor: Cursor) -> Array:
    """Pose (4, 4) of a CPose3D: a matrix, position and quaternion, or and axes."""
    T = np.eye(4)
    version = cursor.enter(POSE3)
    if version == 1:
        cursor.enter(MATRIX)
        rows, columns = cursor.take("2I")
        if (rows, columns) != (4, 4):
            raise ValueError(f"a pose of {rows} x {columns} numbers")
        T = cursor.array("<f8", 16).reshape(4, 4).copy()
        cursor.leave()
    elif version == 2:
        T[:3, 3] = cursor.take("3d")
        w, *xyz = cursor.take("4d")
        T[:3, :3] = matrix_from_quat_xyzw(np.array([*xyz, w]))
    elif version == 3:
        T[:3, 3] = cursor.take("3d")
        T[:3, :3] = np.array(cursor.take("9d")).reshape(3, 3)
    else:
        raise ValueError(f"pose version {version} is not known")
    cursor.leave()
    return T


def _scan(cursor: Cursor) -> tuple[float, dict[str, Any]]:
    """Stamp [s] and the fields of a LaserScan but its stamp."""
    (version,) = cursor.take("B")
    if version not in (5, 6):
        raise ValueError(f"laser scan version {version} is not known")
    aperture, leftward, farthest = cursor.take("f?f")
    mount = _pose3(cursor)
    (count,) = cursor.take("I")
    ranges = cursor.array("<f4", int(count)).astype(np.float64)
    valid = cursor.array("u1", int(count)) > 0
    _, ticks = cursor.take("fQ")
    if count < 2 or not 0.0 < aperture < 7.0:
        raise ValueError(f"a scan of {count} rays over {aperture:.2f} rad")
    ranges[~valid & (ranges >= 0.95 * farthest)] = np.inf  # nothing within range
    ranges[~valid & np.isfinite(ranges)] = np.nan
    step = aperture / (count - 1) * (1.0 if leftward else -1.0)
    yaw = float(np.arctan2(mount[1, 0], mount[0, 0]))
    fields: dict[str, Any] = {
        "angle_min": -0.5 * step * (count - 1),
        "angle_increment": step,
        "range_min": 0.05,
        "range_max": float(farthest),
        "ranges": ranges,
        "pose_base_laser": np.array([mount[0, 3], mount[1, 3], yaw]),
    }
    return ticks * TICK_S, fields


def _kinect(cursor: Cursor) -> tuple[float, RgbdFrame]:
    """A CObservation3DRangeScan with points, their pixels and a raw colour image.

    The pinhole matrix is fitted to the points: u = cx - fx y / x, v = cy - fy z / x
    in the sensor's axes (x forward, y left, z up).
    """
    (version,) = cursor.take("B")
    if version != 9:
        raise ValueError(f"range image version {version} is not known")
    cursor.take("f")
    mount = _pose3(cursor)
    has_points, count = cursor.take("?I")
    if not has_points or count < 100:
        raise ValueError("a range image without points")
    x, y, z = (cursor.array("<f4", int(count)).astype(float) for _ in range(3))
    u, v = (cursor.array("<u2", int(count)).astype(int) for _ in range(2))
    cursor.at = cursor.data.index(IMAGE, cursor.at) + len(IMAGE)
    _, _, colour, width, height = cursor.take("B??ii")
    width, height = abs(int(width)), abs(int(height))  # negative: not compressed
    if not colour or not 0 < width * height < 10**8:
        raise ValueError(f"an image of {width} x {height} pixels")
    bgr = cursor.array("u1", width * height * 3).reshape(height, width, 3)
    if u.max() >= width or v.max() >= height or not np.all(x > 0.0):
        raise ValueError("points outside the image")
    depth = np.zeros((height, width), np.float32)
    depth[v, u] = x
    T = np.eye(4)
    T[:3, :3] = mount[:3, :3] @ OPTICAL_FROM_SENSOR
    T[:3, 3] = mount[:3, 3]
    if np.allclose(mount, np.eye(4)):
        T[2, 3] = FLOOR_CAMERA_M
    K = np.eye(3)
    K[0, 2], K[0, 0] = _line(-y / x, u)
    K[1, 2], K[1, 1] = _line(-z / x, v)
    rgb = np.ascontiguousarray(bgr[:, :, ::-1])
    return 0.0, RgbdFrame(stamp=0.0, rgb=rgb, depth=depth, K=K, T_base_camera=T)


def _line(a: Array, b: Array) -> tuple[float, float]:
    """Offset and slope of b over a, by least squares."""
    slope = float(np.cov(a, b)[0, 1] / np.var(a, ddof=1))
    return float(np.mean(b) - slope * np.mean(a)), slope


def _with_stamp(frame: RgbdFrame, stamp: float) -> RgbdFrame:
    return RgbdFrame(**{**vars(frame), "stamp": stamp})
