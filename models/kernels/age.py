"""How old what came last is, by its stamp and by the ticks since then."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.kernels.compiled import NUMBER, compiled, entry, record

FRESH, NONE_YET, OLD = range(3)

AGE = np.dtype(
    [
        *((name, "f8") for name in ("stamp", "value", "tick_s", "timeout_s")),
        *((name, "i8") for name in ("ticks", "needed")),
    ]
)


@compiled
def look_at_age(a: Any, now: float) -> int:
    """Count a tick; FRESH, NONE_YET or OLD. Time that stands still ages, too."""
    if not a.needed:
        return FRESH
    a.ticks += 1
    if a.stamp == -math.inf:
        return NONE_YET
    a.value = now - a.stamp
    if a.ticks * a.tick_s > a.value:
        a.value = a.ticks * a.tick_s
    return OLD if a.value > a.timeout_s else FRESH


@entry(record(AGE), NUMBER)
def judge_age(ages: Any, now: float) -> int:
    """The same for one thing."""
    return look_at_age(ages[0], now)
