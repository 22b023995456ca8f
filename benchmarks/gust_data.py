"""What the critic of the navigation tasks learns from: rollouts and own episodes.

    y = c + gamma max(Qbar_1, Qbar_2)(s', a')      (arXiv:2010.15920)

with c whether a box was entered within the length of one decision, s' what was seen at
its end and a' what was proposed there. So the critic answers "what if this goes on for
as long as one decision, and then as usual?", which can be asked at any tick. Who asks
more often asks the same critic: discount, horizon and data are no difference between
the reflexes, only the moments are.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from neural_brain.benchmarks.gust_tasks import (
    Task,
    World,
    carried,
    inside,
    intermediate,
    sense,
)
from neural_brain.benchmarks.gust_traveller import Traveller
from neural_brain.models.geometry import Array
from neural_brain.models.learning import RiskData

ROLLOUTS, ROLLOUT_DECISIONS = 2000, 10


class Step(NamedTuple):
    """One decision of all episodes: what was seen, proposed and done, and how it ended.

    `state` (..., 4), `wish` (..., 2), `done` (..., 2); `alive`, `hit` (...) before and
    after.
    """

    state: Array
    wish: Array
    done: Array
    alive: np.ndarray
    hit: np.ndarray


def offline(task: Task, ticks: int, seeds: Sequence[int]) -> list[Step]:
    """Rollouts near the boxes without a reflex; random, or of learners of any skill."""
    rng = np.random.default_rng([7, *seeds])
    shape = (len(seeds), ROLLOUTS)
    world = World(task, ticks, shape, rng)
    world.place(_offline_places(task, shape, rng))
    traveller = Traveller(task, shape, rng) if task.own else None
    skill = rng.uniform(size=(*shape, 1)) if task.own else 0.0
    steps = []
    ended = world.hit.copy()
    for _ in range(ROLLOUT_DECISIONS):
        world.begin()
        if traveller is None:
            wish = np.clip(rng.normal(size=(*shape, 2)), -1.0, 1.0)
        else:
            wish = traveller.wish(world.at, skill)
        target = world.at + wish
        steps.append(Step(world.state, wish, wish, ~ended, world.hit))
        for left in range(ticks, 0, -1):
            start = world.at
            world.tick(intermediate(target, start, left, ticks))
            target = carried(task, target, start, world.at, left)
            ended = ended | world.hit
        steps[-1] = steps[-1]._replace(hit=world.hit)
    return steps


def _offline_places(
    task: Task, shape: tuple[int, ...], rng: np.random.Generator
) -> Array:
    """Starts near what is forbidden, as in the public code of Recovery RL."""
    if task.name == "navigation1":
        x = rng.uniform(-80.0, 50.0, shape)
        y = rng.uniform(2.0, 5.0, shape) * rng.choice([-1.0, 1.0], shape)
        return np.stack((x, y), axis=-1)
    far, near, spread = ((-40, 10, 25), (-35, -15, 12), 3.0)
    if task.passage:
        far, near, spread = ((-35, -15, 6), (-28, -22, 1.2), 1.0)
    wide, close = (
        np.stack((rng.uniform(x0, x1, shape), rng.uniform(-y, y, shape)), -1)
        for x0, x1, y in (far, near)
    )
    at = np.where(rng.random((*shape, 1)) < 0.5, wide, close)
    while (bad := inside(task, at)).any():
        at[bad] += rng.normal(0.0, spread, (int(bad.sum()), 2))
    return at


def transitions(task: Task, steps: Sequence[Step], *, keep: int, seed: int) -> RiskData:
    """From every decision to the next; every run gives the same number.

    Args:
        task: its discount, a decision, and where the boxes are.
        steps: in the order in which they were made.
        keep: how many of each run; drawn anew where there are fewer.
        seed: of that choice.
    """
    rows = [_transition(task, *pair) for pair in itertools.pairwise(steps)]
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


def _transition(task: Task, first: Step, last: Step) -> tuple[Array, ...]:
    new = first.hit & first.alive
    return (
        sense(task, first.state, first.done),
        new.astype(float),
        np.where(new | ~last.alive, 0.0, task.discount),
        sense(task, last.state, last.wish),
        first.alive,
    )
