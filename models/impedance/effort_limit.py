"""Efforts inside the limits of the arm: saturation, rate, and soft joint stops.

The arithmetic of a tick is `finish` in `kernels.joints`.
"""

from __future__ import annotations

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.joints import begin_effort, stop_efforts
from neural_brain.models.kernels.memory import Memory
from neural_brain.models.signals import BodyLimits


class EffortLimit:
    """Saturates effort and its rate.

    Args:
        limits: effort and rate limits of the arm.
        tick_s: control period [s].
        state: where to keep it.
        rows: the same for what has a value a joint.
    """

    def __init__(
        self, limits: BodyLimits, tick_s: float, state: Memory, rows: Array
    ) -> None:
        self._state, self._rows = state, rows
        self._last: Array = rows[row.EFFORT_LAST]
        self._known = state["known"]
        rows[row.EFFORT_MAX] = limits.effort_max
        rows[row.EFFORT_STEP] = limits.effort_rate_max * tick_s

    def reset(self) -> None:
        """Forget the last effort: the next one may be anything inside the limits."""
        self._known[0] = 0

    def remember(self, effort: Array) -> None:
        """Take effort (n,) [Nm] as the one that was sent last."""
        self._last[:] = effort
        self._known[0] = 1

    def begin(self) -> None:
        """Take gravity as the last effort if there was none."""
        begin_effort(self._state, self._rows)


class LimitSprings:
    """Springs that push joints back from their limits, harder the closer they are."""

    def __init__(
        self, config: ImpedanceConfig, limits: BodyLimits, rows: Array
    ) -> None:
        self._rows = rows
        rows[row.LOW] = limits.q_min + config.limit_margin_rad
        rows[row.HIGH] = limits.q_max - config.limit_margin_rad
        rows[row.STOP_STIFFNESS] = config.limit_stiffness_per_rad * limits.effort_max

    def effort(self, q: Array) -> Array:
        """Effort (n,) [Nm] at joint positions (n,) [rad]; reused between calls."""
        self._rows[row.Q] = q
        stop_efforts(self._rows)
        return self._rows[row.EFFORT]
