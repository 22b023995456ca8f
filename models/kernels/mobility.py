"""What the hand feels of the arm's mass; see `impedance.cartesian` and `.impact`."""

from __future__ import annotations

import math
from typing import Any

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.compiled import MATRIX, VECTOR, compiled, entry, record
from neural_brain.models.kernels.law import IMPACT, LAW
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


@compiled
def find_mobility(law: Any, rows: Array, mass: Array, J: Array) -> None:
    """Factor J M^-1 J^T + cap and the map from effort to task wrench.

    Both stay what they were where there is no solution.

    Args:
        law: the state.
        rows: of the joints, the map among them.
        mass: mass matrix (n, n).
        J: Jacobian (6, n).
    """
    n = mass.shape[0]
    L, half = rows[row.WORK : row.WORK + n], rows[row.WORK + n :]
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
    _solve_task(L, half, exact, rows[row.TASK : row.WORK])


@entry(record(LAW), MATRIX, MATRIX, MATRIX)
def read_mobility(laws: Any, rows: Array, mass: Array, J: Array) -> None:
    """The same for a state (1,)."""
    find_mobility(laws[0], rows, mass, J)


@compiled
def impact_speed(impact: Any, mass: Array, J: Array, way: Any, work: Array) -> float:
    """Speed [m/s] at which the hand may go along `way`; see `impedance.impact`.

    Args:
        impact: the numbers of an IMPACT.
        mass: mass matrix (n, n).
        J: Jacobian (6, n).
        way: three numbers, of any length.
        work: memory (n + 1, n).
    """
    if impact.stiffness_n_m == 0.0:
        return impact.most_m_s
    n = mass.shape[0]
    L, pull = work[:n], work[n]
    mobility = 0.0
    if factor(mass, L):
        for j in range(n):
            pull[j] = way[0] * J[0, j] + way[1] * J[1, j] + way[2] * J[2, j]
        solve_forward(L, pull)
        for j in range(n):
            mobility += pull[j] * pull[j]
    length2 = way[0] * way[0] + way[1] * way[1] + way[2] * way[2]
    kg = impact.mass_max_kg
    if mobility * kg > length2:  # else it is not defined there
        kg = length2 / mobility
    speed = impact.impact_n / math.sqrt(impact.stiffness_n_m * kg)
    return min(speed, impact.most_m_s)


@entry(record(IMPACT), MATRIX, MATRIX, VECTOR, MATRIX)
def speed_along(impacts: Any, mass: Array, J: Array, way: Array, work: Array) -> float:
    """The same for a way (3,)."""
    return impact_speed(impacts[0], mass, J, (way[0], way[1], way[2]), work)
