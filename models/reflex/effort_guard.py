"""The last word on efforts: always finite, inside every joint's limits.

Per joint the effort is kept inside

    bias + k (v_low(q) - dq) <= effort <= bias + k (v_high(q) - dq)

where v_high(q) = min(v_max, sqrt(2 a (q_max - q))) is the speed from which the joint
can still stop before its limit, and k a damping gain. A joint that is slow and far
from its limits never feels it; a fast one, or one close to a limit, is braked.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.reflex.config import JointConfig
from neural_brain.models.signals import BodyLimits

_FAR = 1e9


class EffortGuard:
    """Limits efforts; remembers what was sent last.

    Attributes:
        last: the efforts (n,) [Nm] that were sent last.
        gain: damping (n,) [Nms/rad] of the bounds.
        cuts: ticks in which a joint bound changed the effort.
    """

    def __init__(self, config: JointConfig, limits: BodyLimits) -> None:
        n = limits.q_min.size
        self.last: Array = np.zeros(n)
        self.cuts = 0
        self._fresh = True
        self._low, self._high = limits.q_min + config.margin_rad, limits.q_max
        self._high = self._high - config.margin_rad
        self._max, self._min = limits.effort_max, -limits.effort_max
        self._step = limits.effort_rate_max * config.tick_s
        self.gain = config.damping_per_rad * limits.effort_max
        self._speed = config.speed_share * limits.dq_max
        self._per_gain = 1.0 / self.gain
        self._least_speed = float(self._speed.min(initial=_FAR))
        self._middle = 0.5 * (self._low + self._high)
        self._half = 0.5 * (self._high - self._low)
        self._speed2 = self._speed**2
        self._twice_brake = 2.0 * config.brake_rad_s2
        self._room, self._edge = np.zeros(n), np.zeros(n)
        self._out: Array = np.zeros(n)

    def limit(self, effort: Array, q: Array, dq: Array, bias: Array) -> Array:
        """The effort (n,) [Nm] that may be sent; all inputs (n,) and finite."""
        out = self._out
        if self._is_calm(effort, q, dq, bias):
            np.copyto(out, effort)
            return self._saturate(out)
        np.subtract(self._high, q, out=self._room)
        self._speed_bound()
        self._room -= dq
        self._room *= self.gain
        self._room += bias
        np.minimum(effort, self._room, out=out)
        np.subtract(q, self._low, out=self._room)
        self._speed_bound()
        self._room += dq
        self._room *= self.gain
        np.subtract(bias, self._room, out=self._room)
        np.maximum(out, self._room, out=out)
        if not (out == effort).all():
            self.cuts += 1
        return self._saturate(out)

    def settle(self, bias: Array) -> Array:
        """Move the effort towards `bias` (n,) [Nm] without looking at the state."""
        np.copyto(self._out, bias)
        return self._saturate(self._out)

    def _is_calm(self, effort: Array, q: Array, dq: Array, bias: Array) -> bool:
        """Whether no joint bound can matter: a cheap test for the usual tick.

        It takes the least room and the lowest speed limit of all joints for each.
        """
        room, edge = self._room, self._edge
        np.subtract(q, self._middle, out=room)
        np.abs(room, out=room)
        np.subtract(self._half, room, out=room)
        least = float(np.minimum.reduce(room, initial=_FAR))
        if not least > 0.0:
            return False
        np.subtract(effort, bias, out=edge)
        np.abs(edge, out=edge)
        edge *= self._per_gain
        np.abs(dq, out=room)
        edge += room
        allowed = min(self._least_speed, math.sqrt(self._twice_brake * least))
        return float(np.maximum.reduce(edge, initial=0.0)) <= allowed

    def _speed_bound(self) -> None:
        """Turn the room to a limit [rad] in place into the allowed speed [rad/s].

        Beyond the limit the allowed speed is negative: the joint is driven back.
        """
        room = self._room
        room *= self._twice_brake
        np.maximum(room, -1.0, out=room)
        np.minimum(room, self._speed2, out=room)
        np.abs(room, out=self._edge)
        np.sqrt(self._edge, out=self._edge)
        np.copysign(self._edge, room, out=room)

    def _saturate(self, out: Array) -> Array:
        np.minimum(out, self._max, out=out)
        np.maximum(out, self._min, out=out)
        if self._fresh:
            self._fresh = False
        else:
            np.add(self.last, self._step, out=self._edge)
            np.minimum(out, self._edge, out=out)
            np.subtract(self.last, self._step, out=self._edge)
            np.maximum(out, self._edge, out=out)
        self.last[:] = out
        return out.copy()
