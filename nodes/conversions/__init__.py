"""Signals to ROS messages and back: the only place where message fields are set."""

from neural_brain.nodes.conversions.areas import area_markers
from neural_brain.nodes.conversions.body import (
    imu_msg,
    joint_state_msg,
    odometry_msg,
    reflex_status,
    twist_from_msg,
    twist_msg,
    wrench_msg,
)
from neural_brain.nodes.conversions.maps import (
    grid_msg,
    landmark_markers,
    path_msg,
)
from neural_brain.nodes.conversions.parts import (
    planar_from_pose,
    point,
    pose_from_planar,
    quaternion,
    time_msg,
    transform_msg,
    vector3,
    yaw_of,
    yaw_quaternion,
)
from neural_brain.nodes.conversions.sensors import (
    camera_info_msg,
    camera_matrix,
    colour_msg,
    depth_msg,
    image_from_msg,
    labels_from_msg,
    labels_msg,
    scan_from_msg,
    scan_msg,
)

__all__ = [
    "area_markers",
    "camera_info_msg",
    "camera_matrix",
    "colour_msg",
    "depth_msg",
    "grid_msg",
    "image_from_msg",
    "imu_msg",
    "joint_state_msg",
    "labels_from_msg",
    "labels_msg",
    "landmark_markers",
    "odometry_msg",
    "path_msg",
    "planar_from_pose",
    "point",
    "pose_from_planar",
    "quaternion",
    "reflex_status",
    "scan_from_msg",
    "scan_msg",
    "time_msg",
    "transform_msg",
    "twist_from_msg",
    "twist_msg",
    "vector3",
    "wrench_msg",
    "yaw_of",
    "yaw_quaternion",
]
