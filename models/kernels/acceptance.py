"""A new target of the arm, taken in with one call; see `ArmImpedance`."""

from __future__ import annotations

from typing import Any

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import anchor, joints
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.compiled import (
    MATRIX,
    VECTOR,
    compiled,
    entry,
    record,
)
from neural_brain.models.kernels.law import LAW
from neural_brain.models.kernels.mobility import find_mobility, impact_speed
from neural_brain.models.kernels.segment import jump
from neural_brain.models.kernels.stiffness_bounds import bound_stiffness

_LAW = record(LAW)


@compiled
def take_joints(law: Any, rows: Array, asked: Array) -> None:
    """Aim at the joints that are asked for, within their limits."""
    for i in range(rows.shape[1]):
        q = asked[i]
        if q < rows[row.Q_MIN, i]:
            q = rows[row.Q_MIN, i]
        if q > rows[row.Q_MAX, i]:
            q = rows[row.Q_MAX, i]
        rows[row.ANCHOR_TARGET, i] = q
    joints.aim(law.joints, rows, law.scale, 1.0)


@compiled
def take_stiffness(law: Any, K: Array, anew: bool) -> None:
    """Aim at the allowed stiffness nearest to K (6, 6), if it is another one."""
    for i in range(6):
        for j in range(6):
            anew = anew or K[i, j] != law.asked_K[i, j]
            law.asked_K[i, j] = K[i, j]
    if anew:
        bounds = (law.stiffest_n_m, law.stiffest_nm_rad, law.floor_share)
        bound_stiffness(K, law.schedule.wanted, bounds, law.schedule.work)
        law.schedule.settled, law.schedule.tried = 0, 1.0


@compiled
def take_wrench(law: Any, asked: Array, start: int) -> None:
    """Set what the hand shall exert besides the spring."""
    law.feeds = 0
    for i in range(6):
        law.wrench_ff[i] = asked[start + i]
        if law.wrench_ff[i] != 0.0 or law.ff[i] != 0.0:
            law.feeds = 1


@entry(_LAW, MATRIX, VECTOR)
def accept_joints(laws: Any, rows: Array, asked: Array) -> None:
    """The joints of a new target (n + 58,) alone."""
    take_joints(laws[0], rows, asked)


@entry(_LAW, VECTOR)
def accept_stiffness(laws: Any, asked: Array) -> None:
    """The stiffness of a new target (n + 58,) alone, for a spring that starts."""
    K = asked[asked.size - 42 : asked.size - 6].reshape((6, 6))
    take_stiffness(laws[0], K, True)


@compiled
def _start(law: Any, rows: Array, mass: Array, hand: Any) -> None:
    """Anchor at the present pose with a relaxed spring of the wanted stiffness."""
    J, T = hand
    for i in range(4):
        for j in range(4):
            law.anchor.target[i, j] = T[i, j]
    anchor.arrive(law.anchor)
    find_mobility(law, rows, mass, J)
    jump(law.schedule, law.chol)
    for i in range(6):
        law.ff[i] = 0.0


@entry(_LAW, MATRIX, MATRIX, MATRIX, MATRIX)
def start_hand(laws: Any, rows: Array, mass: Array, J: Array, T: Array) -> None:
    """Anchor the hand's spring where the hand is; see `CartesianLaw.start`."""
    _start(laws[0], rows, mass, (J, T))


@entry(_LAW, MATRIX, VECTOR, MATRIX, MATRIX)
def accept_pose(laws: Any, rows: Array, asked: Array, mass: Array, J: Array) -> None:
    """A new Cartesian target; `scale` and `contact` are in the state.

    Args:
        laws: the state (1,).
        rows: of the joints.
        asked: joints (n,), pose (16,), stiffness (36,) and wrench (6,).
        mass: mass matrix (n, n); unused where contact is intended.
        J: Jacobian (6, n).
    """
    law, n = laws[0], J.shape[1]
    take_joints(law, rows, asked)
    take_stiffness(law, asked[n + 16 : n + 52].reshape((6, 6)), False)
    take_wrench(law, asked, n + 52)
    r = law.anchor
    for i in range(4):
        for j in range(4):
            r.target[i, j] = asked[n + 4 * i + j]
    speed_m_s = law.impact.most_m_s
    if not law.contact:
        x = r.target[0, 3] - r.position[0]
        y = r.target[1, 3] - r.position[1]
        z = r.target[2, 3] - r.position[2]
        work = rows[row.WORK :]
        speed_m_s = impact_speed(law.impact, mass, J, (x, y, z), work)
    anchor.aim(r, law.scale, speed_m_s)
