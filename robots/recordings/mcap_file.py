"""MCAP recordings with standard ROS 2 messages: odometry, scans, static mounts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array, inverse2
from neural_brain.models.signals import BodyState, LaserScan, Observation
from neural_brain.robots.recordings.body import recorded_body
from neural_brain.robots.recordings.mcap_messages import (
    RecordingError,
    messages_of_types,
)

ODOMETRY, SCAN = "nav_msgs/msg/Odometry", "sensor_msgs/msg/LaserScan"
TRANSFORMS = "tf2_msgs/msg/TFMessage"
BASE_NAMES = ("base_link", "base_footprint", "base")


def read_mcap(path: str | Path, start: float | None = None) -> Iterator[Observation]:
    """Observations in order of the log time; one per scan and per odometry message.

    A scan comes with the first odometry that is not older than it. Stamps are those
    of the message headers, in seconds since `start`, or since the first one. The laser
    mount is read from `/tf_static` (or `/tf`) between `base_link` and the scan's frame;
    without it the laser is taken to be at `base_link`.

    Raises:
        RecordingError: if the file is not MCAP, is damaged, or lacks what is needed.
    """
    mounts: dict[str, Array] = {}
    body, scans = None, 0
    waiting: list[LaserScan] = []
    # Laser mounts come first, wherever they are in the file.
    items = (
        messages_of_types(Path(path), types)
        for types in ((TRANSFORMS,), (ODOMETRY, SCAN))
    )
    for item in itertools.chain.from_iterable(items):
        kind, message = item.kind, item.message
        if kind == TRANSFORMS:
            _note_mounts(message, mounts)
            continue
        stamp = message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec
        start = stamp if start is None else start
        if kind == SCAN:
            mount = mounts.get(message.header.frame_id, np.zeros(3))
            waiting.append(_scan(message, stamp - start, mount))
            continue
        body = _body(message, stamp - start)
        yield Observation(body=body)
        while waiting and waiting[0].stamp <= body.stamp:
            scans += 1
            yield Observation(body=body, scan=waiting.pop(0))
    if body is not None:
        scans += len(waiting)
        yield from (Observation(body=body, scan=scan) for scan in waiting)
    if scans == 0:
        raise RecordingError(
            f"{path} holds no laser scans with odometry. Record at least /odom "
            f"({ODOMETRY}) and /scan ({SCAN})."
        )


def _note_mounts(message: Any, mounts: dict[str, Array]) -> None:
    for transform in message.transforms:
        parent, child = transform.header.frame_id, transform.child_frame_id
        pose = _planar(transform.transform.translation, transform.transform.rotation)
        if parent.lstrip("/") in BASE_NAMES:
            mounts[child] = pose
        elif child.lstrip("/") in BASE_NAMES and parent not in ("odom", "map"):
            mounts[parent] = inverse2(pose)


def _planar(position: Any, q: Any) -> Array:
    """Planar pose (3,) of a position and an orientation."""
    yaw = np.arctan2(2.0 * (q.w * q.z + q.x * q.y), 1.0 - 2.0 * (q.y**2 + q.z**2))
    return np.array([position.x, position.y, yaw])


def _body(message: Any, stamp: float) -> BodyState:
    odom = _planar(message.pose.pose.position, message.pose.pose.orientation)
    speed = message.twist.twist
    return recorded_body(stamp, odom, np.array([speed.linear.x, speed.angular.z]))


def _scan(message: Any, stamp: float, mount: Array) -> LaserScan:
    return LaserScan(
        stamp=stamp,
        angle_min=float(message.angle_min),
        angle_increment=float(message.angle_increment),
        range_min=float(message.range_min),
        range_max=float(message.range_max),
        ranges=np.array(message.ranges, dtype=np.float64),
        pose_base_laser=mount,
    )
