"""Small symmetric matrices: Cholesky factors, triangular systems, eigenvectors.

Plain loops: for a handful of rows they are quicker than LAPACK, allocate nothing and
wake no thread.
"""

from __future__ import annotations

import math

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import compiled

_SWEEPS = 20
_SMALL = 1e-31


@compiled
def factor(A: Array, L: Array) -> bool:
    """Lower L (k, k) with L L^T = A; False if A is not positive definite, or NaN."""
    k = A.shape[0]
    for j in range(k):
        left = A[j, j]
        for m in range(j):
            left -= L[j, m] * L[j, m]
        if not (left > 0.0 and left < math.inf):
            return False
        root = math.sqrt(left)
        L[j, j] = root
        for i in range(j + 1, k):
            left = A[i, j]
            for m in range(j):
                left -= L[i, m] * L[j, m]
            L[i, j] = left / root
            L[j, i] = 0.0
    return True


@compiled
def solve_forward(L: Array, x: Array) -> None:
    """L^-1 x in place of x (k,), for a lower triangular L."""
    for i in range(x.size):
        left = x[i]
        for m in range(i):
            left -= L[i, m] * x[m]
        x[i] = left / L[i, i]


@compiled
def solve_backward(L: Array, x: Array) -> None:
    """L^-T x in place of x (k,), for a lower triangular L."""
    for i in range(x.size - 1, -1, -1):
        left = x[i]
        for m in range(i + 1, x.size):
            left -= L[m, i] * x[m]
        x[i] = left / L[i, i]


@compiled
def multiply(A: Array, B: Array, out: Array) -> None:
    """A B into out."""
    for i in range(A.shape[0]):
        for j in range(B.shape[1]):
            total = 0.0
            for m in range(A.shape[1]):
                total += A[i, m] * B[m, j]
            out[i, j] = total


@compiled
def square(A: Array, out: Array) -> None:
    """A A^T into out, symmetric to the last bit."""
    for i in range(A.shape[0]):
        for j in range(i + 1):
            total = 0.0
            for m in range(A.shape[1]):
                total += A[i, m] * A[j, m]
            out[i, j] = total
            out[j, i] = total


@compiled
def congruence(L: Array, A: Array, out: Array) -> None:
    """L^T A L into out (k, k), for a lower triangular L and a symmetric A."""
    k = A.shape[0]
    for i in range(k):
        for j in range(i + 1):
            total = 0.0
            for m in range(i, k):
                part = 0.0
                for p in range(j, k):
                    part += A[m, p] * L[p, j]
                total += L[m, i] * part
            out[i, j] = total
            out[j, i] = total


@compiled
def modes(A: Array, V: Array) -> None:
    """Eigenvalues onto the diagonal of A, orthonormal eigenvectors as columns of V.

    Jacobi's rotations, in cyclic order (G. Golub, C. Van Loan, "Matrix Computations",
    section 8.5); A (k, k) is symmetric and is used up.
    """
    k = A.shape[0]
    for i in range(k):
        for j in range(k):
            V[i, j] = 1.0 if i == j else 0.0
    for _ in range(_SWEEPS):
        on = off = 0.0
        for i in range(k):
            on += A[i, i] * A[i, i]
            for j in range(i):
                off += A[i, j] * A[i, j]
        if not off > _SMALL * on:
            return
        for p in range(k - 1):
            for q in range(p + 1, k):
                if A[p, q] != 0.0:
                    _rotate(A, V, p, q)


@compiled
def _rotate(A: Array, V: Array, p: int, q: int) -> None:
    """The rotation that makes A[p, q] zero."""
    slope = (A[q, q] - A[p, p]) / (2.0 * A[p, q])
    t = 1.0 / (abs(slope) + math.sqrt(slope * slope + 1.0))
    if slope < 0.0:
        t = -t
    c = 1.0 / math.sqrt(t * t + 1.0)
    s = t * c
    change = t * A[p, q]
    A[p, p] -= change
    A[q, q] += change
    A[p, q] = A[q, p] = 0.0
    for i in range(A.shape[0]):
        if i != p and i != q:
            a, b = A[i, p], A[i, q]
            A[i, p] = A[p, i] = c * a - s * b
            A[i, q] = A[q, i] = s * a + c * b
        a, b = V[i, p], V[i, q]
        V[i, p] = c * a - s * b
        V[i, q] = s * a + c * b
