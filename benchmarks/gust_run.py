"""Episodes of the navigation tasks under one kind of reflex, and what a critic learns.

The task policy is no learner but imitates one: its actions are a mixture of a slow
random walk and of the straight way (around the block), and the share of the latter
grows from 0 to 1 over the first half of the episodes. It is the same for all reflexes,
so that only the reflex differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from neural_brain.benchmarks.gust_tasks import (
    ARRIVED,
    GOAL,
    HORIZON,
    START,
    Task,
    World,
    inside,
    intermediate,
    keep_off,
)
from neural_brain.models.geometry import Array
from neural_brain.models.learning import RiskData, RiskTrainer

SIDE_BY_SIDE = 40
ROLLOUTS, ROLLOUT_DECISIONS = 2000, 10
WINDOWS = 5
KEPT = 4000
RULE_MARGIN = 1.0


@dataclass(frozen=True, kw_only=True)
class Method:
    """A kind of reflex: when its critic looks ("", "decision", "tick"), and rules.

    `risk_max` is the risk from which on the recovery policy acts; the task's own, that
    of Recovery RL, when it is 0.
    """

    name: str
    looks: str = ""
    rules: bool = False
    risk_max: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A critic in use, and the gradient steps that it takes after every round.

    With no steps it stays as it is.
    """

    trainer: RiskTrainer
    updates: int


class Step(NamedTuple):
    """One moment of all episodes: what was seen, proposed, done, and whether it ended.

    `state` (..., 4), `wish` (..., 2), `done` (..., 2); `alive`, `hit` (...) before and
    after.
    """

    state: Array
    wish: Array
    done: Array
    alive: np.ndarray
    hit: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Score:
    """Counts of every run (runs,); `interrupts` are those of its critic."""

    successes: Array
    violations: Array
    interrupts: Array

    @property
    def ratio(self) -> Array:
        """(successes + 1) / (violations + 1)."""
        return (self.successes + 1.0) / (self.violations + 1.0)


def offline(task: Task, ticks: int, seeds: Sequence[int]) -> Recorder:
    """Random rollouts near the boxes, without a reflex."""
    rng = np.random.default_rng([7, *seeds])
    shape = (len(seeds), ROLLOUTS)
    world = World(task, ticks, shape, rng)
    world.place(_offline_places(task, shape, rng))
    recorder = Recorder()
    ended = world.hit.copy()
    for _ in range(ROLLOUT_DECISIONS):
        world.begin()
        wish = np.clip(rng.normal(size=(*shape, 2)), -1.0, 1.0)
        target = world.at + wish
        recorder.decision(world, wish, wish, ~ended)
        for tick in range(ticks):
            action = intermediate(target, world.at, ticks - tick, ticks)
            recorder.before(world, action, action, ~ended)
            world.tick(action)
            recorder.after(world.hit)
            ended = ended | world.hit
        recorder.decided(world.hit)
    return recorder


def _offline_places(
    task: Task, shape: tuple[int, ...], rng: np.random.Generator
) -> Array:
    """Starts near what is forbidden, as in the public code of Recovery RL."""
    if task.name == "navigation1":
        x = rng.uniform(-80.0, 50.0, shape)
        y = rng.uniform(2.0, 5.0, shape) * rng.choice([-1.0, 1.0], shape)
        return np.stack((x, y), axis=-1)
    wide = np.stack((rng.uniform(-40, 10, shape), rng.uniform(-25, 25, shape)), -1)
    close = np.stack((rng.uniform(-35, -15, shape), rng.uniform(-12, 12, shape)), -1)
    at = np.where(rng.random((*shape, 1)) < 0.5, wide, close)
    while (bad := inside(task, at)).any():
        at[bad] += rng.normal(0.0, 3.0, (int(bad.sum()), 2))
    return at


class Recorder:
    """Collects steps of ticks and decisions."""

    def __init__(self) -> None:
        self.ticks: list[Step] = []
        self.decisions: list[Step] = []

    def decision(self, world: World, wish: Array, done: Array, alive: Array) -> None:
        """A decision begins."""
        self.decisions.append(_step(world, wish, done, alive))

    def decided(self, hit: np.ndarray) -> None:
        """It ends."""
        self.decisions[-1] = self.decisions[-1]._replace(hit=hit.copy())

    def before(self, world: World, wish: Array, done: Array, alive: Array) -> None:
        """A tick begins."""
        self.ticks.append(_step(world, wish, done, alive))

    def after(self, hit: np.ndarray) -> None:
        """It ends."""
        self.ticks[-1] = self.ticks[-1]._replace(hit=hit.copy())


