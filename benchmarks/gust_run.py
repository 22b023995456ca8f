"""Episodes of the navigation tasks under one kind of reflex.

The task policy is the same for all reflexes: its skill grows from 0 to 1 over the first
half of the episodes (see `gust_traveller`). So are noise, gusts and starts of every
round, whatever a reflex does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neural_brain.benchmarks.gust_data import Step, transitions
from neural_brain.benchmarks.gust_shield import shielded
from neural_brain.benchmarks.gust_tasks import (
    ARRIVED,
    GOAL,
    HORIZON,
    START,
    Task,
    World,
    carried,
    intermediate,
    keep_off,
)
from neural_brain.benchmarks.gust_traveller import Traveller
from neural_brain.models.geometry import Array
from neural_brain.models.learning import RiskTrainer

SIDE_BY_SIDE = 40
KEPT = 4000


@dataclass(frozen=True, kw_only=True)
class Method:
    """A kind of reflex: when its critic and its rules are asked.

    Each is one of "" (never), "decision" and "tick", which is at every tick, that of
    the decision among them.
    """

    name: str
    looks: str = ""
    rules: str = ""


TICK, DECISION, BOTH = "critic per tick", "critic per decision", "rules + critic"
RULES, SELDOM_RULES = "rules per tick", "rules per decision"
METHODS = (
    Method(name="none"),
    Method(name=DECISION, looks="decision"),
    Method(name=TICK, looks="tick"),
    Method(name=SELDOM_RULES, rules="decision"),
    Method(name=RULES, rules="tick"),
    Method(name=BOTH, looks="tick", rules="tick"),
)


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A critic in use, its limit, and the gradient steps that it takes every round.

    `risk_max` is the highest risk that is allowed. With no steps the critic stays as it
    is.
    """

    trainer: RiskTrainer
    updates: int
    risk_max: float


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
    total = np.zeros((3, len(seeds)))
    rounds = max(episodes // SIDE_BY_SIDE, 1)
    for number in range(rounds):
        skill = 1.0 if skilled else min(2.0 * number / rounds, 1.0)
        rng = np.random.default_rng([11, number, *seeds])
        world = World(task, ticks, shape, rng)
        world.place(START + rng.normal(size=(*shape, 2)))
        trip = _Trip(method, world, learner, rng)
        total += trip.run(skill)
        if learner is not None and learner.updates:
            new = transitions(task, trip.steps, keep=KEPT, seed=number)
            learner.trainer.data = learner.trainer.data.joined(new)
            learner.trainer.update(learner.updates)
    return Score(successes=total[0], violations=total[1], interrupts=total[2])


class _Trip:
    """One episode of every run and place side by side."""

    def __init__(
        self,
        method: Method,
        world: World,
        learner: Learner | None,
        rng: np.random.Generator,
    ) -> None:
        self.steps: list[Step] = []
        self._method, self._world, self._learner = method, world, learner
        self._traveller = Traveller(world.task, world.hit.shape, rng)
        self._ended = world.hit.copy()
        self._arrived = np.zeros(world.hit.shape, bool)
        self._interrupts = np.zeros(world.hit.shape)

    def run(self, skill: float) -> Array:
        """Drive until all have ended; successes, violations, interrupts (3, runs)."""
        world = self._world
        for _ in range(HORIZON):
            world.begin()
            wish = self._traveller.wish(world.at, skill)
            done, _ = self._checked(wish)
            if self._method.rules == "decision":
                done = keep_off(world.task, world.at, done)
            step = Step(world.state, wish, done, ~self._ended, world.hit)
            target = world.at + done
            for left in range(world.ticks, 0, -1):
                target = self._tick(target, left)
            self.steps.append(step._replace(hit=world.hit))
            if self._ended.all():
                break
        hit = world.hit & ~self._arrived
        counts = (self._arrived, hit, self._interrupts)
        return np.stack([count.sum(axis=1) for count in counts])

    def _tick(self, target: Array, left: int) -> Array:
        """One control tick; returns the target, which a reflex may have replaced."""
        world = self._world
        action = self._ruled(intermediate(target, world.at, left, world.ticks))
        if self._method.looks == "tick" and left < world.ticks:
            action, acted = self._checked(action)
            # an interrupted decision stays interrupted: else wish and reflex take turns
            instead = world.at + action * left / world.ticks
            target = np.where(acted[..., None], instead, target)
        start = world.at
        world.tick(self._ruled(action))
        target = carried(world.task, target, start, world.at, left)
        near = np.linalg.norm(world.at - GOAL, axis=-1) < ARRIVED
        self._arrived |= ~self._ended & ~world.hit & near
        self._ended = self._ended | world.hit | self._arrived
        return target

    def _checked(self, action: Array) -> tuple[Array, np.ndarray]:
        """The action, or another one where its risk is too high, and where that is."""
        learner, world = self._learner, self._world
        if learner is None:
            return action, np.zeros(self._ended.shape, bool)
        instead, acted = shielded(
            learner.trainer,
            world.task,
            world.state,
            action,
            risk_max=learner.risk_max,
            asked=~self._ended,
        )
        self._interrupts += acted
        return instead, acted

    def _ruled(self, action: Array) -> Array:
        if self._method.rules != "tick":
            return action
        return keep_off(self._world.task, self._world.at, action)
