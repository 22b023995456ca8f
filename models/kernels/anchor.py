"""Arithmetic of the Cartesian anchor; what it means stands in `impedance.reference`."""

from __future__ import annotations

import math
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

ANCHOR = np.dtype(
    [
        ("position", "f8", (3,)),
        ("rotation", "f8", (3, 3)),
        ("velocity", "f8", (6,)),
        ("target", "f8", (4, 4)),
        ("step", "f8", (3,)),
        ("spin", "f8", (3, 3)),
        ("turned", "f8", (3, 3)),
        *((name, "f8") for name in ("speed", "turn", "tick_s", "credit")),
        *((name, "i8") for name in ("period", "left", "moving")),
    ]
)
_ANCHOR = record(ANCHOR)


@compiled
def turn_between(A: Array, B: Array, E: Array) -> None:
    """A B^T into E (3, 3): the rotation from B to A."""
    for i in range(3):
        for j in range(3):
            E[i, j] = A[i, 0] * B[j, 0] + A[i, 1] * B[j, 1] + A[i, 2] * B[j, 2]


@compiled
def turn_vector(E: Array) -> tuple[float, float, float]:
    """Rotation vector [rad] of a rotation matrix (3, 3), angle in [0, pi]."""
    x = 0.5 * (E[2, 1] - E[1, 2])
    y = 0.5 * (E[0, 2] - E[2, 0])
    z = 0.5 * (E[1, 0] - E[0, 1])
    sine = math.sqrt(x * x + y * y + z * z)
    cosine = 0.5 * (E[0, 0] + E[1, 1] + E[2, 2] - 1.0)
    if sine > 1e-7:
        scale = math.atan2(sine, cosine) / sine
        return x * scale, y * scale, z * scale
    if cosine > 0.0:
        return x, y, z
    k = 0  # half a turn: the axis is the longest column of E + 1
    for i in range(1, 3):
        if E[i, i] > E[k, k]:
            k = i
    x = E[0, k] + (1.0 if k == 0 else 0.0)
    y = E[1, k] + (1.0 if k == 1 else 0.0)
    z = E[2, k] + (1.0 if k == 2 else 0.0)
    scale = math.pi / math.sqrt(x * x + y * y + z * z)
    return x * scale, y * scale, z * scale


@compiled
def turn_matrix(vector: tuple[float, float, float], R: Array) -> None:
    """Rotation matrix of a rotation vector [rad] into R (3, 3) (Rodrigues)."""
    x, y, z = vector
    angle = math.sqrt(x * x + y * y + z * z)
    s, c = math.sin(angle), math.cos(angle)
    d = 1.0 - c
    if angle < 1e-12:
        s, c, d, angle = 0.0, 1.0, 0.0, 1.0
    x, y, z = x / angle, y / angle, z / angle
    R[0, 0], R[0, 1], R[0, 2] = c + d * x * x, d * x * y - s * z, d * x * z + s * y
    R[1, 0], R[1, 1], R[1, 2] = d * x * y + s * z, c + d * y * y, d * y * z - s * x
    R[2, 0], R[2, 1], R[2, 2] = d * x * z - s * y, d * y * z + s * x, c + d * z * z


@compiled
def _stop(r: Any) -> None:
    r.moving = r.left = 0
    for i in range(6):
        r.velocity[i] = 0.0


@compiled
def arrive(r: Any) -> None:
    """Be at the target at once, at rest."""
    for i in range(3):
        r.position[i] = r.target[i, 3]
        for j in range(3):
            r.rotation[i, j] = r.target[i, j]
    _stop(r)


@compiled
def takes_step(s: Any, opening: float) -> bool:
    """Whether an anchor, of the hand or of the joints, moves in this tick."""
    if not s.moving:
        return False
    s.credit += opening
    if s.credit < 1.0:
        return False
    s.credit -= 1.0
    s.left -= 1
    return True


@compiled
def step_anchor(r: Any, opening: float) -> bool:
    """One tick; see `CartesianReference.step`."""
    if not takes_step(r, opening):
        return False
    if r.left <= 0:
        arrive(r)
        return True
    R = r.rotation
    for i in range(3):
        r.position[i] += r.step[i]
    for j in range(3):
        a, b, c = R[0, j], R[1, j], R[2, j]
        for i in range(3):
            R[i, j] = r.spin[i, 0] * a + r.spin[i, 1] * b + r.spin[i, 2] * c
    return True


@entry(_ANCHOR, NUMBER)
def move_anchor(anchors: Any, opening: float) -> bool:
    """One tick of an anchor that stands alone."""
    return step_anchor(anchors[0], opening)


@entry(_ANCHOR)
def stop_at_target(anchors: Any) -> None:
    """Be at the target at once, at rest."""
    arrive(anchors[0])


@compiled
def aim(r: Any, speed_scale: float, speed_m_s: float) -> None:
    """Start to move to the target; see `CartesianReference.aim`."""
    x = r.target[0, 3] - r.position[0]
    y = r.target[1, 3] - r.position[1]
    z = r.target[2, 3] - r.position[2]
    turn_between(r.target, r.rotation, r.turned)
    u, v, w = turn_vector(r.turned)
    distance = math.sqrt(x * x + y * y + z * z)
    angle = math.sqrt(u * u + v * v + w * w)
    if distance < 1e-7 and angle < 1e-6:
        _stop(r)
        return
    speed = min(r.speed, speed_m_s)
    shortest_s = max(distance / speed, angle / r.turn) / speed_scale
    r.left = max(math.ceil(shortest_s / r.tick_s), r.period)
    r.step[0], r.step[1], r.step[2] = x / r.left, y / r.left, z / r.left
    turn_matrix((u / r.left, v / r.left, w / r.left), r.spin)
    duration_s = r.left * r.tick_s
    r.velocity[0], r.velocity[1], r.velocity[2] = x, y, z
    r.velocity[3], r.velocity[4], r.velocity[5] = u, v, w
    for i in range(6):
        r.velocity[i] /= duration_s
    r.moving = 1


@entry(_ANCHOR, NUMBER, NUMBER)
def aim_anchor(anchors: Any, speed_scale: float, speed_m_s: float) -> None:
    """The same for an anchor that stands alone."""
    aim(anchors[0], speed_scale, speed_m_s)


@entry(MATRIX)
def vector_of(E: Array) -> tuple[float, float, float]:
    """Rotation vector [rad] of a rotation matrix (3, 3)."""
    return turn_vector(E)


@entry(NUMBER, NUMBER, NUMBER)
def matrix_of(x: float, y: float, z: float) -> Array:
    """A new rotation matrix (3, 3) of a rotation vector [rad]."""
    R = np.empty((3, 3))
    turn_matrix((x, y, z), R)
    return R
