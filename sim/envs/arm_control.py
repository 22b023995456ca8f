"""Joint impedance with gravity compensation for tasks that move the hand."""

from __future__ import annotations

import mujoco
import numpy as np

from neural_brain.sim.robots.index import span
from neural_brain.sim.robots.limits import model_limits
from neural_brain.sim.simulation import Simulation

STIFFNESS = np.array([200.0, 200.0, 200.0, 200.0, 60.0, 60.0, 30.0])
DAMPING = 2.0 * np.sqrt(STIFFNESS)


class ArmControl:
    """Follows small displacements of the hand by damped least squares.

    Source of the inverse kinematics: Y. Nakamura, H. Hanafusa, "Inverse kinematic
    solutions with singularity robustness for robot manipulator control", 1986.

    Args:
        simulation: world with an arm.
        rest: posture to stay near (n,) [rad].
    """

    def __init__(self, simulation: Simulation, rest: np.ndarray) -> None:
        index, data = simulation.index, simulation.data
        self._simulation, self._rest = simulation, rest
        self.limits = model_limits(simulation.model)
        self.q = span(data.qpos, index.arm_q)
        self.dq = span(data.qvel, index.arm_dof)
        self._bias = span(data.qfrc_bias, index.arm_dof)
        self._ctrl = span(data.ctrl, index.arm_ctrl)
        self.target = rest.copy()
        n = rest.size
        self._stiffness, self._damping = STIFFNESS[:n], DAMPING[:n]

    def move(self, displacement: np.ndarray) -> None:
        """Shift the target so that the hand goes by (3,) [m], its axis kept."""
        model, data = self._simulation.model, self._simulation.data
        jacobian = np.zeros((6, model.nv))
        site = self._simulation.index.ee_site
        mujoco.mj_jacSite(model, data, jacobian[:3], jacobian[3:], site)
        J = jacobian[:, self._simulation.index.arm_dof]
        wanted = np.concatenate([displacement, np.zeros(3)])
        inverse = J.T @ np.linalg.inv(J @ J.T + 1e-4 * np.eye(6))
        null = np.eye(J.shape[1]) - inverse @ J
        step = inverse @ wanted + null @ (0.05 * (self._rest - self.target))
        limits = self.limits
        self.target = np.clip(self.target + step, limits.q_min, limits.q_max)

    def run(self, ticks: int) -> None:
        """Hold the target for some ticks.

        Raises:
            SimulationError: if the physics diverged.
        """
        limit = self.limits.effort_max
        for _ in range(ticks):
            effort = self._bias + self._stiffness * (self.target - self.q)
            effort -= self._damping * self.dq
            self._ctrl[:] = np.minimum(np.maximum(effort, -limit), limit)
            self._simulation.step()
