"""The stiffness schedule; what it means stands in `impedance.stiffness`."""

from __future__ import annotations

from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import (
    MATRIX,
    NUMBER,
    compiled,
    entry,
    record,
)
from neural_brain.models.kernels.matrix import factor, modes, multiply, solve_forward
from neural_brain.models.kernels.modal_damping import damping
from neural_brain.models.kernels.stiffness_bounds import is_diagonal

_TRIES = 3
_SIX = (6, 6)

SCHEDULE = np.dtype(
    [
        *((name, "f8", _SIX) for name in ("K", "D", "dK", "dD")),
        *((name, "f8", _SIX) for name in ("rise", "fall", "wanted")),
        *((name, "f8", _SIX) for name in ("step", "next", "end", "change")),
        ("work", "f8", (3, 6, 6)),
        *((name, "f8") for name in ("ratio", "alpha", "segment_s", "tried")),
        *((name, "i8") for name in ("ticks", "left", "rising", "changing", "settled")),
    ]
)
_SCHEDULE = record(SCHEDULE)


@compiled
def stay(s: Any) -> None:
    """No change from now on."""
    for i in range(6):
        for j in range(6):
            s.dK[i, j] = s.dD[i, j] = 0.0
    s.rising = s.changing = s.left = 0


@compiled
def advance(s: Any) -> None:
    """One tick along the segment."""
    if s.left <= 0:
        stay(s)
        return
    s.left -= 1
    for i in range(6):
        for j in range(6):
            s.K[i, j] += s.dK[i, j]
            s.D[i, j] += s.dD[i, j]


@compiled
def _split_modes(s: Any) -> None:
    """The two parts where axes are coupled; see `StiffnessSchedule`."""
    L, relative, V = s.work[0], s.work[1], s.work[2]
    factor(s.K, L)
    for i in range(6):
        for j in range(6):
            relative[i, j] = s.wanted[i, j]
        solve_forward(L, relative[i])
    for j in range(6):  # the other side, column by column
        for i in range(6):
            left = relative[i, j]
            for m in range(i):
                left -= L[i, m] * relative[m, j]
            relative[i, j] = left / L[i, i]
    modes(relative, V)
    multiply(L, V, s.next)
    for i in range(6):
        for j in range(i + 1):
            up = down = 0.0
            for m in range(6):
                part = s.next[i, m] * s.next[j, m] * (relative[m, m] - 1.0)
                if relative[m, m] > 1.0:
                    up += part
                else:
                    down += part
            s.rise[i, j] = s.rise[j, i] = up
            s.fall[i, j] = s.fall[j, i] = down


@compiled
def split(s: Any) -> None:
    """Divide what is left into a rising and a falling part."""
    if is_diagonal(s.K) and is_diagonal(s.wanted):
        for i in range(6):
            for j in range(6):
                change = s.wanted[i, j] - s.K[i, j]
                s.rise[i, j] = change if change > 0.0 else 0.0
                s.fall[i, j] = change if change < 0.0 else 0.0
    else:
        _split_modes(s)


@compiled
def _is_stable(s: Any) -> bool:
    """Whether the second condition holds at both ends of the segment."""
    twice = 2.0 * s.alpha
    for start in (True, False):
        for i in range(6):
            for j in range(6):
                rate = s.step[i, j] + s.alpha * (s.end[i, j] - s.D[i, j])
                K = s.K[i, j] if start else s.next[i, j]
                s.change[i, j] = twice * K - rate / s.segment_s
        if not factor(s.change, s.work[0]):
            return False
    return True


@compiled
def _try(s: Any, chol: Array, share: float) -> None:
    """Lay out a step with a share of the rise."""
    for i in range(6):
        for j in range(6):
            s.step[i, j] = s.fall[i, j] + share * s.rise[i, j]
            s.next[i, j] = s.K[i, j] + s.step[i, j]
    damping(s.next, chol, s.end, s.work, (s.ratio, s.alpha))


@compiled
def _choose(s: Any, chol: Array, opening: float) -> None:
    """The largest tried share of the rise that is stable; the fall is taken whole."""
    split(s)
    share = min(opening, s.tried)
    for _ in range(_TRIES):
        _try(s, chol, share)
        if _is_stable(s):
            s.tried = min(2.0 * share + 1e-3, 1.0)
            s.settled = share == 1.0
            if share > 0.0:
                for i in range(6):
                    for j in range(6):
                        if s.rise[i, j] != 0.0:
                            s.rising = 1
            return
        share *= 0.4
    s.tried = share
    _try(s, chol, 0.0)


@entry(_SCHEDULE, MATRIX, NUMBER)
def plan_segment(schedules: Any, chol: Array, opening: float) -> None:
    """Lay out the next segment; see `StiffnessSchedule.plan`."""
    s = schedules[0]
    stay(s)
    if s.settled:
        damping(s.K, chol, s.end, s.work, (s.ratio, s.alpha))
    else:
        _choose(s, chol, opening)
        s.changing = 1
        for i in range(6):
            for j in range(6):
                s.dK[i, j] = s.step[i, j] / s.ticks
    for i in range(6):
        for j in range(6):
            s.dD[i, j] = (s.end[i, j] - s.D[i, j]) / s.ticks
    s.left = s.ticks


@entry(_SCHEDULE)
def advance_segment(schedules: Any) -> None:
    """One tick along the segment."""
    advance(schedules[0])


@entry(_SCHEDULE)
def split_change(schedules: Any) -> None:
    """Divide what is left into a rising and a falling part."""
    split(schedules[0])


@compiled
def jump(s: Any, chol: Array) -> None:
    """Take the wanted stiffness at once."""
    for i in range(6):
        for j in range(6):
            s.K[i, j] = s.wanted[i, j]
    damping(s.K, chol, s.D, s.work, (s.ratio, s.alpha))
    stay(s)
    s.settled = 1


@entry(_SCHEDULE, MATRIX)
def jump_to_wanted(schedules: Any, chol: Array) -> None:
    """Take the wanted stiffness at once."""
    jump(schedules[0], chol)
