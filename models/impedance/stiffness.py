"""Stiffness that may vary without making the arm unstable.

Source: K. Kronander, A. Billard, "Stability considerations for variable impedance
control", IEEE T-RO 32(5), 2016. For H xdd + D(t) xd + K(t) x = 0 the motion is stable
if one alpha > 0 holds for all time in

    alpha H - D(t) <= 0    and    Kdot(t) + alpha Ddot(t) - 2 alpha K(t) < 0.

K and D are moved along straight segments; both conditions are linear along one, so
they hold inside when they hold at its ends. The first is met by a floor of the modal
damping, the second decides how far K may rise. H is taken as constant in a segment.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.kernels.segment import (
    SCHEDULE,
    advance_segment,
    jump_to_wanted,
    plan_segment,
    split_change,
)
from neural_brain.models.kernels.stiffness_bounds import bounded_stiffness


def condition_stiffness(K: Array, config: ImpedanceConfig) -> Array:
    """The nearest symmetric matrix (6, 6) whose scaled eigenvalues are allowed.

    K is measured as S k S with S the roots of the stiffest values.
    """
    linear, angular = config.stiffness_max_n_m, config.stiffness_max_nm_rad
    bounds = np.array([linear, angular, config.stiffness_floor_share])
    return bounded_stiffness(np.ascontiguousarray(K, dtype=np.float64), bounds)


class StiffnessSchedule:
    """Moves stiffness K and damping D (6, 6) towards what is wanted, safely.

    Args:
        config: damping, stability and period.
        state: where to keep it; memory of its own when None.

    Attributes:
        K, D: the values to use at this tick; changed in place by `advance`.
        dK: change of K in one tick.
        changing, rising: True while stiffness changes, while it grows.
    """

    def __init__(self, config: ImpedanceConfig, state: Memory | None = None) -> None:
        self._state = state = memory(SCHEDULE) if state is None else state
        self.K: Array = state["K"][0]
        self.D: Array = state["D"][0]
        self.dK: Array = state["dK"][0]
        self._dD: Array = state["dD"][0]
        self._rise: Array = state["rise"][0]
        self._fall: Array = state["fall"][0]
        self._wanted: Array = state["wanted"][0]
        for matrix in (self.K, self.D, self._wanted):
            matrix[:] = np.eye(6)
        state["tried"] = 1.0
        state["ratio"] = config.damping_ratio
        state["alpha"] = config.stability_rate_per_s
        state["ticks"] = config.refresh_ticks
        state["segment_s"] = config.refresh_ticks * config.tick_s

    @property
    def rising(self) -> bool:
        """Whether stiffness grows."""
        return bool(self._state["rising"][0])

    @property
    def changing(self) -> bool:
        """Whether stiffness changes."""
        return bool(self._state["changing"][0])

    def aim(self, K: Array) -> None:
        """Set the stiffness to move to; condition it first."""
        self._wanted[:] = K
        self._state["settled"] = 0
        self._state["tried"] = 1.0

    def jump(self, mobility_chol: Array) -> None:
        """Take the wanted stiffness at once: allowed while the spring is relaxed."""
        jump_to_wanted(self._state, mobility_chol)

    def plan(self, mobility_chol: Array, *, opening: float = 1.0) -> None:
        """Lay out the next segment of `refresh_ticks` ticks.

        It takes the largest tried share of the rise that is stable and starts near
        the last one; the fall is always taken whole.

        Args:
            mobility_chol: lower Cholesky factor (6, 6) of the inverse effective mass.
            opening: largest share of the wanted rise; 0 keeps every direction from
                getting stiffer.
        """
        plan_segment(self._state, mobility_chol, opening)

    def advance(self) -> None:
        """One tick along the segment."""
        advance_segment(self._state)

    def _split(self) -> None:
        """Divide what is left into a rising and a falling part.

        With K = L L^T and L^-1 K_wanted L^-T = U diag(w) U^T the fall goes to
        L U min(w, 1) U^T L^T, which is positive definite like both ends. Without
        coupling between the axes, that is each axis by itself.
        """
        split_change(self._state)
