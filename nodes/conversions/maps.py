"""Grids, paths and landmarks as ROS messages."""

from __future__ import annotations

import array
import math
from collections.abc import Sequence

import numpy as np
from geometry_msgs.msg import PoseStamped, PoseWithCovarianceStamped
from nav_msgs.msg import OccupancyGrid, Path
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from neural_brain.models.signals import Array, GridView, Landmark
from neural_brain.nodes.conversions.parts import (
    point,
    pose_from_planar,
    time_msg,
    vector3,
)

PLANAR = (0, 1, 5)  # x, y and yaw among the six of a pose


def grid_msg(grid: GridView, t: float) -> OccupancyGrid:
    """The occupancy grid in `map`."""
    message = OccupancyGrid()
    message.header.frame_id = "map"
    message.header.stamp = time_msg(t)
    message.info.map_load_time = time_msg(t)
    message.info.resolution = float(grid.resolution)
    message.info.height, message.info.width = (int(size) for size in grid.cells.shape)
    message.info.origin.position = point(grid.origin)
    message.info.origin.orientation.w = 1.0
    message.data = array.array("b", np.ascontiguousarray(grid.cells).tobytes())
    return message


def pose_msg(pose: Array, covariance: Array, t: float) -> PoseWithCovarianceStamped:
    """A pose (3,) of the base in `map` with its covariance (3, 3) [m2, m rad, rad2]."""
    message = PoseWithCovarianceStamped()
    message.header.frame_id = "map"
    message.header.stamp = time_msg(t)
    message.pose.pose = pose_from_planar(pose)
    spread = np.zeros((6, 6))
    spread[np.ix_(PLANAR, PLANAR)] = covariance
    message.pose.covariance = spread.ravel()
    return message


def path_msg(path_map: Array, t: float) -> Path:
    """A path (n, 2) [m] in `map`; each pose looks at the next."""
    message = Path()
    message.header.frame_id = "map"
    message.header.stamp = time_msg(t)
    ahead = np.diff(path_map, axis=0) if len(path_map) > 1 else np.zeros((1, 2))
    for i, xy in enumerate(path_map):
        dx, dy = ahead[min(i, len(ahead) - 1)]
        pose = PoseStamped(header=message.header)
        pose.pose = pose_from_planar(np.array([xy[0], xy[1], math.atan2(dy, dx)]))
        message.poses.append(pose)
    return message


def landmark_markers(landmarks: Sequence[Landmark], t: float) -> MarkerArray:
    """A box and a label for every landmark; old ones are removed first."""
    clear = Marker(action=Marker.DELETEALL)
    clear.header.frame_id = "map"
    markers = [clear]
    for landmark in landmarks:
        text = f"{landmark.colour} {landmark.category}".strip()
        for kind, space in ((Marker.CUBE, "boxes"), (Marker.TEXT_VIEW_FACING, "words")):
            marker = Marker(type=kind, ns=space, id=int(landmark.id), text=text)
            marker.header.frame_id = "map"
            marker.header.stamp = time_msg(t)
            marker.pose.position = point(landmark.center_map)
            marker.pose.orientation.w = 1.0
            marker.color = ColorRGBA(r=0.1, g=0.5, b=0.9, a=float(landmark.confidence))
            marker.scale = vector3(np.maximum(landmark.size, 0.02))
            if kind == Marker.TEXT_VIEW_FACING:
                marker.pose.position.z += float(landmark.size[2])
                marker.scale = vector3(np.full(3, 0.12))
            markers.append(marker)
    return MarkerArray(markers=markers)
