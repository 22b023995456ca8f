"""What the wrist's force asks for; what it means stands in `reflex.force`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import FLAG, VECTOR, compiled, entry, record

_CONFIRM_SHARE = 0.8
"""The ticks after the first one above a threshold confirm it down to this share of it,
so that noise around the threshold delays nothing. A spike that falls back is noise."""

NOTHING, LIMIT, PUSHED, TURNED = range(4)

TOUCH = np.dtype(
    [
        *((name, "f8") for name in ("last_n", "slope", "value", "limit")),
        *((name, "f8") for name in ("tick_s", "lead_s", "collision_n")),
        *((name, "f8") for name in ("collision_nm", "limit_n", "stop_share")),
        ("intended_share", "f8"),
        ("normal", "f8", (3,)),
        *((name, "i8") for name in ("high", "over", "ticks")),
    ]
)


@compiled
def _ahead(t: Any, force: float) -> float:
    """Force [N] expected in `lead_s`; only a clear rise counts."""
    if t.last_n < 0.0:
        t.last_n = force
    slope = (force - t.last_n) / t.tick_s
    t.last_n = force
    t.slope += 0.3 * (slope - t.slope)
    if force < 0.4 * t.collision_n:
        return force
    return force + t.lead_s * max(t.slope, 0.0)


@compiled
def _share(t: Any, counted: int) -> float:
    """Share of a threshold that counts after so many ticks above it."""
    return _CONFIRM_SHARE if 0 < counted < t.ticks else 1.0


@compiled
def feel(t: Any, wrench: Array, contact: bool) -> int:
    """What the force asks for: NOTHING, LIMIT, PUSHED or TURNED."""
    x, y, z = wrench[0], wrench[1], wrench[2]
    u, v, w = wrench[3], wrench[4], wrench[5]
    force = math.sqrt(x * x + y * y + z * z)
    ahead = _ahead(t, force)
    over = t.stop_share * t.limit_n
    enough = over * _share(t, t.over)
    t.over = t.over + 1 if force > enough else 0
    if t.over >= t.ticks:
        t.value, t.limit = force, over
        return LIMIT
    threshold = t.intended_share * t.limit_n
    if not contact:
        threshold = min(threshold, t.collision_n)
    moment = math.sqrt(u * u + v * v + w * w)
    share = _share(t, t.high)
    pushed = ahead > share * threshold
    if not (pushed or moment > share * t.collision_nm):
        t.high = 0
        return NOTHING
    t.high += 1
    if t.high < t.ticks:
        return NOTHING
    if force > 0.5:
        t.normal[0], t.normal[1], t.normal[2] = x / force, y / force, z / force
    if pushed:
        t.value, t.limit = ahead, threshold
        return PUSHED
    t.value, t.limit = moment, t.collision_nm
    return TURNED


@entry(record(TOUCH), VECTOR, FLAG)
def judge_touch(touches: Any, wrench: Array, contact: bool) -> int:
    """What the force asks for.

    Args:
        touches: the memory (1,); `value` and `limit` are those of the answer.
        wrench: what the world applies to the tool (6,) [N, Nm], finite.
        contact: whether touching is intended.
    """
    return feel(touches[0], wrench, contact)
