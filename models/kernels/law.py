"""Arithmetic of the hand's spring and damper, a whole tick in one call.

What it means stands in `impedance.cartesian`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.anchor import (
    ANCHOR,
    step_anchor,
    turn_between,
    turn_vector,
)
from neural_brain.models.kernels.compiled import MATRIX, compiled, entry, record
from neural_brain.models.kernels.energy import TANK, flow
from neural_brain.models.kernels.joints import JOINTS, finish, posture
from neural_brain.models.kernels.push_out import BACK_OFF, acts, dot3, push_out
from neural_brain.models.kernels.segment import SCHEDULE, advance

_FEED_SHARE = 0.02

IMPACT = np.dtype(
    [(name, "f8") for name in ("most_m_s", "impact_n", "stiffness_n_m", "mass_max_kg")]
)
LAW = np.dtype(
    [
        ("anchor", ANCHOR),
        ("schedule", SCHEDULE),
        ("tank", TANK),
        ("joints", JOINTS),
        ("back_off", BACK_OFF),
        ("impact", IMPACT),
        *((name, "f8", (6,)) for name in ("velocity", "error", "wrench", "drag")),
        *((name, "f8", (6,)) for name in ("wrench_ff", "ff")),
        *((name, "f8", (6, 6)) for name in ("chol", "mobility", "exact", "next")),
        ("asked_K", "f8", (6, 6)),
        *((name, "f8") for name in ("stiffest_n_m", "stiffest_nm_rad", "floor_share")),
        ("turned", "f8", (3, 3)),
        ("caps", "f8", (6,)),
        *((name, "f8") for name in ("share", "left", "opening", "dt", "tick_s")),
        *((name, "f8") for name in ("damped_w", "spent_w")),
        *((name, "f8") for name in ("error_clip_m", "error_clip_rad")),
        *((name, "f8") for name in ("max_force_n", "max_moment_nm")),
        ("scale", "f8"),
        *((name, "i8") for name in ("feeds", "contact")),
    ]
)
_LAW = record(LAW)


@compiled
def dot6(a: Array, b: Array) -> float:
    """Dot product of six entries."""
    total = 0.0
    for i in range(6):
        total += a[i] * b[i]
    return total


@compiled
def _limit(part: Array, start: int, most: float) -> None:
    """Shrink three entries from `start` on to a length."""
    x, y, z = part[start], part[start + 1], part[start + 2]
    size = math.sqrt(x * x + y * y + z * z)
    if size > most:
        share = most / size
        part[start] = share * x
        part[start + 1] = share * y
        part[start + 2] = share * z


@compiled
def _limit_wrench(law: Any) -> None:
    """Shrink the spring's force and moment to their limits."""
    _limit(law.wrench, 0, law.max_force_n)
    _limit(law.wrench, 3, law.max_moment_nm)


@compiled
def _measure(law: Any, rows: Array, J: Array, T: Array) -> None:
    """Velocity of the hand, and the clipped error: anchor minus hand."""
    for i in range(6):
        total = 0.0
        for j in range(J.shape[1]):
            total += J[i, j] * rows[row.DQ, j]
        law.velocity[i] = total
    for i in range(3):
        law.error[i] = law.anchor.position[i] - T[i, 3]
    turn_between(law.anchor.rotation, T, law.turned)
    law.error[3], law.error[4], law.error[5] = turn_vector(law.turned)
    _limit(law.error, 0, law.error_clip_m)
    _limit(law.error, 3, law.error_clip_rad)


@compiled
def _soften(law: Any) -> float:
    """Leave a share of the spring's pull; the power [W] that a rise of it costs.

    With an empty tank the share does not rise.
    """
    rise = law.share - law.left
    if rise > 0.0:
        rise *= law.opening
    law.left += rise
    full_j = 0.5 * dot3(law.wrench, law.error)
    for i in range(3):
        law.wrench[i] *= law.left
    if rise > 0.0 and not full_j < 0.0:
        return rise * full_j / law.tick_s
    return 0.0


@compiled
def _feed(law: Any) -> float:
    """Blend the fed-forward wrench in over about 50 ms; an empty tank takes it."""
    for i in range(6):
        wish = law.opening * law.wrench_ff[i]
        law.ff[i] += _FEED_SHARE * (wish - law.ff[i])
        law.wrench[i] += law.ff[i]
    _limit_wrench(law)
    power = dot6(law.ff, law.velocity)
    return 0.0 if power < 0.0 else power


@compiled
def _spring(law: Any, moved: bool) -> float:
    """The wrench of spring and feed-forward; the power [W] that is put in."""
    K = law.schedule.K
    for i in range(6):
        law.wrench[i] = dot6(K[i], law.error)
    _limit_wrench(law)
    gained = _soften(law) if law.share != 1.0 or law.left != 1.0 else 0.0
    spent = dot6(law.wrench, law.anchor.velocity) if moved else 0.0
    spent += gained
    if acts(law.back_off):
        law.back_off.opening = law.opening
        spent += push_out(law.back_off, law.wrench, law.error, law.velocity)
        _limit_wrench(law)
    if law.schedule.rising:
        rise = 0.0
        for i in range(6):
            rise += law.error[i] * dot6(law.schedule.dK[i], law.error)
        if not rise < 0.0:
            spent += 0.5 * rise / law.tick_s
    if law.feeds:
        spent += _feed(law)
    return spent


@compiled
def _hand_effort(law: Any, rows: Array, hand: Any) -> None:
    """Effort of spring, damper and posture into its row; their powers."""
    J, T = hand
    n = J.shape[1]
    advance(law.schedule)
    moved = step_anchor(law.anchor, law.opening)
    _measure(law, rows, J, T)
    law.spent_w = _spring(law, moved)
    law.damped_w = 0.0
    for i in range(6):
        drag = dot6(law.schedule.D[i], law.velocity)
        law.damped_w += drag * law.velocity[i]
        law.wrench[i] -= drag
        wish = 0.0
        for j in range(n):
            wish += rows[row.TASK + i, j] * rows[row.POSTURE, j]
        law.drag[i] = law.wrench[i] - wish
    for j in range(n):
        e = rows[row.POSTURE, j]
        for i in range(6):
            e += J[i, j] * law.drag[i]
        rows[row.EFFORT, j] = e


@compiled
def stored(law: Any, T: Array) -> float:
    """Energy [J] of the hand's spring at the pose T (4, 4), linear part."""
    total = 0.0
    for i in range(3):
        for j in range(3):
            way_i = law.anchor.position[i] - T[i, 3]
            way_j = law.anchor.position[j] - T[j, 3]
            total += way_i * law.schedule.K[i, j] * way_j
    return 0.5 * total


@entry(_LAW, MATRIX, MATRIX, MATRIX)
def hand_effort(laws: Any, rows: Array, J: Array, T: Array) -> None:
    """Effort of the hand's spring and damper alone; see `CartesianLaw.effort`."""
    _hand_effort(laws[0], rows, (J, T))


@entry(_LAW, MATRIX, MATRIX, MATRIX)
def cartesian_effort(laws: Any, rows: Array, J: Array, T: Array) -> None:
    """Effort of the Cartesian spring into its row, limited and with gravity.

    Args:
        laws: the state (1,).
        rows: of the joints (rows, n); measured state and gravity are in it.
        J: Jacobian (6, n).
        T: pose of the hand (4, 4).
    """
    law = laws[0]
    law.opening = law.tank.opening
    posture(law.joints, rows, law.opening)
    _hand_effort(law, rows, (J, T))
    finish(law.joints, rows)
    flow(law.tank, law.damped_w, law.spent_w, law.dt)
