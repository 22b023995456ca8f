"""An arm in thought, which efforts move: it turns them into joint positions.

Servos that follow positions cannot be given efforts, and their state often comes too
seldom for a spring of 1 kHz. So the fast loop moves this arm, whose mass and gravity
are the robot's, and the servos are told its joints. That is admittance control of an
inner position loop (Hogan 1985; Whitney 1977). What the wrist feels pushes the virtual
hand, so spring, damper and energy tank mean what they mean with joint torques.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack

from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmDynamics, BodyLimits

LONGEST_STEP_S = 0.002


class VirtualArm:
    """Joint positions that follow efforts, always finite and inside the limits.

    Nothing is inverted but the mass matrix, so singular postures need no care: there
    the hand is heavy in a direction, as that of a real arm is.

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
        self._mass: Array | None = None

    def place(self, q: Array) -> None:
        """Put it at rest at q (n,) [rad], or at the nearest position allowed."""
        self.q = np.clip(q, self.low, self.high)
        self.dq = np.zeros(q.size)
        self._mass = None

    def step(
        self,
        effort: Array,
        dt: float,
        *,
        wrench: Array | None = None,
        damping: Array | None = None,
    ) -> None:
        """Move for dt [s] in steps of 2 ms at most.

        Half the change of the mass matrix is taken out, as the Coriolis terms of a real
        arm would do; so no energy comes from a change of posture.

        Args:
            effort: of the joints (n,) [Nm], gravity included.
            dt: time to pass [s].
            wrench: what the world applies to the hand (6,) [N, Nm], in `base_link`.
            damping: of the hand besides that in the effort (6, 6) [Ns/m, Nms/rad],
                positive semi-definite; taken in implicitly, so it may be large.
        """
        if not self.q.size:
            return
        steps = max(1, int(np.ceil(dt / LONGEST_STEP_S)))
        h = dt / steps
        for _ in range(steps):
            speed = self._speed_after(effort, h, wrench, damping)
            self._move_to(self.q + h * speed, speed)

    def brake(self, rate_rad_s2: float, dt: float) -> None:
        """Come to rest at a deceleration [rad/s2], whatever the efforts."""
        step = rate_rad_s2 * dt
        speed = self.dq - np.clip(self.dq, -step, step)
        self._move_to(self.q + dt * speed, speed)

    def stay_near(
        self, q: Array, lead_rad: float, longest: Array | float = np.inf
    ) -> None:
        """Come back to within `lead_rad` of the measured joints q (n,) [rad].

        Args:
            q: measured joints.
            lead_rad: how far ahead of them it may be [rad].
            longest: largest correction of this call (n,) [rad].
        """
        back = np.clip(self.q, q - lead_rad, q + lead_rad) - self.q
        outward = back * self.dq < 0.0
        self.dq = np.where(outward, 0.0, self.dq)
        self._move_to(self.q + np.clip(back, -longest, longest), self.dq)

    def _speed_after(
        self, effort: Array, h: float, wrench: Array | None, damping: Array | None
    ) -> Array:
        arm, dq = self._dynamics, self.dq
        arm.update(self.q, dq)
        mass = arm.mass
        before = mass if self._mass is None else self._mass
        pull = effort - arm.bias
        if wrench is not None:
            pull += arm.jacobian.T.dot(wrench)
        momentum = 0.5 * (mass + before).dot(dq) + h * pull
        if damping is None:
            inertia = mass
        else:
            inertia = mass + h * arm.jacobian.T.dot(damping).dot(arm.jacobian)
        self._mass = mass.copy()
        _, speed, info = lapack.dposv(inertia, momentum)
        if info != 0 or not np.isfinite(speed).all():  # a broken model: stay
            return np.zeros(dq.size)
        return np.clip(speed, -self._fastest, self._fastest)

    def _move_to(self, q: Array, dq: Array) -> None:
        self.q = np.clip(q, self.low, self.high)
        self.dq = np.where(self.q == q, dq, 0.0)
