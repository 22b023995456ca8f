"""An arm in thought, which efforts move: it turns them into joint positions.

Servos that follow positions cannot be given efforts, and their state comes too seldom
for a spring of 1 kHz. So the fast loop moves this arm, whose mass and gravity are the
robot's, and the servos are told its joints. That is admittance control of an inner
position loop (Hogan 1985; Whitney 1977). It never runs further ahead of the measured
joints than a servo may lag, so a blocked arm is not pushed ever harder.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmDynamics, BodyLimits

LONGEST_STEP_S = 0.002


class VirtualArm:
    """Joint positions that follow efforts, always finite and inside the limits.

    Args:
        dynamics: rigid-body terms of the arm; owned by this object from now on.
        limits: its hard limits.
        margin_rad: kept from the joint limits [rad].

    Attributes:
        q, dq: joint positions (n,) [rad] and velocities (n,) [rad/s].
    """

    def __init__(
        self, dynamics: ArmDynamics, limits: BodyLimits, margin_rad: float
    ) -> None:
        self.low, self.high = limits.q_min + margin_rad, limits.q_max - margin_rad
        self._fastest = limits.dq_max
        self._dynamics = dynamics
        self.q: Array = 0.5 * (self.low + self.high)
        self.dq: Array = np.zeros(self.q.size)

    def place(self, q: Array) -> None:
        """Put it at rest at q (n,) [rad], or at the nearest position allowed."""
        self.q = np.clip(q, self.low, self.high)
        self.dq = np.zeros(q.size)

    def step(self, effort: Array, dt: float) -> None:
        """Move for dt [s] under efforts (n,) [Nm], in steps of 2 ms at most."""
        steps = max(1, int(np.ceil(dt / LONGEST_STEP_S)))
        h = dt / steps
        for _ in range(steps):
            self._dynamics.update(self.q, self.dq)
            pull = effort - self._dynamics.bias
            speed = self.dq + h * np.linalg.solve(self._dynamics.mass, pull)
            if not np.isfinite(speed).all():  # a broken model: stay where we are
                speed = np.zeros(self.q.size)
            speed = np.clip(speed, -self._fastest, self._fastest)
            self._move_to(self.q + h * speed, speed)

    def stay_near(self, q: Array, lead_rad: float) -> None:
        """Come back to within `lead_rad` of the measured joints q (n,) [rad]."""
        near = np.clip(self.q, q - lead_rad, q + lead_rad)
        outward = (near - self.q) * self.dq < 0.0
        self.dq = np.where(outward, 0.0, self.dq)
        self._move_to(near, self.dq)

    def _move_to(self, q: Array, dq: Array) -> None:
        self.q = np.clip(q, self.low, self.high)
        self.dq = np.where(self.q == q, dq, 0.0)
