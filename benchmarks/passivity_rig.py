"""A free body with the effective mass of the arm, and the law that drives it."""

from __future__ import annotations

import numpy as np
from scipy.linalg import block_diag

from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ImpedanceConfig, StiffnessSchedule
from neural_brain.models.impedance.cartesian import CartesianLaw
from neural_brain.models.kernels.law import LAW
from neural_brain.models.kernels.memory import memory
from neural_brain.robots import MujocoArm, arm_dynamics
from neural_brain.sim.robots import READY

CONFIG = ImpedanceConfig(
    error_clip_m=0.5,
    max_force_n=300.0,
    tank_start_j=0.5,
    tank_min_j=0.05,
    tank_soft_j=0.15,
    tank_max_j=0.5,
    tank_allowance_w=0.0,
)
TICK_S = CONFIG.tick_s


class FreeBody:
    """`ArmDynamics` of a rigid body without joints; it turns about no axis here."""

    def __init__(self, mass: Array) -> None:
        self.n = 6
        self.mass, self.jacobian = mass, np.eye(6)
        self.T_base_ee, self.bias = np.eye(4), np.zeros(6)
        self.velocity: Array = np.zeros(6)

    def update(self, q: Array, dq: Array) -> None:
        """Put the body at q (6,) [m, rad] with velocity dq (6,)."""
        self.T_base_ee[:3, 3] = q[:3]
        self.velocity[:] = dq

    def push(self, force: Array) -> None:
        """One tick under a force (6,) [N, Nm]."""
        self.velocity += TICK_S * np.linalg.solve(self.mass, force)
        self.velocity[3:] = 0.0
        self.T_base_ee[:3, 3] += TICK_S * self.velocity[:3]


class RootRule(StiffnessSchedule):
    """The usual practice: D = 2 sqrt(K), and a wanted stiffness is there at once."""

    def plan(self, mobility_chol: Array, *, opening: float = 1.0) -> None:
        """Jump."""
        self.jump(mobility_chol)

    def jump(self, mobility_chol: Array) -> None:
        """Take the wanted stiffness at once, with its usual damping."""
        super().jump(mobility_chol)
        values, V = np.linalg.eigh(self.K)
        self.D[:] = (V * (2.0 * np.sqrt(values))).dot(V.T)


OURS, RULE = "ours", "2 sqrt(K), no tank"
Schedule = type[StiffnessSchedule]
VARIANTS: dict[str, tuple[Schedule, bool]] = {
    OURS: (StiffnessSchedule, True),
    "no tank": (StiffnessSchedule, False),
    RULE: (RootRule, False),
}


def posture_mass(seed: int) -> Array:
    """Effective mass (6, 6) of hand and payload at a random posture near the usual."""
    rng = np.random.default_rng(seed)
    arm: MujocoArm = arm_dynamics(float(rng.uniform(0.0, 3.0)))
    arm.update(READY + rng.uniform(-0.4, 0.4, READY.size), np.zeros(READY.size))
    mobility = arm.jacobian @ np.linalg.solve(arm.mass, arm.jacobian.T)
    mobility += 1e-3 * np.eye(6)
    return np.asarray(
        block_diag(np.linalg.inv(mobility[:3, :3]), np.linalg.inv(mobility[3:, 3:]))
    )


def make(
    name: str, mass: Array, K_n_m: float, config: ImpedanceConfig = CONFIG
) -> tuple[FreeBody, CartesianLaw]:
    """A body at rest at its anchor with a stiffness."""
    body = FreeBody(mass)
    state = memory(LAW)
    law = CartesianLaw(config, body, state)
    law.schedule = VARIANTS[name][0](config, state["schedule"])
    law.schedule.aim(stiffness(K_n_m))
    law.start()
    law.schedule.jump(state["chol"][0])  # the rule has a damping of its own
    return body, law


def stiffness(linear_n_m: float) -> Array:
    """Isotropic stiffness (6, 6)."""
    return np.diag([linear_n_m] * 3 + [30.0] * 3)
