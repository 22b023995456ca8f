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
    compiled,
    entry,
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
) = range(11)
ROWS = 11

GUARD = np.dtype(
    [("twice_brake", "f8"), ("known", "i8"), ("cuts", "i8"), ("refused", "i8")]
)


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
def interval(rows: Array, i: int, twice: float) -> tuple[float, float]:
    """Least and largest effort that keep a joint's speed and position limits."""
    q, dq, bias = rows[Q, i], rows[DQ, i], rows[BIAS, i]
    speed, gain = rows[FASTEST, i], rows[GAIN, i]
    down = allowed_speed(twice * (q - rows[LOW, i]), speed)
    up = allowed_speed(twice * (rows[HIGH, i] - q), speed)
    return bias - gain * (down + dq), bias + gain * (up - dq)


@entry(MATRIX, NUMBER, MATRIX)
def intervals(rows: Array, twice: float, out: Array) -> None:
    """Least and largest effort of every joint into out (2, n)."""
    for i in range(rows.shape[1]):
        out[0, i], out[1, i] = interval(rows, i, twice)


@entry(record(GUARD), MATRIX, FLAG)
def last_word(guards: Any, rows: Array, free: bool) -> None:
    """The efforts that may be sent, into their row.

    Args:
        guards: the memory (1,).
        rows: a row (n,) for each of the numbers above.
        free: leave the joints' bounds out, for want of a state. Else wishes that are
            not finite are refused, and gravity takes their place.
    """
    g, cut = guards[0], False
    g.refused = not free and not square_sum(rows[WISH], 0, rows.shape[1]) < SQUARE_MAX
    for i in range(rows.shape[1]):
        e = rows[BIAS, i] if g.refused else rows[WISH, i]
        if not free:
            least, most = interval(rows, i, g.twice_brake)
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
    g.known = 1
    if cut:
        g.cuts += 1
