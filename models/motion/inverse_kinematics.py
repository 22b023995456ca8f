"""Inverse kinematics by damped least squares with a preferred posture.

Wampler 1986, Nakamura and Hanafusa 1986. The tool may turn freely about its own axis:
only its position and the direction of its z axis are asked for, which leaves two
redundant degrees on a seven-joint arm; they go towards a preferred posture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmDynamics, BodyLimits

POSITION_TOLERANCE_M = 3e-3
AXIS_TOLERANCE_RAD = 0.03
PATIENCE = 10  # steps without progress until a goal counts as out of reach


@dataclass(frozen=True, kw_only=True)
class ToolGoal:
    """Tool position (3,) [m] and direction (3,) of its z axis, both in `base_link`."""

    position: Array
    axis: Array


class InverseKinematics:
    """Joint positions that put the tool where it should be.

    Args:
        dynamics: kinematics of the arm; its state is changed.
        limits: joint limits.
        margin_rad: kept from the joint limits [rad].
    """

    def __init__(
        self, dynamics: ArmDynamics, limits: BodyLimits, margin_rad: float = 0.06
    ) -> None:
        self.dynamics = dynamics
        self.low = limits.q_min + margin_rad
        self.high = limits.q_max - margin_rad
        self._still = np.zeros(dynamics.n)

    def forward(self, q: Array) -> Array:
        """Tool pose (4, 4) in `base_link`; a copy."""
        self.dynamics.update(q, self._still)
        return self.dynamics.T_base_ee.copy()

    def solve(
        self, goal: ToolGoal, start: Array, posture: Array, iterations: int = 60
    ) -> Array | None:
        """Joint positions (n,) for a tool goal, or None if it cannot be reached.

        Args:
            goal: where the tool should be.
            start: joint positions to begin from (n,).
            posture: preferred joint positions (n,).
            iterations: most steps.
        """
        q = np.clip(start, self.low, self.high)
        best, best_at = np.inf, 0
        for k in range(iterations):
            error, jacobian = self._error(goal, q)
            size = float(np.abs(error).max())
            if size < 0.95 * best:
                best, best_at = size, k
            elif k - best_at > PATIENCE:
                return None
            near = np.linalg.norm(error[:3]) < POSITION_TOLERANCE_M
            if near and np.linalg.norm(error[3:]) < AXIS_TOLERANCE_RAD:
                return q
            q = np.clip(
                q + self._step(error, jacobian, posture - q), self.low, self.high
            )
        return None

    def _error(self, goal: ToolGoal, q: Array) -> tuple[Array, Array]:
        self.dynamics.update(q, self._still)
        T, jacobian = self.dynamics.T_base_ee, self.dynamics.jacobian.copy()
        z = T[:3, 2]
        turn = np.cross(z, goal.axis)
        if float(z @ goal.axis) < 0.0:  # more than a right angle: keep full strength
            size = float(np.linalg.norm(turn))
            turn = turn / size if size > 1e-6 else np.array(T[:3, 0])
        jacobian[3:] -= np.outer(z, z @ jacobian[3:])
        return np.concatenate([goal.position - T[:3, 3], turn]), jacobian

    def _step(self, error: Array, jacobian: Array, to_posture: Array) -> Array:
        size = float(np.abs(error).max())
        bounded = error.copy()
        bounded[:3] *= min(1.0, 0.12 / max(float(np.linalg.norm(error[:3])), 1e-9))
        bounded[3:] *= min(1.0, 0.4 / max(float(np.linalg.norm(error[3:])), 1e-9))
        # Damp far from the goal; near it converge, the posture no longer matters.
        square = jacobian @ jacobian.T + (1e-4 + 0.01 * min(size, 0.3)) * np.eye(6)
        inverse = np.linalg.solve(square, jacobian).T
        free = np.eye(len(to_posture)) - inverse @ jacobian
        step = inverse @ bounded + 0.15 * min(1.0, size / 0.05) * free @ to_posture
        return np.asarray(np.clip(step, -0.25, 0.25))
