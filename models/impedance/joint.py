"""Joint impedance: springs and dampers in the joints, and the null-space posture."""

from __future__ import annotations

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.impedance.reference import JointReference
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.joints import (
    damped_effort,
    joint_effort,
    refresh_damping,
    start_joints,
)
from neural_brain.models.kernels.memory import Memory
from neural_brain.models.signals import ArmDynamics, BodyLimits


class JointLaw:
    """effort = clip(K (q_ref - q) + D dq_ref) - D dq with D = 2 zeta sqrt(K m).

    m = diag(M) is at least the mass that a joint feels when the others are free, so no
    joint is under-damped. dq_ref is smoothed over about 20 ms and lets the arm follow a
    moving anchor without lag. Power put in: clip(...) . dq_ref' + D dq_ref . dq.

    The posture is a softer spring and damper of the same kind, for the null space.

    Args:
        config: stiffness, damping and speeds.
        dynamics: rigid-body terms of the arm.
        limits: hard limits of the arm.
        state: where to keep it.
        rows: the same for what has a value a joint, see `kernels.joint_rows`.

    Attributes:
        reference: anchor of the joint springs.
    """

    def __init__(
        self,
        config: ImpedanceConfig,
        dynamics: ArmDynamics,
        limits: BodyLimits,
        state: Memory,
        rows: Array,
    ) -> None:
        self.reference = JointReference(config, limits.dq_max, state, rows)
        self._dynamics, self._state, self._rows = dynamics, state, rows
        most = limits.effort_max
        rows[row.STIFFNESS] = config.joint_stiffness_per_rad * most
        rows[row.CLIP] = config.joint_effort_share * most
        rows[row.POSTURE_STIFFNESS] = config.posture_stiffness_per_rad * most
        rows[row.POSTURE_CLIP] = config.posture_effort_share * most
        state["ratio"] = config.damping_ratio
        state["stop_share"] = config.stop_damping_share
        self._damped_w, self._spent_w = state["damped_w"], state["spent_w"]
        self.refresh()

    @property
    def damped_w(self) -> float:
        """Power of this tick that refills the energy tank [W]."""
        return float(self._damped_w[0])

    @property
    def spent_w(self) -> float:
        """Power of this tick that the energy tank pays [W]."""
        return float(self._spent_w[0])

    def start(self) -> None:
        """Anchor at the measured joints with relaxed springs."""
        start_joints(self._state, self._rows, self._dynamics.mass)

    def refresh(self) -> None:
        """New damping for the present mass matrix."""
        refresh_damping(self._state, self._rows, self._dynamics.mass)

    def effort(self, opening: float) -> None:
        """Effort of this tick, limited and with gravity, into its row."""
        joint_effort(self._state, self._rows, opening)

    def damping_effort(self) -> None:
        """Effort of the dampers alone, limited and with gravity, into its row."""
        self.refresh()
        damped_effort(self._state, self._rows)
