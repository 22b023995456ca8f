"""Arithmetic of joint springs, soft stops and effort limits, a value a joint.

What it means stands in `impedance.joint`, `impedance.reference` and
`impedance.effort_limit`. Comparisons are written so that what is not a number stays so,
and is refused by the reflex.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.anchor import takes_step
from neural_brain.models.kernels.compiled import (
    MATRIX,
    NUMBER,
    compiled,
    entry,
    record,
)

_FOLLOW_SHARE = 0.05
_AT_REST2 = 1e-8

JOINTS = np.dtype(
    [
        *((name, "f8") for name in ("tick_s", "credit", "ratio", "stop_share")),
        *((name, "f8") for name in ("damped_w", "spent_w")),
        *((name, "i8") for name in ("period", "left", "moving", "flowing", "known")),
    ]
)
_JOINTS = record(JOINTS)


@compiled
def stop_joints(s: Any, rows: Array) -> None:
    """The anchor rests."""
    s.moving = s.left = 0
    for i in range(rows.shape[1]):
        rows[row.ANCHOR_DQ, i] = 0.0


@compiled
def step_joints(s: Any, rows: Array, opening: float) -> bool:
    """One tick of the joints' anchor; see `JointReference.step`."""
    if not takes_step(s, opening):
        return False
    if s.left <= 0:
        for i in range(rows.shape[1]):
            rows[row.ANCHOR_Q, i] = rows[row.ANCHOR_TARGET, i]
        stop_joints(s, rows)
    else:
        for i in range(rows.shape[1]):
            rows[row.ANCHOR_Q, i] += rows[row.ANCHOR_STEP, i]
    return True


@compiled
def clipped(value: float, most: float) -> float:
    """The value within -most and most."""
    if value > most:
        return most
    if value < -most:
        return -most
    return value


@compiled
def posture(s: Any, rows: Array, opening: float) -> None:
    """Effort wished in the null space, towards the anchor."""
    step_joints(s, rows, opening)
    for i in range(rows.shape[1]):
        stretch = rows[row.ANCHOR_Q, i] - rows[row.Q, i]
        spring = clipped(
            rows[row.POSTURE_STIFFNESS, i] * stretch, rows[row.POSTURE_CLIP, i]
        )
        rows[row.POSTURE, i] = spring - rows[row.POSTURE_DAMPING, i] * rows[row.DQ, i]


@compiled
def stop_push(rows: Array, i: int) -> float:
    """Effort [Nm] of a joint's soft stops."""
    q, low, high = rows[row.Q, i], rows[row.LOW, i], rows[row.HIGH, i]
    inside = q
    if inside < low:
        inside = low
    if inside > high:
        inside = high
    return rows[row.STOP_STIFFNESS, i] * (inside - q)


@compiled
def finish(s: Any, rows: Array) -> None:
    """Add soft stops and gravity to the effort, then limit it and its rate."""
    for i in range(rows.shape[1]):
        e = rows[row.EFFORT, i] + stop_push(rows, i) + rows[row.BIAS, i]
        e = clipped(e, rows[row.EFFORT_MAX, i])
        last, step = rows[row.EFFORT_LAST, i], rows[row.EFFORT_STEP, i]
        if s.known:
            if not e <= last + step and e == e:
                e = last + step
            if not e >= last - step and e == e:
                e = last - step
        rows[row.EFFORT, i] = rows[row.EFFORT_LAST, i] = e
    s.known = 1


@entry(_JOINTS, MATRIX, NUMBER)
def move_joints(states: Any, rows: Array, opening: float) -> bool:
    """One tick of the joints' anchor."""
    return step_joints(states[0], rows, opening)


@entry(_JOINTS, MATRIX)
def rest_joints(states: Any, rows: Array) -> None:
    """The anchor rests where it is."""
    stop_joints(states[0], rows)


@compiled
def aim(s: Any, rows: Array, speed_scale: float, pace: float) -> None:
    """Start to move to the target row; see `JointReference.aim`."""
    slowest_s = 0.0
    for i in range(rows.shape[1]):
        way = rows[row.ANCHOR_TARGET, i] - rows[row.ANCHOR_Q, i]
        slowest_s = max(slowest_s, abs(way / rows[row.ANCHOR_SPEED, i]))
    slowest_s /= speed_scale
    if slowest_s < 1e-7:
        stop_joints(s, rows)
        return
    s.left = math.ceil(max(slowest_s / s.tick_s, float(s.period)) / pace)
    for i in range(rows.shape[1]):
        way = rows[row.ANCHOR_TARGET, i] - rows[row.ANCHOR_Q, i]
        rows[row.ANCHOR_STEP, i] = way / s.left
        rows[row.ANCHOR_DQ, i] = rows[row.ANCHOR_STEP, i] / s.tick_s
    s.moving = 1


