"""The nearest stiffness that is allowed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import MATRIX, VECTOR, compiled, entry
from neural_brain.models.kernels.matrix import modes


@compiled
def is_diagonal(A: Array) -> bool:
    """Whether all other entries of a matrix (k, k) are zero."""
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            if i != j and A[i, j] != 0.0:
                return False
    return True


@compiled
def bound_stiffness(K: Array, out: Array, bounds: Any, work: Array) -> None:
    """The nearest symmetric matrix whose scaled eigenvalues are between floor and 1.

    Args:
        K: what is wanted (6, 6).
        out: the nearest (6, 6).
        bounds: stiffest linear and angular value, and the floor as a share.
        work: memory (2, 6, 6).
    """
    linear, angular, floor = bounds
    diagonal = is_diagonal(K)  # the usual case, no modes
    scaled, V = work[0], work[1]
    for i in range(6):
        top_i = linear if i < 3 else angular
        for j in range(6):
            out[i, j] = 0.5 * (K[i, j] + K[j, i])
            top_j = linear if j < 3 else angular
            scaled[i, j] = out[i, j] / math.sqrt(top_i * top_j)
        if diagonal:
            out[i, i] = min(max(K[i, i], floor * top_i), top_i)
    if diagonal:
        return
    modes(scaled, V)
    inside = True
    for m in range(6):
        inside = inside and floor <= scaled[m, m] <= 1.0
        scaled[m, m] = min(max(scaled[m, m], floor), 1.0)
    if inside:
        return
    for i in range(6):
        top_i = linear if i < 3 else angular
        for j in range(i + 1):
            total = 0.0
            for m in range(6):
                total += V[i, m] * scaled[m, m] * V[j, m]
            top_j = linear if j < 3 else angular
            out[i, j] = out[j, i] = total * math.sqrt(top_i * top_j)


@entry(MATRIX, VECTOR)
def bounded_stiffness(K: Array, bounds: Array) -> Array:
    """A new stiffness (6, 6), see above."""
    out, work = np.empty((6, 6)), np.empty((2, 6, 6))
    bound_stiffness(K, out, (bounds[0], bounds[1], bounds[2]), work)
    return out
