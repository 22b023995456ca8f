"""Joint names, limits and dynamics of the built-in mobile manipulator."""

from __future__ import annotations

import numpy as np

from neural_brain.models.signals import ArmDynamics, BodyLimits
from neural_brain.robots import arm_dynamics
from neural_brain.sim.robots import base, panda

JOINT_NAMES = tuple(f"panda_joint{i}" for i in range(1, 8))


def make_limits() -> BodyLimits:
    """Hard limits of arm and base."""
    return BodyLimits(
        q_min=np.array(panda.Q_MIN),
        q_max=np.array(panda.Q_MAX),
        dq_max=np.array(panda.DQ_MAX),
        effort_max=np.array(panda.EFFORT_MAX),
        effort_rate_max=np.array(panda.EFFORT_RATE_MAX),
        twist_max=np.array(base.TWIST_MAX),
        accel_max=np.array(base.ACCEL_MAX),
        radius_m=float(base.RADIUS_M),
    )


def make_dynamics() -> ArmDynamics:
    """A fresh dynamics model of the arm."""
    return arm_dynamics()
