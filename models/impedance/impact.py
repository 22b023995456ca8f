"""How fast the hand may move so that hitting something stays harmless.

A mass m that meets a spring of stiffness k with speed v presses at most

    F = v sqrt(k m)

before anything can react: on stiff things the peak comes within milliseconds. The mass
that counts is that of the arm in the direction of motion, m = 1 / (u^T J M^-1 J^T u)
(O. Khatib, IEEE J. Robotics and Automation 3(1), 1987), so light directions stay quick.

Where joints are moved, flange and wrist are as quick as the hand, and heavier. Their
blow is that against the worst direction of a wall,

    F^2 / k = max over u of (u^T v)^2 m(u) = v^T (J M^-1 J^T)^-1 v.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import lapack

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.kernels.law import IMPACT
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.kernels.mobility import speed_along
from neural_brain.models.signals import ArmDynamics

_BEHIND = (0.0, 0.5, 1.0)
"""Points that are looked at, in shares of the length behind the hand."""


class ImpactSpeed:
    """Speed limit of the hand by direction, and of the joints by what is behind it.

    Args:
        config: highest speed, allowed force, and the stiffness to reckon with.
        dynamics: of the arm, as of the last tick.
        state: where to keep the numbers; memory of its own when None.
    """

    def __init__(
        self,
        config: ImpedanceConfig,
        dynamics: ArmDynamics,
        state: Memory | None = None,
    ) -> None:
        self._state = state = memory(IMPACT) if state is None else state
        state["most_m_s"], state["impact_n"] = config.speed_m_s, config.impact_n
        state["stiffness_n_m"] = config.impact_stiffness_n_m
        state["mass_max_kg"] = config.mass_max_kg
        self._stiffness_n_m = config.impact_stiffness_n_m
        self._behind_m = config.impact_behind_m
        self._tiny = 1e-6 * np.eye(3)  # [1/kg], for arms that cannot go everywhere
        self._dynamics = dynamics
        self._way: Array = np.zeros(3)
        self._work: Array = np.zeros((dynamics.n + 1, dynamics.n))

    def allowed(self, way: Array) -> float:
        """Speed [m/s] at which the hand may go along `way` (3,), of any length."""
        arm = self._dynamics
        self._way[:] = way
        return speed_along(self._state, arm.mass, arm.jacobian, self._way, self._work)

    def blow_n(self, dq: Array) -> float:
        """Largest force [N] of hand, wrist or flange at joint velocities (n,)."""
        arm = self._dynamics
        J, back = arm.jacobian, -self._behind_m * arm.T_base_ee[:3, 2]
        spread = np.array([np.cross(turn, back) for turn in J[3:].T]).T
        _, solved, info = lapack.dposv(arm.mass, np.hstack([J[:3].T, spread.T]))
        if info != 0:  # as if nothing gave way
            solved = np.zeros((arm.n, 6))
        moving = 0.0
        for share in _BEHIND:
            part = J[:3] + share * spread
            mobility = part.dot(solved[:, :3] + share * solved[:, 3:]) + self._tiny
            v = part.dot(dq)
            moving = max(moving, float(v.dot(np.linalg.solve(mobility, v))))
        return math.sqrt(self._stiffness_n_m * moving)
