"""Recovery RL's two navigation tasks, and a door, with ticks between the decisions.

A point in the plane goes from (-50, 0) to the origin. One decision moves it by up to 1
in x and in y, with noise of 0.05 (Thananjeyan et al. 2021, arXiv:2010.15920, and the
constants of its public code); `navigation1` is a corridor that is closed at the back,
`navigation2` has a block in the way. New here: a decision sets a target that a tracking
law approaches in `ticks` steps, each with its share of the noise, and gusts push the
point for a while, starting between decisions. All runs and their episodes are arrays.

`gap` is new, too: a wall with a passage, and pushes slower than the point. One unit is
0.25 m, what a home robot drives in a decision of half a second: of a door of 0.9 m, a
base with a radius of 0.3 m has 0.15 m left on each side, and the wall (0.1 m) is 0.7 m
deep for its centre.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neural_brain.models.geometry import Array

START, GOAL = np.array([-50.0, 0.0]), np.array([0.0, 0.0])
HORIZON = 100
ARRIVED = 4.0
NOISE = 0.05
REACH = 6.0
"""Distances beyond it are sensed as it."""


@dataclass(frozen=True, kw_only=True)
class Gusts:
    """Pushes: chance a decision, speed and length, in decisions."""

    chance: float = 0.1
    speed: tuple[float, float] = (0.5, 2.5)
    length: tuple[float, float] = (0.5, 2.0)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Forbidden boxes as rows (x0, x1, y0, y1), and Recovery RL's discount of risk.

    `margin` is how far the rule keeps off; critic and rule see the `seen` nearest
    boxes. `passage`: the way goes between the boxes. `own`: the first critic learns
    from rollouts of the task policy, not from random ones. `tracks`: a decision sets a
    target; else a velocity, which is held whatever pushes the point.
    """

    name: str
    boxes: Array
    discount: float
    gusts: Gusts = Gusts()
    margin: float = 1.0
    seen: int = 1
    passage: bool = False
    own: bool = False
    tracks: bool = True


TASKS = {
    "navigation1": Task(
        name="navigation1",
        boxes=np.array(
            [[-100, 150, 5, 10], [-100, -80, -10, 10], [-100, 150, -10, -5.0]]
        ),
        discount=0.8,
    ),
    "navigation2": Task(
        name="navigation2",
        boxes=np.array([[-30, -20, -7.5, 7.5]]),
        discount=0.65,
    ),
    "gap": Task(
        name="gap",
        boxes=np.array([[-26.4, -23.6, 0.6, 200], [-26.4, -23.6, -200, -0.6]]),
        discount=0.65,
        gusts=Gusts(speed=(0.3, 0.9), length=(1.0, 3.0)),
        margin=0.3,
        seen=2,
        passage=True,
    ),
}
TASKS["gap-own"] = replace(TASKS["gap"], name="gap-own", own=True)
TASKS["gap-held"] = replace(TASKS["gap-own"], name="gap-held", tracks=False)


class World:
    """Points of many episodes that are run side by side.

    Args:
        task: what is forbidden.
        ticks: control ticks a decision.
        shape: runs and episodes.
        rng: source of noise and gusts.
        gusts: pushes from outside, if not those of the task.

    Attributes:
        at: places (..., 2). felt: what of their speed in the last tick was not their
            own action (..., 2), in units a decision. hit: whether a point entered a
            box (...).
    """

    def __init__(
        self,
        task: Task,
        ticks: int,
        shape: tuple[int, ...],
        rng: np.random.Generator,
        gusts: Gusts | None = None,
    ) -> None:
        self.task, self.ticks = task, ticks
        self.at: Array = np.zeros((*shape, 2))
        self.felt: Array = np.zeros((*shape, 2))
        self.hit = np.zeros(shape, bool)
        self._rng = rng
        self._gusts = gusts or task.gusts
        self._push = np.zeros((*shape, 2))
        self._left = np.zeros(shape)
        self._wait = np.full(shape, -1.0)

    def place(self, at: Array) -> None:
        """Put all points at new places (..., 2), at rest."""
        self.at = at.copy()
        self.felt = np.zeros_like(at)
        self.hit = inside(self.task, at)
        self._left[:] = 0.0
        self._wait[:] = -1.0

    @property
    def push(self) -> Array:
        """How fast a gust moves the points now (..., 2); no reflex is told."""
        return np.asarray(np.where((self._left > 0.0)[..., None], self._push, 0.0))

    @property
    def state(self) -> Array:
        """Place, and the push that is felt (..., 4)."""
        return np.concatenate((self.at, self.felt), axis=-1)

    def begin(self) -> None:
        """A new decision: draw whether a gust will start, and at which tick."""
        rng, shape = self._rng, self.hit.shape
        starts = (rng.random(shape) < self._gusts.chance) & (self._left <= 0.0)
        self._wait = np.where(starts, rng.integers(0, self.ticks, shape), -1.0)
        angle = rng.uniform(-np.pi, np.pi, shape)
        speed = rng.uniform(*self._gusts.speed, shape)
        way = np.stack((np.cos(angle), np.sin(angle)), axis=-1) * speed[..., None]
        self._push = np.where(starts[..., None], way, self._push)
        length = self.ticks * rng.uniform(*self._gusts.length, shape)
        self._length = np.where(starts, length, 0.0)

    def tick(self, action: Array) -> None:
        """One control tick with actions (..., 2), in units a decision."""
        begins = self._wait == 0.0
        self._left = np.where(begins, self._length, self._left - 1.0)
        self._wait -= 1.0
        noise = self._rng.normal(0.0, NOISE / np.sqrt(self.ticks), self.at.shape)
        own = np.clip(action, -1.0, 1.0) / self.ticks
        step = own + self.push / self.ticks + noise
        step[self.hit] = 0.0
        self.at = self.at + step
        self.felt = (step - own) * self.ticks
        self.hit = self.hit | inside(self.task, self.at)


