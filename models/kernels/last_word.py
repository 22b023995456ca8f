"""Efforts inside every joint's limits; see `reflex.effort_guard`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import (
    FLAG,
    MATRIX,
    NUMBER,
    VECTOR,
    compiled,
    entry,
    given,
    record,
)
from neural_brain.models.kernels.inputs import SQUARE_MAX, square_sum

(
    WISH,  # [Nm]
    Q,  # [rad]
    DQ,  # [rad/s]
    BIAS,  # [Nm]
    LOW,  # [rad]
    HIGH,  # [rad]
    FASTEST,  # [rad/s]
    GAIN,  # [Nms/rad]
    MOST,  # [Nm]
    STEP,  # largest change a tick [Nm]
    SENT,  # [Nm]
    BEFORE,  # DQ of the last tick [rad/s]
    GAINED,  # change of DQ in a tick, smoothed [rad/s]
) = range(13)
ROWS = 13

GUARD = np.dtype(
    [
        *((name, "f8") for name in ("twice_brake", "lead_ticks")),
        *((name, "i8") for name in ("known", "seen", "cuts", "refused")),
    ]
)
_NEW_SHARE = 0.2
_NOISE_RAD_S = 0.1  # of speeds looked ahead; must not brake


@compiled
def allowed_speed(room: float, speed: float) -> float:
    """The allowed speed [rad/s] for 2 a (room to the limit) [rad2/s2].

    Beyond the limit it is negative: the joint is driven back.
    """
    if room >= speed * speed:
        return speed
    if room < 0.0:
        return -math.sqrt(-room) if room > -1.0 else -1.0
    return math.sqrt(room)


@compiled
def left_of(speed: float, ahead: float) -> float:
    """What is left of an allowed speed if a joint is about to gain `ahead` [rad/s].

    It is never reversed for that: foresight only brakes.
    """
    gain = ahead - _NOISE_RAD_S
    return speed if gain <= 0.0 or speed <= 0.0 else max(speed - gain, 0.0)


@compiled
def interval(rows: Array, i: int, twice: float, lead: float) -> tuple[float, float]:
    """Least and largest effort that keep a joint's speed and position limits."""
    q, dq, bias = rows[Q, i], rows[DQ, i], rows[BIAS, i]
    speed, gain = rows[FASTEST, i], rows[GAIN, i]
    ahead = lead * rows[GAINED, i]
    down = left_of(allowed_speed(twice * (q - rows[LOW, i]), speed), -ahead)
    up = left_of(allowed_speed(twice * (rows[HIGH, i] - q), speed), ahead)
    return bias - gain * (down + dq), bias + gain * (up - dq)


@compiled
def gained(rows: Array, i: int, seen: bool) -> float:
    """How fast a joint gains speed, now; none where there is nothing to compare."""
    now, before = rows[DQ, i], rows[BEFORE, i]
    rows[BEFORE, i] = now
    if not seen:
        return 0.0
    last = rows[GAINED, i]
    return last + _NEW_SHARE * (now - before - last)


@entry(MATRIX, NUMBER, NUMBER, FLAG, MATRIX)
def intervals(rows: Array, twice: float, lead: float, seen: bool, out: Array) -> None:
    """Least and largest effort of every joint into out (2, n)."""
    for i in range(rows.shape[1]):
        rows[GAINED, i] = gained(rows, i, seen)
        out[0, i], out[1, i] = interval(rows, i, twice, lead)


@entry(VECTOR, VECTOR)
def keep_finite(kept: Array, values: Array) -> None:
    """Take the values (n,) where they are as many, and their sum is finite."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    if values.size == kept.size and math.isfinite(total):
        for i in range(values.size):
            kept[i] = values[i]


@compiled
def _let_through(g: Any, rows: Array, free: bool) -> None:
    cut = False
    g.refused = not free and not square_sum(rows[WISH], 0, rows.shape[1]) < SQUARE_MAX
    for i in range(rows.shape[1]):
        e = rows[BIAS, i] if g.refused else rows[WISH, i]
        if not free:
            rows[GAINED, i] = gained(rows, i, g.seen != 0)
            least, most = interval(rows, i, g.twice_brake, g.lead_ticks)
            bounded = most if e > most else e
            bounded = least if bounded < least else bounded
            cut = cut or bounded != e
            e = bounded
        if g.known:
            last, step = rows[SENT, i], rows[STEP, i]
            if e > last + step:
                e = last + step
            elif e < last - step:
                e = last - step
        most = rows[MOST, i]
        if e > most:
            e = most
        elif e < -most:
            e = -most
        rows[SENT, i] = e
    g.known, g.seen = 1, 0 if free else 1
    if cut:
        g.cuts += 1


@entry(record(GUARD), MATRIX, FLAG)
def last_word(guards: Any, rows: Array, free: bool) -> None:
    """The efforts that may be sent, into their row.

    Args:
        guards: the memory (1,).
        rows: a row (n,) for each of the numbers above.
        free: leave the joints' bounds out, for want of a state. Else wishes that are
            not finite are refused, and gravity takes their place.
    """
    _let_through(guards[0], rows, free)


@entry(record(GUARD), MATRIX, given(1, 4))
def limit_efforts(guards: Any, rows: Array, vectors: Any) -> bool:
    """The same for wish, positions, speeds and gravity (n,); whether it was refused."""
    for k in range(4):
        if vectors[k].size != rows.shape[1]:
            raise ValueError("Efforts, positions, speeds and gravity differ in size.")
        for i in range(rows.shape[1]):
            rows[WISH + k, i] = vectors[k][i]
    _let_through(guards[0], rows, False)
    return bool(guards[0].refused)
