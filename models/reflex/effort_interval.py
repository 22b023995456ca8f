"""Which efforts the joints' own bounds allow, as an interval for other rules to use.

The bounds of `joint_bounds.py`, of which `effort_guard.py` has the last word.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import last_word as row
from neural_brain.models.reflex.config import JointConfig
from neural_brain.models.reflex.effort_guard import EffortGuard
from neural_brain.models.reflex.joint_bounds import joint_rows
from neural_brain.models.signals import BodyLimits


class EffortInterval:
    """Least and largest effort of each joint, and what its rate lets come next.

    Args:
        config: of the bounds.
        limits: hard limits of the body.
        guard: has the last word, and the memory of how fast the joints were.

    Attributes:
        low, high: of the last `set` or `reach` (n,) [Nm].
        gain: damping (n,) [Nms/rad] of the bounds.
    """

    def __init__(
        self, config: JointConfig, limits: BodyLimits, guard: EffortGuard
    ) -> None:
        n = limits.q_min.size
        self._edges: Array = np.zeros((2, n))
        self.low, self.high = self._edges
        self._rows = rows = joint_rows(config, limits)
        self.gain: Array = rows[row.GAIN]
        self._twice_brake = 2.0 * config.brake_rad_s2
        self._lead_ticks, self._guard = config.lead_s / config.tick_s, guard
        self._pace = rows[row.BEFORE : row.GAINED + 1]
        self._most, self._step = rows[row.MOST], rows[row.STEP]
        self._edge: Array = np.zeros(n)

    def set(self, q: Array, dq: Array, bias: Array) -> None:
        """Joint bounds and saturation for positions, speeds and gravity (n,)."""
        rows = self._rows
        rows[row.Q], rows[row.DQ], rows[row.BIAS] = q, dq, bias
        self._pace[:] = self._guard.pace
        twice, lead, seen = self._twice_brake, self._lead_ticks, self._guard.seen
        row.intervals(rows, twice, lead, seen, self._edges)
        np.minimum(self._edges, self._most, out=self._edges)
        np.maximum(self._edges, -self._most, out=self._edges)

    def reach(self, last: Array) -> None:
        """Narrow it to what may follow the efforts `last` (n,) [Nm]."""
        for edge in (self.low, self.high):
            np.minimum(edge, last + self._step, out=edge)
            np.maximum(edge, last - self._step, out=edge)

    def approach(self, effort: Array, last: Array) -> None:
        """Go from `last` straight towards an effort (n,) [Nm], in place.

        Unlike a limit of each joint's rate this keeps the direction.
        """
        effort -= last
        np.abs(effort, out=self._edge)
        self._edge /= self._step
        effort *= 1.0 / float(np.maximum.reduce(self._edge, initial=1.0))
        effort += last
