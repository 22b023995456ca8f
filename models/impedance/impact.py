"""How fast the hand may move so that hitting something stays harmless.

A mass m that meets a spring of stiffness k with speed v presses at most

    F = v sqrt(k m)

before anything can react: on stiff things the peak comes within milliseconds. The mass
that counts is that of the arm in the direction of motion, m = 1 / (u^T J M^-1 J^T u)
(O. Khatib, IEEE J. Robotics and Automation 3(1), 1987), so light directions stay quick.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.kernels.law import IMPACT
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.kernels.mobility import speed_along
from neural_brain.models.signals import ArmDynamics


class ImpactSpeed:
    """Speed limit of the hand by direction.

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
        self._dynamics = dynamics
        self._way: Array = np.zeros(3)
        self._work: Array = np.zeros((dynamics.n + 1, dynamics.n))

    def allowed(self, way: Array) -> float:
        """Speed [m/s] at which the hand may go along `way` (3,), of any length."""
        arm = self._dynamics
        self._way[:] = way
        return speed_along(self._state, arm.mass, arm.jacobian, self._way, self._work)
