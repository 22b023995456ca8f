"""Robots built from primitive shapes, and where their parts are in a model."""

from neural_brain.sim.robots import panda
from neural_brain.sim.robots.arm import JOINTS, MOUNT_XYZ
from neural_brain.sim.robots.build import ROBOT_KINDS, add_robot
from neural_brain.sim.robots.index import RobotIndex, index_robot
from neural_brain.sim.robots.postures import READY, STOWED

__all__ = [
    "JOINTS",
    "MOUNT_XYZ",
    "READY",
    "ROBOT_KINDS",
    "STOWED",
    "RobotIndex",
    "add_robot",
    "index_robot",
    "panda",
]
