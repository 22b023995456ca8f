"""Cartesian impedance: a spring and a damper between hand and anchor pose.

    wrench = K e - D J dq + wrench_ff,   effort = J^T wrench + N^T posture

in the axes of `base_link`, with the error e clipped so that the spring never pulls
harder than K * clip, and the posture projected into the dynamically consistent null
space (O. Khatib, IEEE J. Robotics and Automation 3(1), 1987), so that it does not move
the hand. Near singularities the effective mass is capped.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.back_off import BackOff
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.impedance.reference import CartesianReference
from neural_brain.models.impedance.stiffness import StiffnessSchedule
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.acceptance import start_hand
from neural_brain.models.kernels.law import (
    LAW,
    cartesian_effort,
    hand_effort,
)
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.kernels.mobility import read_mobility
from neural_brain.models.signals import ArmDynamics


class CartesianLaw:
    """The task-space part of the impedance controller.

    Args:
        config: stiffness, damping, speeds and limits.
        dynamics: rigid-body terms of the arm; their arrays are the same for ever.
        state: where to keep it; memory of its own when None.
        rows: the same for what has a value a joint, see `kernels.joint_rows`.

    Attributes:
        reference: anchor of the spring. schedule: its stiffness and damping.
        wrench: what the hand is asked to exert (6,) [N, Nm].
        wrench_ff: what it shall exert besides the spring (6,) [N, Nm].
        back_off: a push out of a contact that takes the place of that into it.
    """

    def __init__(
        self,
        config: ImpedanceConfig,
        dynamics: ArmDynamics,
        state: Memory | None = None,
        rows: Array | None = None,
    ) -> None:
        n = dynamics.n
        self._state = state = memory(LAW) if state is None else state
        self._rows = row.joint_rows(n) if rows is None else rows
        self.reference = CartesianReference(config, state["anchor"])
        self.schedule = StiffnessSchedule(config, state["schedule"])
        self.back_off = BackOff(config.tick_s, state["back_off"])
        self.wrench: Array = state["wrench"][0]
        self.wrench_ff: Array = state["wrench_ff"][0]
        self._velocity: Array = state["velocity"][0]
        self._chol: Array = state["chol"][0]
        self._chol[:] = np.eye(6)
        self._share, self._opening = state["share"], state["opening"]
        state["share"] = state["left"] = 1.0
        state["tick_s"] = config.tick_s
        state["error_clip_m"] = config.error_clip_m
        state["error_clip_rad"] = config.error_clip_rad
        state["max_force_n"] = config.max_force_n
        state["max_moment_nm"] = config.max_moment_nm
        caps = [1.0 / config.mass_max_kg] * 3 + [1.0 / config.inertia_max_kg_m2] * 3
        state["caps"] = caps
        state["stiffest_n_m"] = config.stiffness_max_n_m
        state["stiffest_nm_rad"] = config.stiffness_max_nm_rad
        state["floor_share"] = config.stiffness_floor_share
        self._dynamics = dynamics

    @property
    def damped_w(self) -> float:
        """Power of this tick that refills the energy tank [W]."""
        return float(self._state["damped_w"][0])

    @property
    def spent_w(self) -> float:
        """Power of this tick that the energy tank pays [W]."""
        return float(self._state["spent_w"][0])

    @property
    def mobility_root(self) -> Array:
        """Lower L (3, 3) with L L^T = J M^-1 J^T of the hand's translation [1/kg]."""
        return self._chol[:3, :3]

    def soften(self, share: float) -> None:
        """Leave the spring a share of its force; a rise is charged to the tank."""
        self._share[0] = share

    def start(self) -> None:
        """Anchor at the present pose with a relaxed spring of the wanted stiffness."""
        arm = self._dynamics
        zero, K = np.zeros(arm.n), self._state["schedule"]["wanted"][0]
        parts = (zero, arm.T_base_ee, K, np.zeros(6), arm.T_base_ee)
        asked = np.concatenate(parts, axis=None)
        start_hand(self._state, self._rows, asked, arm.mass, arm.jacobian)

    def read_mobility(self) -> None:
        """Factor J M^-1 J^T + cap and the map from effort to task wrench."""
        arm = self._dynamics
        read_mobility(self._state, self._rows, arm.mass, arm.jacobian)

    def plan(self, opening: float) -> None:
        """Lay out the next segment of stiffness and damping."""
        self.schedule.plan(self._chol, opening=opening)

    def tick(self) -> None:
        """Effort of this tick into its row, with posture, soft stops and gravity.

        Measured joints and gravity are in their rows, the duration in the state.
        """
        arm = self._dynamics
        cartesian_effort(self._state, self._rows, arm.jacobian, arm.T_base_ee)

    def effort(self, dq: Array, posture: Array, opening: float) -> Array:
        """Joint efforts (n,) [Nm] of spring and damper; reused between calls.

        Args:
            dq: joint velocities (n,) [rad/s].
            posture: effort (n,) [Nm] wished in the null space.
            opening: of the energy tank, 0..1.
        """
        arm, rows = self._dynamics, self._rows
        rows[row.DQ], rows[row.POSTURE] = dq, posture
        self._opening[0] = opening
        hand_effort(self._state, rows, arm.jacobian, arm.T_base_ee)
        return rows[row.EFFORT]
