"""Double diagonalisation; its source stands in `impedance.damping`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import MATRIX, VECTOR, compiled, entry
from neural_brain.models.kernels.matrix import congruence, modes, square


@compiled
def damping(K: Array, chol: Array, out: Array, work: Array, rates: Any) -> None:
    """Double diagonalisation, see `impedance.damping`.

    Args:
        K: stiffness (k, k).
        chol: lower Cholesky factor (k, k) of the inverse mass.
        out: damping (k, k).
        work: memory (2, k, k).
        rates: damping ratio, and the smallest modal damping [1/s].
    """
    ratio, floor = rates
    k = K.shape[0]
    values, V = work[0], work[1]
    congruence(chol, K, values)
    modes(values, V)
    soft = (0.5 * floor / ratio) ** 2
    for j in range(k):
        squared = values[j, j]
        if squared < 0.0:
            squared = 0.0
        root = math.sqrt(2.0 * ratio * math.sqrt(squared + soft))
        for i in range(k):
            V[i, j] *= root
    # Columns of V: chol^-T V, row by row from the last.
    for i in range(k - 1, -1, -1):
        for j in range(k):
            left = V[i, j]
            for m in range(i + 1, k):
                left -= chol[m, i] * V[m, j]
            V[i, j] = left / chol[i, i]
    square(V, out)


@entry(MATRIX, MATRIX, VECTOR)
def damping_matrix(K: Array, chol: Array, rates: Array) -> Array:
    """A new damping matrix (k, k) for stiffness K and the ratio and floor `rates`."""
    out, work = np.empty_like(K), np.empty((2, K.shape[0], K.shape[0]))
    damping(K, chol, out, work, (rates[0], rates[1]))
    return out
