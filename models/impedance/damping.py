"""Damping that fits the moving mass: double diagonalisation.

Source: A. Albu-Schaeffer, C. Ott, U. Frese, G. Hirzinger, "Cartesian impedance control
of redundant robots", ICRA 2003. With mass H = Q Q^T and stiffness K = Q diag(l) Q^T the
damping D = Q diag(2 zeta sqrt(l)) Q^T gives every mode the ratio zeta. The rule
2 sqrt(K) is right for a mass of 1 kg only.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import blas, lapack

from neural_brain.models.geometry import Array


def double_diagonal_damping(
    K: Array, mobility_chol: Array, *, ratio: float, rate_floor: float = 0.0
) -> Array:
    """Damping matrix (k, k) [Ns/m, Nms/rad] for stiffness K and mass H.

    Args:
        K: symmetric stiffness (k, k).
        mobility_chol: lower Cholesky factor C (k, k) of the inverse mass, H^-1 = C C^T.
        ratio: damping ratio zeta of every mode.
        rate_floor: smallest modal damping [1/s], so that D >= rate_floor * H. It is
            added under the root, which keeps D a growing function of K.
    """
    squared, V = modal_stiffness(K, mobility_chol)
    soft = (0.5 * rate_floor / ratio) ** 2
    rates = 2.0 * ratio * np.sqrt(np.maximum(squared, 0.0) + soft)
    Q = solve_lower(mobility_chol, V, transposed=True)
    Q *= np.sqrt(rates)
    return np.asarray(Q.dot(Q.T))


def modal_stiffness(K: Array, mobility_chol: Array) -> tuple[Array, Array]:
    """Squared natural frequencies (k,) [1/s2] and orthonormal modes (k, k)."""
    squared, V, _ = lapack.dsyevd(mobility_chol.T.dot(K).dot(mobility_chol))
    return squared, V


def lower_cholesky(A: Array) -> Array | None:
    """Lower Cholesky factor of a symmetric (k, k) matrix; None if it is not SPD."""
    factor, info = lapack.dpotrf(A, lower=1, clean=1)
    return factor if info == 0 else None


def solve_lower(L: Array, B: Array, *, transposed: bool = False) -> Array:
    """L^-1 B, or L^-T B, for a lower triangular L (k, k).

    Not by LAPACK's dtrtrs: OpenBLAS wakes its threads for it, however small L is, and
    that costs milliseconds on a busy machine.
    """
    return np.asarray(blas.dtrsm(1.0, L, B, lower=1, trans_a=int(transposed)))
