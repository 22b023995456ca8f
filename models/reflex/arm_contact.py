"""Contacts anywhere on the arm, felt by its joints: a momentum observer.

What changes the joints' momentum and is not known must be a contact. The residual r
follows its joint efforts like a low-pass filter of gain K (De Luca et al. 2006,
"Collision detection and safe reaction with the DLR-III lightweight manipulator arm",
eq. 9; here in steps of one tick, where the terms in dM/dt cancel):

    r += K (M (dq - dq before) - (tau - bias + J^T wrench + r) dt).

The wrist sensor's wrench counts as known, so that pushing with the hand on purpose is
no alarm. An arm that never measured an effort feels nothing here: what it was told says
too little about what it does. What is left comes from elsewhere: forearm, elbow, or a
wrong payload. The arm then holds where it is: where it could yield to, its joints do
not know.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import residual
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import ArmContactConfig
from neural_brain.models.signals import ArmDynamics, BodyLimits, ReflexLevel


class ArmContact:
    """Watches the joints for efforts that nothing known explains.

    Attributes:
        residual: unexplained joint efforts (n,) [Nm], filtered.
    """

    def __init__(
        self, config: ArmContactConfig, limits: BodyLimits, tick_s: float
    ) -> None:
        self._rows: Array = np.zeros((residual.ROWS, limits.q_min.size))
        self._rows[residual.PER_LIMIT] = 1.0 / (config.effort_share * limits.effort_max)
        self._rows[residual.GAIN], self._rows[residual.TICK] = config.gain_hz, tick_s
        self.residual = self._rows[residual.RESIDUAL]
        self._config = config
        self._measures = False
        self._high = self._absurd = self._lost = 0
        self._cause, self._hold_in = CLEAR, 0
        self.reset()

    @property
    def felt(self) -> bool:
        """Whether a contact is being answered."""
        return self._hold_in > 0

    def reset(self) -> None:
        """Begin anew at the next tick, as after a gap in the states."""
        self._rows[residual.BEFORE] = math.nan
        self._high = 0
        self.residual[:] = 0.0

    def observe(self, read: Array, dynamics: ArmDynamics) -> None:
        """Take in one tick.

        Args:
            read: numbers of a valid state, see `StateGuard.read`; all efforts zero is
                an arm that measures none.
            dynamics: at the joint positions, or those of a few ticks before.
        """
        found = residual.observe(
            self._rows, read, dynamics.bias, dynamics.jacobian, dynamics.mass
        )
        if found == residual.MEASURED:
            self._measures, self._lost, self._absurd = True, 0, 0
        elif found == residual.ABSURD:
            self._measures, self._lost, self._absurd = True, 0, self._absurd + 1
        else:
            self._lost, self._absurd = self._lost + self._measures, 0

    def judge(self, *, intended: bool = False) -> Cause:
        """The cause that the residual gives, or efforts that cannot be.

        A contact is answered for `hold_ticks` after it, so that an arm that is told to
        press on does not do so again and again. Where contact is intended the wrist's
        sensor, which comes later than the joints', gets time to explain it.

        Args:
            intended: whether the hand is meant to touch something.
        """
        answers = self._lost or self._absurd or self._high or self._hold_in
        if not answers and residual.is_calm(self._rows):
            return CLEAR
        if self._absurd >= self._config.ticks:
            return Cause(ReflexLevel.HOLD, "measured effort absurd")
        if self._lost >= self._config.ticks:
            return Cause(ReflexLevel.HOLD, "measured effort lost")
        worst = residual.worst_joint(self._rows)
        value = abs(float(self.residual[worst]))
        limit = 1.0 / float(self._rows[residual.PER_LIMIT, worst])
        # Written so that NaN counts as too much.
        self._high = 0 if value <= limit else self._high + 1
        ticks = self._config.contact_ticks if intended else self._config.ticks
        if self._high >= ticks:
            self._hold_in = self._config.hold_ticks
            name = f"contact of the arm, joint {worst + 1}"
            self._cause = Cause(ReflexLevel.HOLD, name, value, limit)
        elif self._hold_in == 0:
            return CLEAR
        self._hold_in -= 1
        return self._cause
