"""Robots built from primitive shapes, and where their parts are in a model."""

from neural_brain.sim.robots import panda
from neural_brain.sim.robots.arm import JOINTS, MOUNT_XYZ
from neural_brain.sim.robots.build import ROBOT_KINDS, add_robot, robot_kind
from neural_brain.sim.robots.index import RobotIndex, index_robot
from neural_brain.sim.robots.packaged import PACKAGED_ARMS
from neural_brain.sim.robots.postures import READY, STOWED, rest_posture

__all__ = [
    "JOINTS",
    "MOUNT_XYZ",
    "PACKAGED_ARMS",
    "READY",
    "ROBOT_KINDS",
    "STOWED",
    "RobotIndex",
    "add_robot",
    "index_robot",
    "panda",
    "rest_posture",
    "robot_kind",
]
