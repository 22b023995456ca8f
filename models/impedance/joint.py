"""Joint impedance: springs and dampers in the joints, and the null-space posture."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.impedance.reference import JointReference
from neural_brain.models.signals import ArmDynamics, BodyLimits, BodyState

_FOLLOW_SHARE = 0.05
_AT_REST2 = 1e-8


class JointLaw:
    """effort = clip(K (q_ref - q) + D dq_ref) - D dq with D = 2 zeta sqrt(K m).

    m = diag(M) is at least the mass that a joint feels when the others are free, so no
    joint is under-damped. dq_ref is smoothed over about 20 ms and lets the arm follow a
    moving anchor without lag. Power put in: clip(...) . dq_ref' + D dq_ref . dq.

    Attributes:
        reference: anchor of the joint springs.
        damped_w, spent_w: powers of this tick for the energy tank [W].
    """

    def __init__(
        self, config: ImpedanceConfig, dynamics: ArmDynamics, limits: BodyLimits
    ) -> None:
        self.reference = JointReference(config, limits.dq_max)
        self.damped_w = self.spent_w = 0.0
        self._dynamics = dynamics
        self._ratio = config.damping_ratio
        self._stop_share = -config.stop_damping_share
        self._K = config.joint_stiffness_per_rad * limits.effort_max
        self._clip = config.joint_effort_share * limits.effort_max
        self._posture_K = config.posture_stiffness_per_rad * limits.effort_max
        self._posture_clip = config.posture_effort_share * limits.effort_max
        self._velocity = np.zeros_like(self._K)
        self._flowing = False
        self._minus_clip, self._posture_minus_clip = -self._clip, -self._posture_clip
        self._posture_D = np.zeros_like(self._K)
        self._D = np.zeros_like(self._K)
        self._spring, self._drag = np.zeros_like(self._K), np.zeros_like(self._K)
        self.refresh()

    def start(self, q: Array) -> None:
        """Anchor at q (n,) [rad] with relaxed springs."""
        self.reference.reset(q)
        self._velocity.fill(0.0)
        self.refresh()

    def refresh(self) -> None:
        """New damping for the present mass matrix."""
        mass = self._dynamics.mass.diagonal()
        np.sqrt(self._K * mass, out=self._D)
        self._D *= 2.0 * self._ratio
        np.sqrt(self._posture_K * mass, out=self._posture_D)
        self._posture_D *= 2.0 * self._ratio

    def effort(self, body: BodyState, opening: float) -> Array:
        """Effort (n,) [Nm] without gravity; reused between calls."""
        reference, spring, drag = self.reference, self._spring, self._drag
        moved = reference.step(opening)
        np.subtract(reference.q, body.q, out=spring)
        spring *= self._K
        if moved or self._flowing:
            self._follow(body.dq, moved)
        else:
            self.spent_w = 0.0
        np.minimum(spring, self._clip, out=spring)
        np.maximum(spring, self._minus_clip, out=spring)
        np.multiply(self._D, body.dq, out=drag)
        self.damped_w = float(drag.dot(body.dq))
        spring -= drag
        return spring

    def _follow(self, dq: Array, moved: bool) -> None:
        """Add damping towards the anchor's smoothed velocity; count its power."""
        velocity, spring, drag = self._velocity, self._spring, self._drag
        np.subtract(self.reference.velocity, velocity, out=drag)
        drag *= _FOLLOW_SHARE
        velocity += drag
        self._flowing = moved or float(velocity.dot(velocity)) > _AT_REST2
        np.multiply(self._D, velocity, out=drag)
        spent = float(spring.dot(self.reference.velocity)) if moved else 0.0
        self.spent_w = spent + float(drag.dot(dq))
        spring += drag

    def posture_effort(self, body: BodyState, opening: float) -> Array:
        """Effort (n,) [Nm] towards the anchor, for the null space; reused."""
        spring, drag = self._spring, self._drag
        self.reference.step(opening)
        np.subtract(self.reference.q, body.q, out=spring)
        spring *= self._posture_K
        np.minimum(spring, self._posture_clip, out=spring)
        np.maximum(spring, self._posture_minus_clip, out=spring)
        np.multiply(self._posture_D, body.dq, out=drag)
        spring -= drag
        return spring

    def damping_effort(self, dq: Array) -> Array:
        """Effort (n,) [Nm] of the dampers alone; reused between calls."""
        self.refresh()
        np.multiply(self._D, dq, out=self._spring)
        self._spring *= self._stop_share
        return self._spring
