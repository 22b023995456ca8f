"""Signals as standard ROS 2 messages, built and serialised without a ROS install."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore

from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyState, GridView, LaserScan


@lru_cache(maxsize=1)
def typestore() -> Typestore:
    """The message types of ROS 2 Jazzy (same on the wire for Humble and Kilted)."""
    return get_typestore(Stores.ROS2_JAZZY)


def message(kind: str, **fields: Any) -> Any:
    """Build a message such as "std_msgs/String" from its fields."""
    return typestore().types[_full(kind)](**fields)


def serialise(kind: str, msg: Any) -> bytes:
    """CDR bytes of a message."""
    return bytes(typestore().serialize_cdr(msg, _full(kind)))


def definition(kind: str) -> bytes:
    """The concatenated text definition that MCAP stores as schema."""
    text, _ = typestore().generate_msgdef(_full(kind), ros_version=2)
    return text.encode()


def header(stamp: float, frame_id: str) -> Any:
    """std_msgs/Header for a stamp [s]."""
    return message("std_msgs/Header", stamp=time_message(stamp), frame_id=frame_id)


def time_message(stamp: float) -> Any:
    """builtin_interfaces/Time for a stamp [s]."""
    nanoseconds = round(stamp * 1e9)
    return message(
        "builtin_interfaces/Time",
        sec=nanoseconds // 10**9,
        nanosec=nanoseconds % 10**9,
    )


def scan_message(scan: LaserScan) -> Any:
    """sensor_msgs/LaserScan; REP 117 specials are kept."""
    last = scan.angle_min + scan.angle_increment * (len(scan.ranges) - 1)
    return message(
        "sensor_msgs/LaserScan",
        header=header(scan.stamp, "laser"),
        angle_min=float(scan.angle_min),
        angle_max=float(last),
        angle_increment=float(scan.angle_increment),
        time_increment=0.0,
        scan_time=0.1,
        range_min=float(scan.range_min),
        range_max=float(scan.range_max),
        ranges=scan.ranges.astype(np.float32),
        intensities=np.zeros(0, np.float32),
    )


def odometry_message(body: BodyState) -> Any:
    """nav_msgs/Odometry of the base."""
    return message(
        "nav_msgs/Odometry",
        header=header(body.stamp, "odom"),
        child_frame_id="base_link",
        pose=message(
            "geometry_msgs/PoseWithCovariance",
            pose=pose_message(body.pose_odom_base),
            covariance=np.zeros(36),
        ),
        twist=message(
            "geometry_msgs/TwistWithCovariance",
            twist=twist_message(body.twist_base),
            covariance=np.zeros(36),
        ),
    )


def joint_state_message(body: BodyState) -> Any:
    """sensor_msgs/JointState of the arm."""
    return message(
        "sensor_msgs/JointState",
        header=header(body.stamp, "base_link"),
        name=[f"joint{i + 1}" for i in range(len(body.q))],
        position=np.asarray(body.q, float),
        velocity=np.asarray(body.dq, float),
        effort=np.asarray(body.effort, float),
    )


def wrench_message(body: BodyState) -> Any:
    """geometry_msgs/WrenchStamped at the end effector, `base_link` axes."""
    force, torque = body.wrench_ee[:3], body.wrench_ee[3:]
    return message(
        "geometry_msgs/WrenchStamped",
        header=header(body.stamp, "base_link"),
        wrench=message(
            "geometry_msgs/Wrench", force=vector(force), torque=vector(torque)
        ),
    )


def grid_message(grid: GridView, stamp: float) -> Any:
    """nav_msgs/OccupancyGrid in `map`."""
    height, width = grid.cells.shape
    origin = np.array([grid.origin[0], grid.origin[1], 0.0])
    return message(
        "nav_msgs/OccupancyGrid",
        header=header(stamp, "map"),
        info=message(
            "nav_msgs/MapMetaData",
            map_load_time=time_message(stamp),
            resolution=float(grid.resolution),
            width=width,
            height=height,
            origin=pose_message(origin),
        ),
        data=grid.cells.ravel(),
    )


def path_message(points: Array, stamp: float) -> Any:
    """nav_msgs/Path through points (n, 2) [m] in `map`."""
    top = header(stamp, "map")
    poses = [
        message(
            "geometry_msgs/PoseStamped",
            header=top,
            pose=pose_message(np.array([x, y, 0.0])),
        )
        for x, y in points
    ]
    return message("nav_msgs/Path", header=top, poses=poses)


def transform_message(
    pose: Array, stamp: float, *, frame_id: str, child_frame_id: str
) -> Any:
    """tf2_msgs/TFMessage with one planar transform."""
    moved = message(
        "geometry_msgs/TransformStamped",
        header=header(stamp, frame_id),
        child_frame_id=child_frame_id,
        transform=message(
            "geometry_msgs/Transform",
            translation=vector(np.array([pose[0], pose[1], 0.0])),
            rotation=yaw_quaternion(pose[2]),
        ),
    )
    return message("tf2_msgs/TFMessage", transforms=[moved])


def pose_message(pose: Array) -> Any:
    """geometry_msgs/Pose of a planar pose (3,)."""
    position = message("geometry_msgs/Point", x=float(pose[0]), y=float(pose[1]), z=0.0)
    return message(
        "geometry_msgs/Pose", position=position, orientation=yaw_quaternion(pose[2])
    )


def twist_message(twist_base: Array) -> Any:
    """geometry_msgs/Twist of a planar twist (2,)."""
    return message(
        "geometry_msgs/Twist",
        linear=vector(np.array([twist_base[0], 0.0, 0.0])),
        angular=vector(np.array([0.0, 0.0, twist_base[1]])),
    )


def vector(xyz: Array) -> Any:
    """geometry_msgs/Vector3."""
    x, y, z = (float(value) for value in xyz)
    return message("geometry_msgs/Vector3", x=x, y=y, z=z)


def yaw_quaternion(yaw: float) -> Any:
    """geometry_msgs/Quaternion of a rotation about z."""
    return message(
        "geometry_msgs/Quaternion",
        x=0.0,
        y=0.0,
        z=float(np.sin(yaw / 2.0)),
        w=float(np.cos(yaw / 2.0)),
    )


def _full(kind: str) -> str:
    package, name = kind.split("/")
    return f"{package}/msg/{name}"
