"""The next of the six actions: short rollouts of the measured motion, scored in steps.

Model-predictive control by enumeration: every candidate is a turn, a second piece and
then straight on. A candidate costs the steps until it touches the goal or, at the end
of the horizon, the way that is left by the planner's field (Dijkstra) in strides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.memory_maze.kinematics import (
    FORWARD,
    FORWARD_LEFT,
    FORWARD_RIGHT,
    LEFT,
    RADIUS_M,
    RIGHT,
    STRIDE_M,
    TURN,
    Motion,
    predict,
)
from neural_brain.models.geometry import Array
from neural_brain.models.motion import Costmap, TravelField

HORIZON = 12
FAR = 1e4  # steps: no way from there
BACK_PRICE = 0.4  # steps for turning the other way than just now: no dithering
TURN_PRICE = 1.5  # steps for half a turn that is left at the end of the horizon


def _candidates() -> NDArray[np.int64]:
    pieces = (LEFT, RIGHT, FORWARD_LEFT, FORWARD_RIGHT, FORWARD)
    found = set()
    for first in pieces:
        for long in (1, 2, 3, 4, 5, 7, 9):
            for second in pieces:
                for short in (0, 1, 2, 4, 7):
                    row = [first] * long + [second] * short
                    row = (row + [FORWARD] * HORIZON)[:HORIZON]
                    found.add(tuple(row))
    return np.array(sorted(found))


CANDIDATES = _candidates()


@dataclass(frozen=True, kw_only=True)
class Aim:
    """Where to: `field` begins at the goal; within `reach_m` of `goal` it is reached.

    `margin_m` is kept between the ball and what the map holds for walls.
    """

    field: TravelField
    goal: Array
    reach_m: float
    margin_m: float = 0.03


def steer(motion: Motion, aim: Aim) -> int:
    """The best next action for one ball.

    Args:
        motion: of one ball, as predicted after the last action.
        aim: where to.
    """
    count = len(CANDIDATES)
    balls = Motion(
        pose=np.repeat(motion.pose, count, axis=0),
        speed=np.repeat(motion.speed, count),
        turn=np.repeat(motion.turn, count),
    )
    first = TURN[CANDIDATES[:, 0]]
    price = BACK_PRICE * (first * motion.turn[0] < 0.0)
    need = RADIUS_M + aim.margin_m
    here = room_at(aim.field.costmap, motion.pose[:, :2])[0]
    need = min(need, max(here, 0.0))  # too near already: no nearer
    arrived = np.full(count, np.inf)
    for k in range(HORIZON):
        before = balls.pose[:, :2]
        balls = predict(balls, CANDIDATES[:, k])
        price = price + bumps(before, balls.pose[:, :2], aim, need)
        apart = np.hypot(*(balls.pose[:, :2] - aim.goal).T)
        now = (apart <= aim.reach_m) & ~np.isfinite(arrived)
        arrived = np.where(now, k + 1 + price, arrived)
    rest = left_to_go(balls, aim)
    total = np.where(np.isfinite(arrived), arrived, HORIZON + price + rest)
    return int(CANDIDATES[int(np.argmin(total)), 0])


def bumps(before: Array, after: Array, aim: Aim, need: float) -> Array:
    """Steps (n,) lost by coming nearer to a wall than `need` [m] between two spots."""
    lost = np.zeros(len(after))
    for share in (0.5, 1.0):
        room = room_at(aim.field.costmap, before + share * (after - before))
        lost += np.where(room < need, 2.0 + 10.0 * (need - room), 0.0)
    return lost


def room_at(costmap: Costmap, spots: Array) -> Array:
    """Distance (n,) [m] from spots (n, 2) [m] to the next wall; 0 where all is unknown.

    The costmap counts from the middle of a cell to the middle of the nearest occupied
    one; between middles it is linear, and the wall begins half a cell earlier.
    """
    place = (spots - costmap.origin) / costmap.resolution - 0.5
    h, w = costmap.clearance.shape
    x0 = np.clip(np.floor(place[:, 0]).astype(np.int64), 0, w - 2)
    y0 = np.clip(np.floor(place[:, 1]).astype(np.int64), 0, h - 2)
    fx, fy = np.clip(place[:, 0] - x0, 0, 1), np.clip(place[:, 1] - y0, 0, 1)
    c = costmap.clearance
    low = c[y0, x0] * (1 - fx) + c[y0, x0 + 1] * fx
    high = c[y0 + 1, x0] * (1 - fx) + c[y0 + 1, x0 + 1] * fx
    room = low * (1 - fy) + high * fy - 0.5 * costmap.resolution
    rows, columns, inside = costmap.fine_cells(spots)
    unknown = ~costmap.passable[rows, columns] & (c[rows, columns] > 2.0 * RADIUS_M)
    return np.where(inside & ~unknown, room, 0.0)


def left_to_go(balls: Motion, aim: Aim) -> Array:
    """Steps (n,) from the ends of the candidates to the goal."""
    cost, slope = way_and_slope(aim.field, balls.pose[:, :2])
    way = np.maximum(cost - aim.reach_m, 0.0) / STRIDE_M
    heading = np.arctan2(slope[:, 1], slope[:, 0]) - balls.pose[:, 2]
    turn = np.abs((heading + np.pi) % (2.0 * np.pi) - np.pi) / np.pi
    return way + TURN_PRICE * turn


def way_and_slope(field: TravelField, spots: Array) -> tuple[Array, Array]:
    """Cost (n,) [m] between bilinear grid values, and the way downhill (n, 2)."""
    size = field.costmap.resolution * field.costmap.step
    place = (spots - field.costmap.origin) / size - 0.5
    low = np.floor(place).astype(np.int64)
    h, w = field.cost.shape
    x0, y0 = np.clip(low[:, 0], 0, w - 2), np.clip(low[:, 1], 0, h - 2)
    fx, fy = np.clip(place[:, 0] - x0, 0, 1), np.clip(place[:, 1] - y0, 0, 1)
    corners = np.stack(
        [field.cost[y0 + i, x0 + j] for i in (0, 1) for j in (0, 1)], axis=1
    )
    least = corners.min(axis=1, keepdims=True)
    corners = np.where(np.isfinite(corners), corners, least + 2.0 * size)
    weight = np.stack(
        [(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx], axis=1
    )
    blocked = ~np.isfinite(least[:, 0])
    corners = np.where(blocked[:, None], FAR, corners)
    slope = np.stack(
        [
            corners[:, 0] + corners[:, 2] - corners[:, 1] - corners[:, 3],
            corners[:, 0] + corners[:, 1] - corners[:, 2] - corners[:, 3],
        ],
        axis=1,
    )
    return (corners * weight).sum(axis=1), slope
