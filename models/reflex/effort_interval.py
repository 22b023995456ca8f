"""Which efforts the joints' own bounds allow, as an interval for other rules to use.

The bounds of `joint_bounds.py`, of which `effort_guard.py` has the last word.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.reflex.config import JointConfig
from neural_brain.models.reflex.joint_bounds import bound_effort, joint_rows
from neural_brain.models.signals import BodyLimits


class EffortInterval:
    """Least and largest effort of each joint, and what its rate lets come next.

    Attributes:
        low, high: of the last `set` or `reach` (n,) [Nm].
        gain: damping (n,) [Nms/rad] of the bounds.
    """

    def __init__(self, config: JointConfig, limits: BodyLimits) -> None:
        n = limits.q_min.size
        self.low, self.high = np.zeros(n), np.zeros(n)
        self.gain: Array = config.damping_per_rad * limits.effort_max
        self._bounds = joint_rows(config, limits)
        self._twice_brake = 2.0 * config.brake_rad_s2
        self._most = limits.effort_max
        self._step = limits.effort_rate_max * config.tick_s
        self._edge: Array = np.zeros(n)

    def set(self, q: Array, dq: Array, bias: Array) -> None:
        """Joint bounds and saturation for positions, speeds and gravity (n,)."""
        low, high = self.low, self.high
        numbers = zip(self._bounds, q.tolist(), dq.tolist(), bias.tolist(), strict=True)
        twice = self._twice_brake
        for i, (joint, x, v, b) in enumerate(numbers):
            low[i], high[i] = bound_effort(joint, x, v, b, twice)
        for edge in (low, high):
            np.minimum(edge, self._most, out=edge)
            np.maximum(edge, -self._most, out=edge)

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
