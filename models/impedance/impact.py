"""How fast the hand may move so that hitting something stays harmless.

A mass m that meets a spring of stiffness k with speed v presses at most

    F = v sqrt(k m)

before anything can react: on stiff things the peak comes within milliseconds. The mass
that counts is that of the arm in the direction of motion, m = 1 / (u^T J M^-1 J^T u)
(O. Khatib, IEEE J. Robotics and Automation 3(1), 1987), so light directions stay quick.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.kernels.mobility import mobility_towards
from neural_brain.models.signals import ArmDynamics


class ImpactSpeed:
    """Speed limit of the hand by direction.

    Args:
        config: highest speed, allowed force, and the stiffness to reckon with.
        dynamics: of the arm, as of the last tick.
    """

    def __init__(self, config: ImpedanceConfig, dynamics: ArmDynamics) -> None:
        self._most_m_s = config.speed_m_s
        self._impact_n = config.impact_n
        self._stiffness_n_m = config.impact_stiffness_n_m
        self._mass_max_kg = config.mass_max_kg
        self._dynamics = dynamics
        self._way: Array = np.zeros(3)
        self._work: Array = np.zeros((dynamics.n + 1, dynamics.n))

    def allowed(self, way: Array) -> float:
        """Speed [m/s] at which the hand may go along `way` (3,), of any length."""
        if self._stiffness_n_m == 0.0:
            return self._most_m_s
        mass = self._mass_towards(way)
        speed = self._impact_n / math.sqrt(self._stiffness_n_m * mass)
        return min(speed, self._most_m_s)

    def _mass_towards(self, way: Array) -> float:
        """Effective mass [kg] of the hand; the cap where it is not defined."""
        arm = self._dynamics
        self._way[:] = way
        mobility = mobility_towards(arm.mass, arm.jacobian, self._way, self._work)
        length2 = float(way.dot(way))
        if not mobility * self._mass_max_kg > length2:
            return self._mass_max_kg
        return length2 / mobility
