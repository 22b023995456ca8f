"""The smallest change of efforts that obeys several bounds on accelerations.

    minimise  (tau - tau_0)^T M^-1 (tau - tau_0)
    subject to  a_i M^-1 tau >= b_i  for every row,  low <= tau <= high

Gauss's principle of least constraint: the change is A^T lambda with lambda >= 0, as of
forces that push where the bounds are. The dual is solved row by row, the worst one
first (C. Hildreth, "A quadratic programming procedure", Naval Research Logistics
Quarterly 4, 1957; the same as Dykstra's projections onto half-spaces). One row is the
closed form. A fixed number of passes; what is left then is told.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array

_TINY = 1e-7
_STILL_N = 1e-3


class Projection:
    """One problem after the other, in arrays that are made once.

    Args:
        rows: most bounds at a time. n: joints. passes: most steps.

    Attributes:
        weights: lambda (r,) of the last problem's rows.
    """

    def __init__(self, rows: int, n: int, passes: int) -> None:
        total = rows + 2 * n
        self.weights: Array = np.zeros(0)
        self._count = 0
        self._n, self._passes = n, passes
        self._A, self._B = np.zeros((total, n)), np.zeros((total, n))
        self._short: Array = np.zeros(total)
        self._lambda, self._step = np.zeros(total), np.zeros(total)
        self._score, self._scale = np.zeros(total), np.zeros(total)

    def load(self, A: Array, mobility: Array, mass: Array) -> None:
        """Take gradients A (r, n), the mass matrix (n, n) and its inverse."""
        self._count = count = len(A)
        n = self._n
        end = count + n
        self._A[:count] = A
        A.dot(mobility, out=self._B[:count])
        self._A[count:end], self._A[end : end + n] = mass, -mass
        self._B[count : end + n] = 0.0
        self._B[range(count, end), range(n)] = 1.0
        self._B[range(end, end + n), range(n)] = -1.0
        last = end + n
        W = np.einsum("ri,ri->r", self._A[:last], self._B[:last])
        scale = self._scale[:last]
        scale[:] = 1.0 / np.maximum(W, _TINY)
        scale[W < _TINY] = 0.0  # no joint changes it

    def shortfall(self, tau: Array, b: Array) -> Array:
        """By how much each bound is missed (r,) [m/s2]; negative where it holds.

        What no joint changes cannot be missed.
        """
        count = self._count
        short = b - self._B[:count].dot(tau)
        short[self._scale[:count] == 0.0] = -np.inf
        return np.asarray(short)

    def solve(self, tau: Array, b: Array, low: Array, high: Array) -> Array:
        """The nearest efforts to tau (n,) [Nm] that obey the loaded rows.

        Args:
            tau: efforts without gravity.
            b: least accelerations (r,).
            low: least efforts (n,).
            high: largest ones (n,).
        """
        count, n = self._count, self._n
        end = count + 2 * n
        A, B, scale = self._A[:end], self._B[:end], self._scale[:end]
        short, step = self._short[:end], self._step[:end]
        weights, score = self._lambda[:end], self._score[:end]
        B.dot(tau, out=score)
        short[:count], short[count : count + n], short[count + n :] = b, low, -high
        short -= score
        weights[:] = 0.0
        out = tau.copy()
        for _ in range(self._passes):
            np.multiply(short, scale, out=step)
            np.maximum(step, -weights, out=step)
            np.abs(step, out=score)
            worst = int(score.argmax())
            if not score[worst] > _STILL_N:
                break
            change = float(step[worst])
            weights[worst] += change
            out += change * A[worst]
            short -= change * A.dot(B[worst])
        self.weights = weights[:count]
        np.maximum(out, low, out=out)
        np.minimum(out, high, out=out)
        return out
