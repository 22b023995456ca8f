"""Robots: the Body contract's implementations and the arm dynamics they use."""

from neural_brain.robots.admittance_body import AdmittanceBody
from neural_brain.robots.arm_file import arm_from_file
from neural_brain.robots.arm_shape import MujocoArmShape
from neural_brain.robots.bullet_body import BulletBody, make_bullet_body
from neural_brain.robots.dynamics import MujocoArm, arm_dynamics
from neural_brain.robots.home_body import body_in, make_home_body, make_room_body
from neural_brain.robots.lerobot_body import LeRobotBody
from neural_brain.robots.lerobot_so101 import so101_body, so101_fast_loop
from neural_brain.robots.lerobot_words import LeRobotBodyConfig
from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.robots.servo_body import ServoBody, ServoConfig, add_servos

__all__ = [
    "AdmittanceBody",
    "BulletBody",
    "LeRobotBody",
    "LeRobotBodyConfig",
    "MujocoArm",
    "MujocoArmShape",
    "MujocoBody",
    "MujocoBodyConfig",
    "ServoBody",
    "ServoConfig",
    "add_servos",
    "arm_dynamics",
    "arm_from_file",
    "body_in",
    "make_bullet_body",
    "make_home_body",
    "make_room_body",
    "so101_body",
    "so101_fast_loop",
]
