"""Grids and paths as ROS messages."""

from __future__ import annotations

import array
import math

import numpy as np
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import OccupancyGrid, Path

from neural_brain.models.signals import Array, GridView
from neural_brain.nodes.conversions.parts import point, pose_from_planar, time_msg


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
