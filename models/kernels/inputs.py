"""What is wrong with a state or a target; see `reflex.guards`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import (
    MATRIX,
    VECTOR,
    compiled,
    entry,
    record,
)

STAMP_MAX_S = 1e11
SQUARE_MAX = 1e12
_SKEW_MAX = 1e-3

(
    GOOD,
    NOT_FINITE,
    BACKWARD,
    STALE,
    GAP,
    FUTURE,
    POSITION,
    SPEED,
    WRENCH,
    TWIST,
    FROZEN,
) = range(11)

GUARD = np.dtype(
    [
        *((name, "f8") for name in ("stamp", "dt", "print", "value", "limit")),
        *((name, "f8") for name in ("tick_s", "timeout_s", "future_s")),
        *((name, "f8") for name in ("wrench_max", "v_max", "w_max")),
        *((name, "i8") for name in ("still", "absurd", "same", "frozen_ticks")),
    ]
)


@compiled
def square_sum(values: Array, start: int, count: int) -> float:
    """Sum of squares; infinity or NaN if any value is bad or absurdly large."""
    total = 0.0
    for i in range(start, start + count):
        total += values[i] * values[i]
    return total


@compiled
def _found(g: Any, code: int, value: float, limit: float) -> int:
    g.value, g.limit = value, limit
    return code


@compiled
def _check_time(g: Any, stamp: float, now: float) -> int:
    elapsed = stamp - g.stamp
    known = g.stamp > -math.inf
    g.stamp = stamp
    if not known:
        g.dt = g.tick_s
        return GOOD
    g.dt = min(max(elapsed, 0.0), 2.0 * g.tick_s)
    if elapsed < 0.0:
        return _found(g, BACKWARD, elapsed, 0.0)
    g.still = 0 if elapsed > 0.0 else g.still + 1
    age = max(now - stamp, g.still * g.tick_s)
    if age > g.timeout_s:
        return _found(g, STALE, age, g.timeout_s)
    if elapsed > g.timeout_s:
        return _found(g, GAP, elapsed, g.timeout_s)
    if now - stamp < -g.future_s:
        return _found(g, FUTURE, now - stamp, 0.0)
    return GOOD


@compiled
def _check_possible(g: Any, bounds: Array, read: Array, wrench2: float) -> int:
    n = bounds.shape[1]
    for i in range(n):
        x, low, high = read[i], bounds[0, i], bounds[1, i]
        if not low <= x <= high:
            return _found(g, POSITION, x, low if x < low else high)
    for i in range(n):
        if abs(read[n + i]) > bounds[2, i]:
            return _found(g, SPEED, abs(read[n + i]), bounds[2, i])
    if wrench2 > g.wrench_max * g.wrench_max:
        return _found(g, WRENCH, math.sqrt(wrench2), g.wrench_max)
    v, w = read[3 * n + 6], read[3 * n + 7]
    if abs(v) > g.v_max or abs(w) > g.w_max:
        return _found(g, TWIST, abs(v), g.v_max)
    return GOOD


@compiled
def _check_frozen(g: Any, speed2: float, fingerprint: float) -> int:
    """A sensor that repeats itself bit by bit while the joints move is broken."""
    same = fingerprint == g.print and speed2 > 0.01
    g.print = fingerprint
    g.same = g.same + 1 if same else 0
    if g.same >= g.frozen_ticks:
        return _found(g, FROZEN, float(g.same), float(g.frozen_ticks))
    return GOOD


@compiled
def usable(code: int) -> bool:
    """Whether a state may be used for control."""
    return code in (GOOD, BACKWARD, GAP, FROZEN)


@compiled
def look_at_state(g: Any, bounds: Array, read: Array, times: Array) -> int:
    """What is wrong with a state, GOOD if nothing."""
    n, stamp, now = bounds.shape[1], times[0], times[1]
    position2, speed2 = square_sum(read, 0, n), square_sum(read, n, n)
    wrench2 = square_sum(read, 3 * n, 6)
    total = speed2 + position2 + wrench2
    for i in range(3 * n + 6, 3 * n + 11):
        total += read[i]
    if not (math.isfinite(total) and abs(stamp) + abs(now) < STAMP_MAX_S):
        return NOT_FINITE
    code = _check_time(g, stamp, now)
    if code != GOOD:
        return code
    code = _check_possible(g, bounds, read, wrench2)
    g.absurd = 0 if code == GOOD else g.absurd + 1
    if code != GOOD:
        return code
    return _check_frozen(g, speed2, position2)


@entry(record(GUARD), MATRIX, VECTOR, VECTOR)
def judge_state(guards: Any, bounds: Array, read: Array, times: Array) -> int:
    """What is wrong with a state, GOOD if nothing.

    Args:
        guards: the memory (1,); `value` and `limit` are those of what is wrong.
        bounds: lowest and highest position and fastest speed of the joints (3, n).
        read: q, dq, effort (n,), wrench (6,), twist (2,) and pose (3,), one after
            another.
        times: of the measurement and now (2,) [s].
    """
    return look_at_state(guards[0], bounds, read, times)


FINE, UNBOUNDED, NO_ROTATION = range(3)


@entry(VECTOR)
def target_flaw(numbers: Array) -> int:
    """What is wrong with the numbers of a target, FINE if nothing.

    Args:
        numbers: pose (16,), row by row, and after it all others, in any order.
    """
    if not square_sum(numbers, 0, numbers.size) < SQUARE_MAX:
        return UNBOUNDED
    a, b, c = numbers[0], numbers[1], numbers[2]
    d, e, f = numbers[4], numbers[5], numbers[6]
    g, h, i = numbers[8], numbers[9], numbers[10]
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    if det < 0.0:
        return NO_ROTATION
    for p in range(0, 12, 4):
        for q in range(0, 12, 4):
            dot = -1.0 if p == q else 0.0
            for k in range(3):
                dot += numbers[p + k] * numbers[q + k]
            if not abs(dot) <= _SKEW_MAX:
                return NO_ROTATION
    return FINE
