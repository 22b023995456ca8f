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
from scipy.linalg import lapack

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.impedance.damping import (
    double_diagonal_damping,
    lower_cholesky,
    solve_lower,
)

_TRIES = 3


def stiffness_scale(config: ImpedanceConfig) -> Array:
    """Roots (6,) of the stiffest values: K is measured as S k S with S = diag(this)."""
    linear, angular = config.stiffness_max_n_m, config.stiffness_max_nm_rad
    return np.sqrt(np.array([linear] * 3 + [angular] * 3))


def is_diagonal(A: Array) -> bool:
    """Whether all other entries of a matrix (k, k) are zero."""
    return bool(np.count_nonzero(A) == np.count_nonzero(A.diagonal()))


def condition_stiffness(K: Array, config: ImpedanceConfig) -> Array:
    """The nearest symmetric matrix (6, 6) whose scaled eigenvalues are allowed."""
    linear, angular = config.stiffness_max_n_m, config.stiffness_max_nm_rad
    floor = config.stiffness_floor_share
    if is_diagonal(K):  # the usual case, no modes
        most = (linear, linear, linear, angular, angular, angular)
        pairs = zip(K.diagonal().tolist(), most, strict=True)
        allowed: Array = np.zeros((6, 6))
        allowed.flat[::7] = [min(max(k, floor * top), top) for k, top in pairs]
        return allowed
    scale = stiffness_scale(config)
    scaled = 0.5 * (K + K.T) / np.outer(scale, scale)
    values, V = np.linalg.eigh(scaled)
    if values[0] >= floor and values[-1] <= 1.0:
        return np.asarray(0.5 * (K + K.T))
    values = np.clip(values, floor, 1.0)
    return np.asarray((V * values).dot(V.T) * np.outer(scale, scale))


class StiffnessSchedule:
    """Moves stiffness K and damping D (6, 6) towards what is wanted, safely.

    Attributes:
        K, D: the values to use at this tick; changed in place by `advance`.
        dK: change of K in one tick.
        changing, rising: True while stiffness changes, while it grows.
    """

    def __init__(self, config: ImpedanceConfig) -> None:
        self.K: Array = np.eye(6)
        self.D: Array = np.eye(6)
        self.dK: Array = np.zeros((6, 6))
        self.rising = self.changing = False
        self._left = 0
        self._dD: Array = np.zeros((6, 6))
        self._rise: Array = np.zeros((6, 6))
        self._fall: Array = np.zeros((6, 6))
        self._wanted: Array = np.eye(6)
        self._settled = False
        self._tried = 1.0
        self._ratio = config.damping_ratio
        self._alpha = config.stability_rate_per_s
        self._ticks = config.refresh_ticks
        self._segment_s = config.refresh_ticks * config.tick_s

    def aim(self, K: Array) -> None:
        """Set the stiffness to move to; condition it first."""
        self._wanted = K
        self._settled = False
        self._tried = 1.0

    def jump(self, mobility_chol: Array) -> None:
        """Take the wanted stiffness at once: allowed while the spring is relaxed."""
        self.K[:] = self._wanted
        self.D[:] = self._damping(self.K, mobility_chol)
        self._stay()
        self._settled = True

    def plan(self, mobility_chol: Array, *, opening: float = 1.0) -> None:
        """Lay out the next segment of `refresh_ticks` ticks.

        Args:
            mobility_chol: lower Cholesky factor (6, 6) of the inverse effective mass.
            opening: largest share of the wanted rise; 0 keeps every direction from
                getting stiffer.
        """
        self._stay()
        if self._settled:
            D_end = self._damping(self.K, mobility_chol)
        else:
            step, D_end = self._next_step(mobility_chol, opening)
            self.changing = True
            np.divide(step, self._ticks, out=self.dK)
        np.subtract(D_end, self.D, out=self._dD)
        self._dD /= self._ticks
        self._left = self._ticks

    def advance(self) -> None:
        """One tick along the segment."""
        if self._left <= 0:
            self._stay()
            return
        self._left -= 1
        if self.changing:
            self.K += self.dK
        self.D += self._dD

    def _split(self) -> None:
        """Divide what is left into a rising and a falling part.

        With K = L L^T and L^-1 K_wanted L^-T = U diag(w) U^T the fall goes to
        L U min(w, 1) U^T L^T, which is positive definite like both ends. Without
        coupling between the axes, that is each axis by itself.
        """
        if is_diagonal(self.K) and is_diagonal(self._wanted):
            change = self._wanted - self.K
            self._rise, self._fall = np.maximum(change, 0.0), np.minimum(change, 0.0)
            return
        L, _ = lapack.dpotrf(self.K, lower=1, clean=1)
        half = solve_lower(L, self._wanted)
        relative = solve_lower(L, half.T)
        values, U, _ = lapack.dsyevd(relative)
        V = L.dot(U)
        self._rise = (V * np.maximum(values - 1.0, 0.0)).dot(V.T)
        self._fall = (V * np.minimum(values - 1.0, 0.0)).dot(V.T)

    def _next_step(self, mobility_chol: Array, opening: float) -> tuple[Array, Array]:
        """Change of K (6, 6) in the next segment, and D (6, 6) at its end.

        It takes the largest tried share of the rise that is stable and starts near
        the last one; the fall is always taken whole.
        """
        self._split()
        share = min(opening, self._tried)
        for _ in range(_TRIES):
            step = self._fall + share * self._rise
            D_end = self._damping(self.K + step, mobility_chol)
            if self._is_stable(step, D_end):
                self._tried = min(2.0 * share + 1e-3, 1.0)
                self.rising = share > 0.0 and bool(self._rise.any())
                self._settled = share == 1.0
                return step, D_end
            share *= 0.4
        self._tried = share
        return self._fall, self._damping(self.K + self._fall, mobility_chol)

    def _is_stable(self, step: Array, D_end: Array) -> bool:
        """Whether the second condition holds at both ends of the segment."""
        change = (step + self._alpha * (D_end - self.D)) / self._segment_s
        twice = 2.0 * self._alpha
        starts = lower_cholesky(twice * self.K - change) is not None
        return starts and lower_cholesky(twice * (self.K + step) - change) is not None

    def _damping(self, K: Array, mobility_chol: Array) -> Array:
        return double_diagonal_damping(
            K, mobility_chol, ratio=self._ratio, rate_floor=self._alpha
        )

    def _stay(self) -> None:
        self.dK.fill(0.0)
        self._dD.fill(0.0)
        self.rising = self.changing = False
        self._left = 0
