"""Damping that fits the moving mass: double diagonalisation.

Source: A. Albu-Schaeffer, C. Ott, U. Frese, G. Hirzinger, "Cartesian impedance control
of redundant robots", ICRA 2003. With mass H = Q Q^T and stiffness K = Q diag(l) Q^T the
damping D = Q diag(2 zeta sqrt(l)) Q^T gives every mode the ratio zeta. The rule
2 sqrt(K) is right for a mass of 1 kg only.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.modal_damping import damping_matrix


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
    K, chol = (np.ascontiguousarray(A, dtype=np.float64) for A in (K, mobility_chol))
    return damping_matrix(K, chol, np.array([ratio, rate_floor]))
