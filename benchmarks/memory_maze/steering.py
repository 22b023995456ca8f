"""The next of the six actions: short rollouts of the measured motion, scored in steps.

Model-predictive control by enumeration: every candidate is a turn, a second piece and
then straight on. A candidate costs the steps until it touches the goal and then, as the
next goal is drawn by lot, the mean of the steps to those that may follow; or else what
is left at the end of the horizon, by heading and speed (`heading_field`) or, where the
map is still changing, by the planner's field (Dijkstra).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.memory_maze.heading_field import HeadingField
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

LONG, SHORT = 12, 8  # steps of plans: without and with a field of headings
FAR = 1e4  # steps: no way from there
BACK_PRICE, BACK_LESS = 0.4, 0.1  # steps for turning back at once: no dithering
TURN_PRICE = 1.5  # steps for half a turn that is left at the end of a long plan
NEARER_M = 0.05  # than now: what was not touched yet is not touched from here
CENTRE_M = 0.3  # of a goal: so near is near enough
WORSE = 3.0  # steps: a goal not touched within the horizon is never put off for later


def _plans(
    horizon: int, longs: tuple[int, ...], shorts: tuple[int, ...]
) -> NDArray[np.int64]:
    pieces = (LEFT, RIGHT, FORWARD_LEFT, FORWARD_RIGHT, FORWARD)
    found = set()
    for first in pieces:
        for long in longs:
            for second in pieces:
                for short in shorts:
                    row = [first] * long + [second] * short
                    row = (row + [FORWARD] * horizon)[:horizon]
                    found.add(tuple(row))
    return np.array(sorted(found))


LONG_PLANS = _plans(LONG, (1, 2, 3, 4, 5, 7, 9), (0, 1, 2, 4, 7))
SHORT_PLANS = _plans(SHORT, tuple(range(1, SHORT + 1)), tuple(range(SHORT)))


@dataclass(frozen=True, kw_only=True)
class Aim:
    """Where to: `field` begins at the goal; within `reach_m` of `goal` it is reached.

    `margin_m` is kept between the ball and what the map holds for walls. `steps` says
    what is left to the goal, `later` to each of the goals that may follow, as likely.
    """

    field: TravelField
    goal: Array
    reach_m: float
    margin_m: float = 0.03
    steps: HeadingField | None = None
    later: tuple[HeadingField, ...] = ()


def steer(motion: Motion, aim: Aim) -> int:
    """The best next action for one ball.

    Args:
        motion: of one ball, as predicted after the last action.
        aim: where to.
    """
    plans = LONG_PLANS if aim.steps is None else SHORT_PLANS
    back = BACK_PRICE if aim.steps is None else BACK_LESS
    count, horizon = plans.shape
    balls = Motion(
        pose=np.repeat(motion.pose, count, axis=0),
        speed=np.repeat(motion.speed, count),
        turn=np.repeat(motion.turn, count),
    )
    rolled = [balls]
    for k in range(horizon):
        rolled.append(predict(rolled[-1], plans[:, k]))
    way = np.stack([each.pose[:, :2] for each in rolled])
    spots = np.stack([0.5 * (way[:-1] + way[1:]), way[1:]])  # (2, horizon, count, 2)
    apart = float(np.hypot(*(motion.pose[0, :2] - aim.goal)))
    reach = min(aim.reach_m, max(apart - NEARER_M, CENTRE_M))
    first = TURN[plans[:, 0]]
    price = back * (first * motion.turn[0] < 0.0) + bumps(spots, motion, aim)
    touched = (np.hypot(*np.moveaxis(spots - aim.goal, -1, 0)) <= reach).any(0)
    total = horizon + price[-1] + left_to_go(rolled[-1], aim)
    if aim.later:
        worst = [each.worst_near(aim.goal) for each in aim.later]
        total = total + float(np.mean(worst)) + WORSE
    who = np.flatnonzero(touched.any(axis=0))
    if len(who):
        when = np.argmax(touched[:, who], axis=0)
        ends = Motion(
            pose=np.stack([each.pose for each in rolled])[when + 1, who],
            speed=np.stack([each.speed for each in rolled])[when + 1, who],
            turn=TURN[plans[who, when]],
        )
        after = [each.at(ends) for each in aim.later] or [np.zeros(len(who))]
        total[who] = when + 1 + price[when, who] + np.mean(after, axis=0)
    return int(plans[int(np.argmin(total)), 0])


def bumps(spots: Array, motion: Motion, aim: Aim) -> Array:
    """Steps (h, n) lost so far by coming too near to walls at spots (2, h, n, 2)."""
    need = RADIUS_M + aim.margin_m
    here = room_at(aim.field.costmap, motion.pose[:, :2])[0]
    need = min(need, max(here, 0.0))  # too near already: no nearer
    room = room_at(aim.field.costmap, spots.reshape(-1, 2)).reshape(spots.shape[:3])
    lost = np.where(room < need, 2.0 + 10.0 * (need - room), 0.0).sum(axis=0)
    return np.cumsum(lost, axis=0)


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
    if aim.steps is not None:
        return aim.steps.at(balls)
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
