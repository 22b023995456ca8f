"""Joint names, limits and dynamics of the built-in mobile manipulator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError
from neural_brain.models.signals import ArmDynamics, BodyLimits
from neural_brain.robots import arm_dynamics
from neural_brain.sim.robots import base, panda

LEAST_M = 0.1
JOINT_NAMES = tuple(f"panda_joint{i}" for i in range(1, 8))


@dataclass(frozen=True, kw_only=True)
class BaseConfig:
    """What the base can do, and how large it is."""

    radius_m: float = param(
        float(base.RADIUS_M),
        "of a circle around all of it; not used with length_m and width_m",
        low=0.05,
        high=2.0,
    )
    length_m: float = param(
        0.0, "of a rectangle around all of it; 0 = it is round", low=0.0, high=3.0
    )
    width_m: float = param(0.0, "the same across", low=0.0, high=3.0)
    centre_m: float = param(
        0.0, "x of the rectangle's middle in base_link", low=-1.5, high=1.5
    )
    speed_m_s: float = param(
        float(base.TWIST_MAX[0]), "fastest forward", low=0.01, high=5.0
    )
    turn_rad_s: float = param(
        float(base.TWIST_MAX[1]), "fastest turn", low=0.01, high=10.0
    )
    accel_m_s2: float = param(
        float(base.ACCEL_MAX[0]), "it surely brakes so hard", low=0.05, high=20.0
    )
    turn_accel_rad_s2: float = param(
        float(base.ACCEL_MAX[1]), "the same for turning", low=0.05, high=50.0
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
        short = min(self.length_m, self.width_m)
        if (self.length_m or self.width_m or self.centre_m) and short < LEAST_M:
            raise ConfigError(
                f"base.length_m = {self.length_m} with width_m = {self.width_m} and "
                f"centre_m = {self.centre_m}; a rectangle needs both sides, "
                f"{LEAST_M} m or more. Set both, or all three to 0 for a round base."
            )


def make_limits(
    config: BaseConfig | None = None, *, with_arm: bool = True
) -> BodyLimits:
    """Hard limits of the base and, if there is one, of the arm."""
    own = BaseConfig() if config is None else config
    joints = slice(None) if with_arm else slice(0)
    box = np.array([-own.length_m, own.length_m, -own.width_m, own.width_m]) / 2.0
    box += np.array([own.centre_m, own.centre_m, 0.0, 0.0])
    corner_m = float(np.hypot(np.abs(box[:2]).max(), box[3]))
    return BodyLimits(
        q_min=np.array(panda.Q_MIN)[joints],
        q_max=np.array(panda.Q_MAX)[joints],
        dq_max=np.array(panda.DQ_MAX)[joints],
        effort_max=np.array(panda.EFFORT_MAX)[joints],
        effort_rate_max=np.array(panda.EFFORT_RATE_MAX)[joints],
        twist_max=np.array([own.speed_m_s, own.turn_rad_s]),
        accel_max=np.array([own.accel_m_s2, own.turn_accel_rad_s2]),
        radius_m=corner_m if own.length_m else own.radius_m,
        footprint=box if own.length_m else np.zeros(0),
    )


def make_dynamics() -> ArmDynamics:
    """A fresh dynamics model of the arm."""
    return arm_dynamics()
