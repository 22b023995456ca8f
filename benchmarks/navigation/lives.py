"""Parts that several benchmarks share: a first day, the next day, a changed home."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.benchmarks.navigation.goals import (
    NavGoal,
    Part,
    by_category,
    by_colour,
    chain,
    start_elsewhere,
)
from neural_brain.benchmarks.navigation.referee import Referee
from neural_brain.benchmarks.navigation.true_space import TrueSpace
from neural_brain.sim.homes import HomeSpec, generate_home
from neural_brain.sim.homes.changed import close_a_door, moved_things, spare_doors
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.scene import build_model, start_pose

MOVED_SHARE = 0.3
MOVED_GOALS = 0.6
FIRST, SECOND, CHANGED, OBJECTS, INSTANCES, MULTI = range(1, 7)
"""Streams of draws."""


def referee_of(home: HomeSpec) -> Referee:
    """The referee of a home without a robot, for drawing goals."""
    return Referee(home, build_model(home), TrueSpace(home))


def first_day(seed: int, count: int) -> Part:
    """Goals of mixed kinds in an unknown home."""
    home = generate_home(seed)
    referee = referee_of(home)
    draw, start = Draw(seed, FIRST), start_pose(home)
    goals = chain(_mixed(home, count, draw), count, referee, start, draw)
    return Part(name="first", home=home, start=start, goals=goals)


def next_day(seed: int, count: int) -> Part:
    """The same home, entered somewhere else, with new goals of the same kinds."""
    home = generate_home(seed)
    referee = referee_of(home)
    draw = Draw(seed, SECOND)
    start = start_elsewhere(referee, start_pose(home), draw)
    goals = chain(_mixed(home, count, draw), count, referee, start, draw)
    return Part(name="second", home=home, start=start, goals=goals)


def may_change(seed: int) -> bool:
    """Whether a home has a door that can be closed, as `changed_day` wants."""
    return bool(spare_doors(generate_home(seed)))


def changed_day(seed: int, count: int) -> Part:
    """30 % of the small things elsewhere, a door closed; most goals are moved things.

    The kind of a goal is "moved" when all things that it names are elsewhere.

    Raises:
        SimulationError: if no door can be closed (see `may_change`).
    """
    draw = Draw(seed, CHANGED)
    before = generate_home(seed)
    generator = np.random.default_rng([seed, CHANGED])
    after, moved = moved_things(before, MOVED_SHARE, generator)
    after, door = close_a_door(after, generator)
    referee = referee_of(after)
    goals = [
        replace(goal, kind="moved" if set(goal.right) <= moved else "unmoved")
        for goal in by_colour(after)
    ]
    elsewhere = [goal for goal in goals if goal.kind == "moved"]
    most = round(MOVED_GOALS * count)
    pool = draw.shuffled(elsewhere)[: most + 2]
    rest = [g for g in goals if g.kind != "moved" and not moved & set(g.right)]
    pool += draw.shuffled(rest)[: count - most + 2]
    start = start_elsewhere(referee, start_pose(after), draw)
    chosen = chain(pool, count, referee, start, draw)
    return Part(name="changed", home=after, start=start, goals=chosen, door_closed=door)


def _mixed(home: HomeSpec, count: int, draw: Draw) -> list[NavGoal]:
    """As many goals by name alone as by colour and name."""
    names = draw.shuffled(by_category(home))[:count]
    return [*names, *draw.shuffled(by_colour(home))[:count]]
