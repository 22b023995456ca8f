"""A small push out of a contact; what it means stands in `impedance.back_off`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import VECTOR, compiled, entry, record

_NOTHING = 1e-9

BACK_OFF = np.dtype(
    [
        *((name, "f8") for name in ("share", "done", "push_n", "speed_m_s")),
        *((name, "f8") for name in ("tick_s", "opening")),
        ("away", "f8", (3,)),
    ]
)


@compiled
def dot3(a: Array, b: Array) -> float:
    """Dot product of the first three entries."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def acts(back: Any) -> bool:
    """Whether there is anything to do."""
    return back.share > 0.0 or back.done > _NOTHING


@compiled
def push_out(back: Any, force: Array, error: Array, velocity: Array) -> float:
    """Change the spring's force in place; the power [W] it costs."""
    asked = back.share if 0.0 <= back.share <= 1.0 else 0.0
    change = asked - back.done
    if change < 0.0:
        change *= back.opening
    back.done += change
    spring_j = 0.5 * dot3(force, error)
    gained_w = 0.0
    if change < 0.0 and not spring_j < 0.0:
        gained_w = -change * spring_j / back.tick_s
    out_m_s = dot3(velocity, back.away)
    room = min(max(1.0 - out_m_s / back.speed_m_s, 0.0), 1.0)
    into = -dot3(force, back.away)
    push_n = back.done * back.push_n * room * back.opening
    less = into - (1.0 - back.done) * into + push_n
    if not (math.isfinite(less) and less > 0.0):
        return gained_w
    for i in range(3):
        force[i] += less * back.away[i]
    return gained_w + max(less * out_m_s, 0.0)


@entry(record(BACK_OFF), VECTOR, VECTOR, VECTOR)
def push(backs: Any, force: Array, error: Array, velocity: Array) -> float:
    """The same for a push that stands alone."""
    return push_out(backs[0], force, error, velocity)
