"""Contacts anywhere on the arm, felt by its joints: a momentum observer.

What changes the joints' momentum and is not known must be a contact. The residual r
follows its joint efforts like a low-pass filter of gain K (De Luca et al. 2006,
"Collision detection and safe reaction with the DLR-III lightweight manipulator arm",
eq. 9; here in steps of one tick, where the terms in dM/dt cancel):

    r += K (M (dq - dq before) - (tau - bias + J^T wrench + r) dt).

The wrist sensor's wrench counts as known, so that pushing with the hand on purpose is
no alarm. An arm that never measured an effort feels nothing here: what it was told says
too little about what it does. What is left comes from elsewhere: forearm, elbow, or a wrong payload. The arm
then holds where it is: where it could yield to, its joints do not know.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import ArmContactConfig
from neural_brain.models.reflex.finite import square_sum
from neural_brain.models.signals import ArmDynamics, BodyLimits, BodyState, ReflexLevel

_EFFORT2_MAX = 1e8  # [Nm^2]


class ArmContact:
    """Watches the joints for efforts that nothing known explains.

    Attributes:
        residual: unexplained joint efforts (n,) [Nm], filtered.
    """

    def __init__(
        self, config: ArmContactConfig, limits: BodyLimits, tick_s: float
    ) -> None:
        n = limits.q_min.size
        self.residual: Array = np.zeros(n)
        self._config = config
        self._tick_s = tick_s
        self._per_limit: Array = 1.0 / (config.effort_share * limits.effort_max)
        self._before: Array | None = None
        self._measures = False
        self._high = self._absurd = self._lost = 0
        self._cause, self._hold_in = CLEAR, 0

    @property
    def felt(self) -> bool:
        """Whether a contact is being answered."""
        return self._hold_in > 0

    def reset(self) -> None:
        """Begin anew at the next tick, as after a gap in the states."""
        self._before = None
        self._high = 0
        self.residual[:] = 0.0

    def observe(self, body: BodyState, dynamics: ArmDynamics) -> None:
        """Take in one tick.

        Args:
            body: a valid state; all efforts zero is an arm that measures none.
            dynamics: at its joint positions, or those of a few ticks before.
        """
        effort = body.effort
        measured = any(effort.tolist())
        self._measures |= measured
        self._lost = self._lost + 1 if self._measures and not measured else 0
        if not measured:
            self._before = None
            return
        # Written so that NaN counts as absurd.
        if not square_sum(effort) < _EFFORT2_MAX:
            self.reset()
            self._absurd += 1
            return
        self._absurd = 0
        if self._before is not None:
            known = effort - dynamics.bias
            known += dynamics.jacobian.T.dot(body.wrench_ee)
            known += self.residual
            gained = dynamics.mass.dot(body.dq - self._before)
            self.residual += self._config.gain_hz * (gained - self._tick_s * known)
        self._before = np.array(body.dq)  # a body may write into its own again

    def judge(self) -> Cause:
        """The cause that the residual gives, or efforts that cannot be.

        A contact is answered for `hold_ticks` after it, so that an arm that is told to
        press on does not do so again and again.
        """
        if self._absurd >= self._config.ticks:
            return Cause(ReflexLevel.HOLD, "measured effort absurd")
        if self._lost >= self._config.ticks:
            return Cause(ReflexLevel.HOLD, "measured effort lost")
        share = np.abs(self.residual * self._per_limit)
        # Written so that NaN counts as too much.
        self._high = 0 if share.max(initial=0.0) <= 1.0 else self._high + 1
        if self._high >= self._config.ticks:
            worst = int(share.argmax())
            self._hold_in = self._config.hold_ticks
            self._cause = Cause(
                ReflexLevel.HOLD,
                f"contact of the arm, joint {worst + 1}",
                float(abs(self.residual[worst])),
                float(1.0 / self._per_limit[worst]),
            )
        elif self._hold_in == 0:
            return CLEAR
        self._hold_in -= 1
        return self._cause