def inside(task: Task, at: Array) -> np.ndarray:
    """Whether points (..., 2) lie in a forbidden box."""
    x, y = at[..., :1], at[..., 1:]
    x0, x1, y0, y1 = task.boxes.T
    return np.asarray(((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)).any(axis=-1))


def gaps(task: Task, at: Array) -> tuple[Array, Array]:
    """Distances (..., seen) to the nearest boxes, and unit vectors (..., seen, 2) away.

    The nearest comes first.
    """
    near = np.stack(
        (
            np.clip(at[..., :1], task.boxes[:, 0], task.boxes[:, 1]),
            np.clip(at[..., 1:], task.boxes[:, 2], task.boxes[:, 3]),
        ),
        axis=-1,
    )
    away = at[..., None, :] - near
    distance = np.linalg.norm(away, axis=-1)
    pick = distance.argsort(axis=-1, kind="stable")[..., : task.seen]
    least = np.take_along_axis(distance, pick, axis=-1)
    normal = np.take_along_axis(away, pick[..., None], axis=-2)
    return least, normal / np.maximum(least, 1e-9)[..., None]


def sense(task: Task, state: Array, action: Array) -> Array:
    """What a critic sees (..., 5 seen): distance, push and action away and to the left.

    No place is among it, as in SRL-VIC (arXiv:2406.13744) and for the arm: one unit
    from a box is the same everywhere, and a small network can tell it from two. Nor is
    the speed: between decisions the last action is nearly always the present one, and a
    critic that sees speed and action takes their difference for the push. Asked about
    another action, it then imagines another push.

    Args:
        task: where the boxes are.
        state: place and felt push (..., 4), see `World.state`.
        action: in units a decision (..., 2).

    Returns:
        distance to the nearest box; push away from it and to the left of that; the same
        of the action. Of every box that is seen: first all distances, and so on.
    """
    distance, away = gaps(task, state[..., :2])
    left = np.stack((-away[..., 1], away[..., 0]), axis=-1)
    push, action = state[..., None, 2:], action[..., None, :]
    return np.concatenate(
        (
            np.minimum(distance, REACH),
            (push * away).sum(axis=-1),
            (push * left).sum(axis=-1),
            (action * away).sum(axis=-1),
            (action * left).sum(axis=-1),
        ),
        axis=-1,
    )


def intermediate(target: Array, at: Array, left: int, ticks: int) -> Array:
    """The action of this tick (..., 2): on to the target, in time, at most at speed 1.

    Args:
        target: where the decision shall end (..., 2).
        at: present places (..., 2).
        left: ticks until the next decision.
        ticks: ticks a decision.
    """
    return np.asarray(np.clip((target - at) * ticks / left, -1.0, 1.0))


def carried(task: Task, target: Array, start: Array, at: Array, left: int) -> Array:
    """The target (..., 2) after a tick: where it was, or where a held velocity leads.

    Args:
        task: whether its decisions set targets.
        target: before the tick (..., 2).
        start: places before the tick (..., 2).
        at: places after it (..., 2).
        left: ticks until the next decision, before the tick.
    """
    return target if task.tracks else at + (target - start) * (left - 1) / left


def keep_off(task: Task, at: Array, action: Array) -> Array:
    """Rule: no closer than the margin to a box, and away from it when closer.

    The speed towards a box is at most (gap - margin), in units a decision: a barrier
    h = gap - margin with h' >= -h. Motion along the box stays as it is. The nearest box
    has the last word.
    """
    distances, normals = gaps(task, at)
    for box in reversed(range(task.seen)):
        distance, normal = distances[..., box], normals[..., box, :]
        along = (action * normal).sum(axis=-1)
        least = -(distance - task.margin)
        lack = np.maximum(least - along, 0.0)
        action = np.clip(action + lack[..., None] * normal, -1.0, 1.0)
    return action