def _step(world: World, wish: Array, done: Array, alive: Array) -> Step:
    return Step(world.state, wish, done, alive.copy(), world.hit)


def transitions(
    steps: Sequence[Step], stride: int, *, discount: float, keep: int, seed: int
) -> RiskData:
    """Transitions over `stride` steps; every run gives the same number.

    Args:
        steps: in the order in which they were made.
        stride: steps a transition.
        discount: of the risk, a step.
        keep: how many of each run; drawn anew where there are fewer.
        seed: of that choice.
    """
    starts = list(range(0, len(steps) - stride, stride))
    rows = [_transition(steps, start, stride, discount) for start in starts]
    parts = [np.stack(part, axis=1) for part in zip(*rows, strict=True)]
    runs = len(parts[0])
    flat = [part.reshape(runs, -1, *part.shape[3:]) for part in parts]
    rng = np.random.default_rng(seed)
    pick = np.stack([rng.choice(np.flatnonzero(row), keep) for row in flat[-1]])
    run = np.arange(runs)[:, None]
    return RiskData(
        inputs=flat[0][run, pick],
        costs=flat[1][run, pick],
        discounts=flat[2][run, pick],
        next_inputs=flat[3][run, pick],
    )


def _transition(
    steps: Sequence[Step], start: int, stride: int, discount: float
) -> tuple[Array, ...]:
    first, last = steps[start], steps[start + stride]
    cost = np.zeros(first.alive.shape)
    for i in reversed(range(stride)):
        new = steps[start + i].hit & steps[start + i].alive
        cost = np.where(new, discount**i, cost)
    ended = (cost > 0.0) | ~last.alive
    return (
        np.concatenate((first.state, first.done), axis=-1),
        cost,
        np.where(ended, 0.0, discount**stride),
        np.concatenate((last.state, last.wish), axis=-1),
        first.alive,
    )


class Traveller:
    """The imitated learner: heads for the goal the better the later.

    Args:
        task: decides whether there is a block to go around.
        shape: runs and episodes.
        rng: source of its choices.
    """

    def __init__(
        self, task: Task, shape: tuple[int, ...], rng: np.random.Generator
    ) -> None:
        self._rng, self._shape = rng, shape
        self._block = task.boxes[0] if task.name == "navigation2" else None
        self._walk = rng.normal(size=(*shape, 2))
        self._side = rng.choice([-1.0, 1.0], shape)
        self._berth = rng.uniform(0.0, 3.0, shape)

    def wish(self, at: Array, skill: float) -> Array:
        """The action of this decision (..., 2)."""
        fresh = self._rng.normal(size=(*self._shape, 2))
        self._walk = 0.9 * self._walk + np.sqrt(1.0 - 0.9**2) * fresh
        way = np.clip(self._next(at) - at, -1.0, 1.0)
        return np.asarray(np.clip(skill * way + (1.0 - skill) * self._walk, -1.0, 1.0))

    def _next(self, at: Array) -> Array:
        """The next corner of the way, or the goal (..., 2)."""
        if self._block is None:
            return np.broadcast_to(GOAL, at.shape)
        x0, x1, _, y1 = self._block
        beside = self._side * (y1 + self._berth)
        before = np.stack((np.full(self._shape, x0 - 2.0), beside), axis=-1)
        behind = np.stack((np.full(self._shape, x1 + 2.0), beside), axis=-1)
        x, y = at[..., 0], at[..., 1]
        clear = np.abs(y - beside) < 1.0
        goes_up = (x < x0 - 0.5) & ~clear
        along = (x < x1 + 1.0) & ~goes_up
        found = np.where(along[..., None], behind, np.broadcast_to(GOAL, at.shape))
        return np.where(goes_up[..., None], before, found)


