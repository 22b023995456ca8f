"""The last word on efforts: always finite, inside every joint's limits.

Per joint the effort is kept inside the bound of `joint_bounds.py`. A joint that is slow
and far from its limits never feels it; a fast one, or one close to a limit, is braked.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import last_word as row
from neural_brain.models.kernels.last_word import GUARD, last_word, limit_efforts
from neural_brain.models.kernels.memory import memory
from neural_brain.models.reflex.config import JointConfig
from neural_brain.models.reflex.joint_bounds import joint_rows
from neural_brain.models.signals import BodyLimits


class EffortGuard:
    """Limits efforts; remembers what was sent last.

    Attributes:
        gain: damping (n,) [Nms/rad] of the bounds.
        pace: last speed, and smoothed gain of it a tick (2, n) [rad/s].
        refused: whether the last efforts were not finite, and gravity took their place.
    """

    def __init__(self, config: JointConfig, limits: BodyLimits) -> None:
        self._rows = rows = joint_rows(config, limits)
        self._state = memory(GUARD)
        self._state["twice_brake"] = 2.0 * config.brake_rad_s2
        self._state["lead_ticks"] = config.lead_s / config.tick_s
        self.refused = False
        self.gain: Array = rows[row.GAIN]
        self.pace: Array = rows[row.BEFORE : row.GAINED + 1]
        self._wish, self._sent = rows[row.WISH], rows[row.SENT]
        # The first call takes a millisecond: here, not in a tick.
        limit_efforts(memory(GUARD), rows.copy(), (np.zeros(rows.shape[1]),) * 4)

    @property
    def seen(self) -> bool:
        """Whether the last efforts had a state, so that `pace` is of the last tick."""
        return bool(self._state["seen"][0])

    @property
    def cuts(self) -> int:
        """Ticks in which a joint bound changed the effort."""
        return int(self._state["cuts"][0])

    def limit(self, effort: Array, q: Array, dq: Array, bias: Array) -> Array:
        """The effort (n,) [Nm] that may be sent.

        Args:
            effort: proposed (n,) [Nm], contiguous float64 like all others; may be NaN.
            q: joint positions (n,) [rad].
            dq: joint speeds (n,) [rad/s].
            bias: gravity and Coriolis effort (n,) [Nm].

        Raises:
            TypeError, ValueError: for arrays of another type or size.
        """
        vectors = (effort, q, dq, bias)
        self.refused = limit_efforts(self._state, self._rows, vectors)
        return self._sent.copy()

    def settle(self, bias: Array) -> Array:
        """Move the effort towards `bias` (n,) [Nm] without looking at the state."""
        self._wish[:] = bias
        last_word(self._state, self._rows, True)
        self.refused = False
        return self._sent.copy()
