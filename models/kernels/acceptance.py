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
from neural_brain.models.kernels.energy import flow
from neural_brain.models.kernels.law import LAW, stored
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


@compiled
def start(law: Any, rows: Array, asked: Array, arm: Any) -> None:
    """Anchor where the arm is, with relaxed springs of the wanted stiffness."""
    mass, J = arm
    n = J.shape[1]
    joints.start(law.joints, rows, mass)
    take_stiffness(law, asked[n + 16 : n + 52].reshape((6, 6)), True)
    for i in range(4):
        for j in range(4):
            law.anchor.target[i, j] = asked[n + 58 + 4 * i + j]
    anchor.arrive(law.anchor)
    find_mobility(law, rows, mass, J)
    jump(law.schedule, law.chol)
    for i in range(6):
        law.ff[i] = 0.0


@compiled
def accept(law: Any, rows: Array, asked: Array, arm: Any) -> None:
    """Aim at a Cartesian target."""
    mass, J = arm
    n, r = J.shape[1], law.anchor
    take_joints(law, rows, asked)
    take_stiffness(law, asked[n + 16 : n + 52].reshape((6, 6)), False)
    take_wrench(law, asked, n + 52)
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


@entry(_LAW, MATRIX, VECTOR)
def accept_joints(laws: Any, rows: Array, asked: Array) -> None:
    """The joints of a new target (n + 74,) alone."""
    take_joints(laws[0], rows, asked)


@entry(_LAW, MATRIX, VECTOR, MATRIX, MATRIX)
def start_hand(laws: Any, rows: Array, asked: Array, mass: Array, J: Array) -> None:
    """Begin with the springs of a Cartesian target; arguments as below."""
    start(laws[0], rows, asked, (mass, J))


@entry(_LAW, MATRIX, VECTOR, MATRIX, MATRIX)
def accept_pose(laws: Any, rows: Array, asked: Array, mass: Array, J: Array) -> None:
    """A new Cartesian target; `scale` and `contact` are in the state.

    Args:
        laws: the state (1,).
        rows: of the joints.
        asked: joints (n,), pose (16,), stiffness (36,), wrench (6,), and the pose
            where the hand is (16,).
        mass: mass matrix (n, n); unused where contact is intended.
        J: Jacobian (6, n).
    """
    accept(laws[0], rows, asked, (mass, J))


@entry(_LAW, MATRIX, VECTOR, MATRIX, MATRIX)
def pull_hand(laws: Any, rows: Array, asked: Array, mass: Array, J: Array) -> None:
    """Be anchored at a Cartesian target at once; the tank pays what that stores."""
    law, n = laws[0], J.shape[1]
    hand = asked[n + 58 :].reshape((4, 4))
    before_j = stored(law, hand)
    start(law, rows, asked, (mass, J))
    accept(law, rows, asked, (mass, J))
    anchor.arrive(law.anchor)
    flow(law.tank, 0.0, (stored(law, hand) - before_j) / law.tick_s, law.tick_s)
