"""The momentum observer of `reflex.arm_contact`, on flat memory."""

from __future__ import annotations

import math

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import MATRIX, VECTOR, compiled, entry

RESIDUAL, BEFORE, PER_LIMIT, GAIN, TICK, ROWS = range(6)
"""Unexplained effort [Nm], velocity a tick before [rad/s], 1 / effort that acts, gain
of the filter [1/s], length of a tick [s]."""
MEASURED, NONE, ABSURD = range(3)
_EFFORT2_MAX = 1e8  # [Nm^2]


@entry(MATRIX, VECTOR, VECTOR, MATRIX, MATRIX)
def observe(rows: Array, read: Array, bias: Array, J: Array, mass: Array) -> int:
    """Take in one tick; MEASURED, or why there is nothing to take in.

    Args:
        rows: of the joints (ROWS, n); BEFORE begins with NaN where there is none.
        read: positions, velocities and efforts (n,) and wrench (6,) one after another,
            see `reflex.guards.StateGuard`; efforts may be anything.
        bias: gravity and Coriolis effort (n,) [Nm].
        J: Jacobian (6, n).
        mass: mass matrix (n, n).
    """
    n = bias.size
    dq, effort, wrench = read[n : 2 * n], read[2 * n : 3 * n], read[3 * n :]
    total = 0.0
    for i in range(n):
        total += effort[i] * effort[i]
    if total == 0.0:
        rows[BEFORE, 0] = math.nan
        return NONE
    if not total < _EFFORT2_MAX:  # NaN, too
        rows[BEFORE, 0] = math.nan
        for i in range(n):
            rows[RESIDUAL, i] = 0.0
        return ABSURD
    if not math.isnan(rows[BEFORE, 0]):
        for i in range(n):
            known, gained = effort[i] - bias[i] + rows[RESIDUAL, i], 0.0
            for j in range(6):
                known += J[j, i] * wrench[j]
            for j in range(n):
                gained += mass[i, j] * (dq[j] - rows[BEFORE, j])
            rows[RESIDUAL, i] += rows[GAIN, i] * (gained - rows[TICK, i] * known)
    for i in range(n):
        rows[BEFORE, i] = dq[i]
    return MEASURED


@compiled
def _worst(rows: Array) -> int:
    worst, most = 0, -1.0
    for i in range(rows.shape[1]):
        share = abs(rows[RESIDUAL, i]) * rows[PER_LIMIT, i]
        if not share <= most:
            worst, most = i, share
        if math.isnan(share):
            break
    return worst


@entry(MATRIX)
def worst_joint(rows: Array) -> int:
    """The joint with the largest share of what acts; one that is NaN before all."""
    return _worst(rows)


@entry(MATRIX)
def is_calm(rows: Array) -> bool:
    """Whether no joint is above what acts; written so that NaN counts as too much."""
    worst = _worst(rows)
    return bool(abs(rows[RESIDUAL, worst]) <= 1.0 / rows[PER_LIMIT, worst])