def drive(
    method: Method,
    task: Task,
    ticks: int,
    seeds: Sequence[int],
    *,
    episodes: int,
    learner: Learner | None,
    skilled: bool = False,
) -> Score:
    """All episodes of all runs.

    Args:
        method: kind of reflex.
        task: what is forbidden.
        ticks: control ticks a decision.
        seeds: one a run.
        episodes: of each run, in rounds of forty side by side.
        learner: the critic, if the method has one.
        skilled: the task policy is at its best from the start.
    """
    shape = (len(seeds), SIDE_BY_SIDE)
    rng = np.random.default_rng([11, *seeds])
    world = World(task, ticks, shape, rng)
    total = np.zeros((3, len(seeds)))
    rounds = max(episodes // SIDE_BY_SIDE, 1)
    for number in range(rounds):
        skill = 1.0 if skilled else min(2.0 * number / rounds, 1.0)
        world.place(START + rng.normal(size=(*shape, 2)))
        trip = _Trip(method, world, learner, rng)
        total += trip.run(skill)
        if learner is not None and learner.updates:
            new = learned(method, task, ticks, trip.recorder, keep=KEPT, seed=number)
            learner.trainer.data = learner.trainer.data.joined(new)
            learner.trainer.update(learner.updates)
    return Score(successes=total[0], violations=total[1], interrupts=total[2])


def learned(
    method: Method,
    task: Task,
    ticks: int,
    recorder: Recorder,
    *,
    keep: int,
    seed: int,
) -> RiskData:
    """What the critic of this method learns from: ticks, or decisions."""
    if method.looks == "decision":
        return transitions(
            recorder.decisions, 1, discount=task.discount, keep=keep, seed=seed
        )
    return transitions(
        recorder.ticks,
        ticks // WINDOWS,
        discount=task.discount ** (1.0 / ticks),
        keep=keep,
        seed=seed,
    )


class _Trip:
    """One episode of every run and place side by side."""

    def __init__(
        self,
        method: Method,
        world: World,
        learner: Learner | None,
        rng: np.random.Generator,
    ) -> None:
        self.recorder = Recorder()
        self._method, self._world, self._learner = method, world, learner
        self._risk_max = method.risk_max or world.task.risk_max
        self._traveller = Traveller(world.task, world.hit.shape, rng)
        self._ended = world.hit.copy()
        self._arrived = np.zeros(world.hit.shape, bool)
        self._interrupts = np.zeros(world.hit.shape)

    def run(self, skill: float) -> Array:
        """Drive until all have ended; successes, violations, interrupts (3, runs)."""
        world, recorder = self._world, self.recorder
        for _ in range(HORIZON):
            world.begin()
            wish = self._traveller.wish(world.at, skill)
            done, _ = self._checked(wish, "decision")
            recorder.decision(world, wish, done, ~self._ended)
            target = world.at + done
            for left in range(world.ticks, 0, -1):
                target = self._tick(target, left)
            recorder.decided(world.hit)
            if self._ended.all():
                break
        hit = world.hit & ~self._arrived
        counts = (self._arrived, hit, self._interrupts)
        return np.stack([count.sum(axis=1) for count in counts])

    def _tick(self, target: Array, left: int) -> Array:
        """One control tick; returns the target, which a reflex may have replaced."""
        world = self._world
        wished = intermediate(target, world.at, left, world.ticks)
        action, acted = self._checked(self._ruled(wished), "tick")
        instead = world.at + action * left / world.ticks
        target = np.where(acted[..., None], instead, target)
        action = self._ruled(action)
        self.recorder.before(world, wished, action, ~self._ended)
        world.tick(action)
        self.recorder.after(world.hit)
        near = np.linalg.norm(world.at - GOAL, axis=-1) < ARRIVED
        self._arrived |= ~self._ended & ~world.hit & near
        self._ended = self._ended | world.hit | self._arrived
        return np.asarray(target)

    def _checked(self, action: Array, moment: str) -> tuple[Array, np.ndarray]:
        """The action, or the recovery policy's where its risk is too high."""
        learner, state = self._learner, self._world.state
        acted = np.zeros(self._ended.shape, bool)
        if learner is None or self._method.looks != moment:
            return action, acted
        risk = learner.trainer.risk(np.concatenate((state, action), axis=-1))
        acted = risk > self._risk_max
        self._interrupts += acted & ~self._ended
        if acted.any():
            instead = learner.trainer.recover(state)
            action = np.where(acted[..., None], instead, action)
        return action, acted

    def _ruled(self, action: Array) -> Array:
        if not self._method.rules:
            return action
        return keep_off(self._world.task, self._world.at, action, RULE_MARGIN)
