"""The last word on efforts: always finite, inside every joint's limits.

Per joint the effort is kept inside the bound of `joint_bounds.py`. A joint that is slow
and far from its limits never feels it; a fast one, or one close to a limit, is braked.

For a handful of joints one loop over plain numbers is quicker than numpy.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.reflex.config import JointConfig
from neural_brain.models.reflex.joint_bounds import bound_effort, joint_rows
from neural_brain.models.signals import BodyLimits


class EffortGuard:
    """Limits efforts; remembers what was sent last.

    Attributes:
        gain: damping (n,) [Nms/rad] of the bounds.
        cuts: ticks in which a joint bound changed the effort.
    """

    def __init__(self, config: JointConfig, limits: BodyLimits) -> None:
        self.cuts = 0
        self.gain = config.damping_per_rad * limits.effort_max
        self._twice_brake = 2.0 * config.brake_rad_s2
        self._last: list[float] | None = None
        self._bounds = joint_rows(config, limits)
        self._max: list[float] = limits.effort_max.tolist()
        self._step: list[float] = (limits.effort_rate_max * config.tick_s).tolist()

    def limit(self, effort: Array, q: Array, dq: Array, bias: Array) -> Array:
        """The effort (n,) [Nm] that may be sent; all inputs (n,) and finite."""
        twice = self._twice_brake
        wished: list[float] = effort.tolist()
        allowed = []
        for e, x, v, b, joint in zip(
            wished, q.tolist(), dq.tolist(), bias.tolist(), self._bounds, strict=True
        ):
            low, high, speed, speed2, gain = joint
            up, down = twice * (high - x), twice * (x - low)
            near = up < speed2 or down < speed2
            if near or abs(e - b) > gain * (speed - abs(v)):
                least, most = bound_effort(joint, x, v, b, twice)
                e = max(min(e, most), least)
            allowed.append(e)
        if allowed != wished:
            self.cuts += 1
        return self._saturate(allowed)

    def settle(self, bias: Array) -> Array:
        """Move the effort towards `bias` (n,) [Nm] without looking at the state."""
        return self._saturate(bias.tolist())

    def _saturate(self, efforts: list[float]) -> Array:
        """Keep effort and its rate inside the limits."""
        out = []
        last = self._last or efforts
        for e, most, before, step in zip(
            efforts, self._max, last, self._step, strict=True
        ):
            if self._last is not None:
                if e > before + step:
                    e = before + step
                elif e < before - step:
                    e = before - step
            if e > most:
                e = most
            elif e < -most:
                e = -most
            out.append(e)
        self._last = out
        return np.array(out)