@entry(_JOINTS, MATRIX, NUMBER, NUMBER)
def aim_joints(states: Any, rows: Array, speed_scale: float, pace: float) -> None:
    """The same for an anchor that stands alone."""
    aim(states[0], rows, speed_scale, pace)


@compiled
def refresh(s: Any, rows: Array, mass: Array) -> None:
    """Damping of joints and posture for a mass matrix (n, n)."""
    twice = 2.0 * s.ratio
    for i in range(rows.shape[1]):
        m = mass[i, i]
        rows[row.DAMPING, i] = twice * math.sqrt(rows[row.STIFFNESS, i] * m)
        stiffness = rows[row.POSTURE_STIFFNESS, i]
        rows[row.POSTURE_DAMPING, i] = twice * math.sqrt(stiffness * m)


@compiled
def start(s: Any, rows: Array, mass: Array) -> None:
    """Anchor where the joints are, with relaxed springs; begin at the last effort."""
    for i in range(rows.shape[1]):
        q = rows[row.Q, i]
        rows[row.ANCHOR_Q, i] = rows[row.ANCHOR_TARGET, i] = q
        rows[row.FOLLOWED, i] = 0.0
        if not s.known:  # gravity, if there was none
            last = clipped(rows[row.BIAS, i], rows[row.EFFORT_MAX, i])
            rows[row.EFFORT_LAST, i] = last
    s.known = 1
    stop_joints(s, rows)
    refresh(s, rows, mass)


@entry(_JOINTS, MATRIX, MATRIX)
def refresh_damping(states: Any, rows: Array, mass: Array) -> None:
    """Damping of joints and posture for a mass matrix (n, n)."""
    refresh(states[0], rows, mass)


@entry(_JOINTS, MATRIX, MATRIX)
def start_joints(states: Any, rows: Array, mass: Array) -> None:
    """Anchor where the joints are."""
    start(states[0], rows, mass)


@entry(_JOINTS, MATRIX, NUMBER)
def joint_effort(states: Any, rows: Array, opening: float) -> None:
    """Effort of joint mode into its row, and its powers; see `JointLaw`."""
    s = states[0]
    moved = step_joints(s, rows, opening)
    follows = moved or s.flowing
    s.spent_w = s.damped_w = 0.0
    speed2 = 0.0
    for i in range(rows.shape[1]):
        spring = rows[row.STIFFNESS, i] * (rows[row.ANCHOR_Q, i] - rows[row.Q, i])
        if follows:
            wish = rows[row.ANCHOR_DQ, i]
            rows[row.FOLLOWED, i] += _FOLLOW_SHARE * (wish - rows[row.FOLLOWED, i])
            followed = rows[row.FOLLOWED, i]
            speed2 += followed * followed
            if moved:
                s.spent_w += spring * wish
            pull = rows[row.DAMPING, i] * followed
            s.spent_w += pull * rows[row.DQ, i]
            spring += pull
        drag = rows[row.DAMPING, i] * rows[row.DQ, i]
        s.damped_w += drag * rows[row.DQ, i]
        rows[row.EFFORT, i] = clipped(spring, rows[row.CLIP, i]) - drag
    if follows:
        s.flowing = 1 if moved or speed2 > _AT_REST2 else 0
    finish(s, rows)


@entry(_JOINTS, MATRIX)
def damped_effort(states: Any, rows: Array) -> None:
    """Effort that only brakes and carries the arm's weight, into its row."""
    s = states[0]
    for i in range(rows.shape[1]):
        drag = rows[row.DAMPING, i] * rows[row.DQ, i]
        rows[row.EFFORT, i] = -s.stop_share * drag
    finish(s, rows)


@entry(MATRIX)
def stop_efforts(rows: Array) -> None:
    """Efforts of the soft stops alone, into their row."""
    for i in range(rows.shape[1]):
        rows[row.EFFORT, i] = stop_push(rows, i)


@entry(_JOINTS, MATRIX)
def begin_effort(states: Any, rows: Array) -> None:
    """Take gravity as the last effort if there was none."""
    s = states[0]
    if s.known:
        return
    for i in range(rows.shape[1]):
        last = clipped(rows[row.BIAS, i], rows[row.EFFORT_MAX, i])
        rows[row.EFFORT_LAST, i] = last
    s.known = 1
