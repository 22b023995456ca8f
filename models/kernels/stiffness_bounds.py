"""The nearest stiffness that is allowed."""

from __future__ import annotations

import math

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


@entry(MATRIX, VECTOR)
def bounded_stiffness(K: Array, bounds: Array) -> Array:
    """A new stiffness (6, 6) whose scaled eigenvalues lie between floor and 1.

    Args:
        K: what is wanted.
        bounds: stiffest linear and angular value, and the floor as a share.
    """
    linear, angular, floor = bounds
    out = np.zeros((6, 6))
    if is_diagonal(K):  # the usual case, no modes
        for i in range(6):
            top = linear if i < 3 else angular
            out[i, i] = min(max(K[i, i], floor * top), top)
        return out
    scaled, V = np.empty((6, 6)), np.empty((6, 6))
    for i in range(6):
        for j in range(6):
            out[i, j] = 0.5 * (K[i, j] + K[j, i])
            top_i = linear if i < 3 else angular
            top_j = linear if j < 3 else angular
            scaled[i, j] = out[i, j] / math.sqrt(top_i * top_j)
    modes(scaled, V)
    inside = True
    for m in range(6):
        inside = inside and floor <= scaled[m, m] <= 1.0
        scaled[m, m] = min(max(scaled[m, m], floor), 1.0)
    if inside:
        return out
    for i in range(6):
        for j in range(i + 1):
            total = 0.0
            for m in range(6):
                total += V[i, m] * scaled[m, m] * V[j, m]
            top_i = linear if i < 3 else angular
            top_j = linear if j < 3 else angular
            out[i, j] = out[j, i] = total * math.sqrt(top_i * top_j)
    return out
