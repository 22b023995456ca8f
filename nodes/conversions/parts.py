"""Stamps, vectors, quaternions and poses to ROS messages and back.

Python messages do not check the type of a scalar field: an int in a float64 field
would be sent as another number altogether. Every scalar is therefore cast with
`float()`. Quaternions are x y z w, as in ROS.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import (
    Point,
    Pose,
    Quaternion,
    Transform,
    TransformStamped,
    Vector3,
)

from neural_brain.models.geometry import quat_xyzw_from_matrix
from neural_brain.models.signals import Array
from neural_brain.nodes.gate import Refusal, finite

LAST_SECOND = 2**31 - 1


def time_msg(t: float) -> Time:
    """Seconds as a stamp, kept inside what a stamp can hold (0 .. 2**31 s)."""
    nanoseconds = round(min(max(0.0, float(t)), LAST_SECOND) * 1e9)
    return Time(sec=nanoseconds // 1_000_000_000, nanosec=nanoseconds % 1_000_000_000)


def vector3(values: Array) -> Vector3:
    """A vector (3,)."""
    return Vector3(x=float(values[0]), y=float(values[1]), z=float(values[2]))


def point(values: Array) -> Point:
    """A point (2,) or (3,) [m]; z = 0 when missing."""
    z = float(values[2]) if len(values) > 2 else 0.0
    return Point(x=float(values[0]), y=float(values[1]), z=z)


def yaw_quaternion(yaw: float) -> Quaternion:
    """Rotation about z [rad]."""
    return Quaternion(
        x=0.0, y=0.0, z=math.sin(0.5 * float(yaw)), w=math.cos(0.5 * float(yaw))
    )


def quaternion(rotation: Array) -> Quaternion:
    """Rotation matrix (3, 3)."""
    x, y, z, w = (float(value) for value in quat_xyzw_from_matrix(rotation))
    return Quaternion(x=x, y=y, z=z, w=w)


def yaw_of(message: Quaternion) -> float:
    """Yaw [rad] of a unit quaternion.

    Raises:
        Refusal: if it is not finite or not of unit length.
    """
    x, y, z, w = finite(message.x, message.y, message.z, message.w)
    if abs(math.sqrt(x * x + y * y + z * z + w * w) - 1.0) > 1e-2:
        raise Refusal("quaternion not of unit length")
    return math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))


def pose_from_planar(pose: Array) -> Pose:
    """A planar pose (3,) as a Pose with z = 0."""
    return Pose(position=point(pose[:2]), orientation=yaw_quaternion(pose[2]))


def planar_from_pose(message: Pose) -> Array:
    """The planar part (3,) of a Pose.

    Raises:
        Refusal: if it is not finite or its quaternion is no rotation.
    """
    x, y = finite(message.position.x, message.position.y)
    return np.array([x, y, yaw_of(message.orientation)])


def transform_msg(t: float, parent: str, child: str, T_parent_child: Array) -> Any:
    """A TransformStamped of a (4, 4) matrix."""
    message = TransformStamped(child_frame_id=child)
    message.header.frame_id = parent
    message.header.stamp = time_msg(t)
    message.transform = Transform(
        translation=vector3(T_parent_child[:3, 3]),
        rotation=quaternion(T_parent_child[:3, :3]),
    )
    return message
