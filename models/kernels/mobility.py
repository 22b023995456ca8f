"""What the hand feels of the arm's mass; see `impedance.cartesian` and `.impact`."""

from __future__ import annotations

from typing import Any

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import MATRIX, VECTOR, compiled, entry, record
from neural_brain.models.kernels.law import LAW
from neural_brain.models.kernels.matrix import factor, solve_backward, solve_forward

_NULL_SHARE = 0.01
"""The null-space projection leaks with the mass cap, so it uses a hundred times it."""


@compiled
def _solve_task(L: Array, half: Array, exact: Array, task: Array) -> None:
    """(exact exact^T)^-1 J M^-1 into task (6, n); `half` (6, n) is J L^-T, used up."""
    n = L.shape[0]
    for r in range(6):
        solve_backward(L, half[r])
    for j in range(n):
        for r in range(6):
            left = half[r, j]
            for m in range(r):
                left -= exact[r, m] * half[m, j]
            half[r, j] = left / exact[r, r]
        for r in range(5, -1, -1):
            left = half[r, j]
            for m in range(r + 1, 6):
                left -= exact[m, r] * half[m, j]
            half[r, j] = left / exact[r, r]
            task[r, j] = half[r, j]


@entry(record(LAW), MATRIX, MATRIX, MATRIX, MATRIX)
def read_mobility(laws: Any, mass: Array, J: Array, task: Array, work: Array) -> None:
    """Factor J M^-1 J^T + cap and the map from effort to task wrench.

    Args:
        laws: the state (1,).
        mass: mass matrix (n, n).
        J: Jacobian (6, n).
        task: the map (6, n); it and the factor stay what they were without a solution.
        work: memory (n + 6, n).
    """
    law, n = laws[0], mass.shape[0]
    L, half = work[:n], work[n:]
    if not factor(mass, L):
        return
    for r in range(6):
        for j in range(n):
            half[r, j] = J[r, j]
        solve_forward(L, half[r])
    bare, exact, new = law.mobility, law.exact, law.next
    for r in range(6):
        for c in range(r + 1):
            total = 0.0
            for j in range(n):
                total += half[r, j] * half[c, j]
            bare[r, c] = bare[c, r] = total
    for r in range(6):
        bare[r, r] += _NULL_SHARE * law.caps[r]
    good = factor(bare, exact)
    for r in range(6):
        bare[r, r] += (1.0 - _NULL_SHARE) * law.caps[r]
    if not (good and factor(bare, new)):
        return
    for r in range(6):
        for c in range(6):
            law.chol[r, c] = new[r, c]
    _solve_task(L, half, exact, task)


@entry(MATRIX, MATRIX, VECTOR, MATRIX)
def mobility_towards(mass: Array, J: Array, way: Array, work: Array) -> float:
    """way^T J M^-1 J^T way of the hand's translation; 0 where it is not defined."""
    n = mass.shape[0]
    L, pull = work[:n], work[n]
    if not factor(mass, L):
        return 0.0
    for j in range(n):
        pull[j] = way[0] * J[0, j] + way[1] * J[1, j] + way[2] * J[2, j]
    solve_forward(L, pull)
    total = 0.0
    for j in range(n):
        total += pull[j] * pull[j]
    return total
