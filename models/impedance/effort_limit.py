"""Efforts inside the limits of the arm: saturation, rate, and soft joint stops."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.signals import BodyLimits


class EffortLimit:
    """Saturates effort and its rate, in place.

    Args:
        limits: effort and rate limits of the arm.
        tick_s: control period [s].
    """

    def __init__(self, limits: BodyLimits, tick_s: float) -> None:
        self._max, self._min = limits.effort_max, -limits.effort_max
        self._step = limits.effort_rate_max * tick_s
        self._last: Array | None = None
        self._edge: Array = np.zeros(limits.effort_max.size)

    def reset(self) -> None:
        """Forget the last effort: the next one may be anything inside the limits."""
        self._last = None

    def remember(self, effort: Array) -> None:
        """Take effort (n,) [Nm] as the one that was sent last."""
        if self._last is None:
            self._last = effort.copy()
        else:
            self._last[:] = effort

    def begin(self, effort: Array) -> None:
        """Take effort (n,) [Nm] as the last one if there was none."""
        if self._last is None:
            self._last = np.clip(effort, self._min, self._max)

    def apply(self, effort: Array) -> None:
        """Limit effort (n,) [Nm] in place and remember it."""
        np.minimum(effort, self._max, out=effort)
        np.maximum(effort, self._min, out=effort)
        if self._last is None:
            self._last = effort.copy()
            return
        np.add(self._last, self._step, out=self._edge)
        np.minimum(effort, self._edge, out=effort)
        np.subtract(self._last, self._step, out=self._edge)
        np.maximum(effort, self._edge, out=effort)
        self._last[:] = effort


class LimitSprings:
    """Springs that push joints back from their limits, harder the closer they are."""

    def __init__(self, config: ImpedanceConfig, limits: BodyLimits) -> None:
        self._low = limits.q_min + config.limit_margin_rad
        self._high = limits.q_max - config.limit_margin_rad
        self._minus_k = -config.limit_stiffness_per_rad * limits.effort_max
        self._inside: Array = np.zeros(limits.q_min.size)

    def effort(self, q: Array) -> Array:
        """Effort (n,) [Nm] at joint positions (n,) [rad]; reused between calls."""
        inside = self._inside
        np.maximum(q, self._low, out=inside)
        np.minimum(inside, self._high, out=inside)
        np.subtract(q, inside, out=inside)
        inside *= self._minus_k
        return inside
