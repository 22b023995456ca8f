"""Published limits of the robots that `sim.robots` builds."""

from __future__ import annotations

import mujoco
import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyLimits
from neural_brain.sim.robots import base, panda
from neural_brain.sim.robots.build import MOVING_KINDS, robot_kind
from neural_brain.sim.robots.index import index_robot
from neural_brain.sim.robots.packaged import PACKAGED_ARMS


def model_limits(model: mujoco.MjModel) -> BodyLimits:
    """Limits of the robot in a model; joint ranges are the model's own.

    Args:
        model: a world with one robot made by `add_robot`.
    """
    kind = robot_kind(model)
    index = index_robot(model)
    joints = model.dof_jntid[index.arm_dof]
    dq_max, effort_max = _arm(kind, joints.size)
    return BodyLimits(
        q_min=model.jnt_range[joints, 0].copy(),
        q_max=model.jnt_range[joints, 1].copy(),
        dq_max=dq_max,
        effort_max=effort_max,
        effort_rate_max=np.full(joints.size, float(panda.EFFORT_RATE_MAX[0])),
        twist_max=base.TWIST_MAX * (kind in MOVING_KINDS),
        accel_max=base.ACCEL_MAX.copy(),
        radius_m=base.RADIUS_M,
    )


def _arm(kind: str, joints: int) -> tuple[Array, Array]:
    """Speed limits [rad/s] and effort limits [Nm] of an arm."""
    if kind in PACKAGED_ARMS:
        arm = PACKAGED_ARMS[kind]
        return np.array(arm.dq_max), np.array(arm.effort_max)
    return panda.DQ_MAX[:joints].copy(), panda.EFFORT_MAX[:joints].copy()
