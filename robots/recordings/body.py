"""The body state of a recorded robot, of which only the odometry is known."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyState


def recorded_body(
    stamp: float, pose_odom_base: Array, twist_base: Array | None = None
) -> BodyState:
    """A body state with odometry (3,); what was not recorded is empty or at rest."""
    twist = np.zeros(2) if twist_base is None else np.asarray(twist_base, float)
    return BodyState(
        stamp=stamp,
        q=np.zeros(0),
        dq=np.zeros(0),
        effort=np.zeros(0),
        twist_base=twist,
        pose_odom_base=np.asarray(pose_odom_base, dtype=np.float64),
        wrench_ee=np.zeros(6),
        bumper=np.zeros(0, dtype=bool),
        gyro=np.array([0.0, 0.0, twist[1]]),
        accel=np.array([0.0, 0.0, 9.81]),
        head=np.zeros(2),
        gripper_m=0.0,
        battery=1.0,
    )
