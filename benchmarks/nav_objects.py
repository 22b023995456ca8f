"""One thing in an unknown home: how well does the robot search?

Goals are kinds of things ("find the mug"), any thing of that kind counts. Before every
goal everything is forgotten, so each is an episode of its own that begins where the one
before ended. The baselines are the same robot without knowledge of what is usual in
which room, with the nearest view point always first (Yamauchi 1997), and in random
order; a robot that only reacts to what it sees; and a random walk.
"""

from __future__ import annotations

import argparse
from typing import Any

from neural_brain.benchmarks.navigation.agents import (
    NEAREST,
    NO_PRIORS,
    RANDOM,
    RANDOM_WALK,
    REACTIVE,
    WIPED,
)
from neural_brain.benchmarks.navigation.command import add_options, play_task
from neural_brain.benchmarks.navigation.goals import Part, by_category, chain
from neural_brain.benchmarks.navigation.lives import OBJECTS, referee_of
from neural_brain.benchmarks.navigation.report import VALUES, Table
from neural_brain.benchmarks.navigation.runs import Play, Task
from neural_brain.benchmarks.result import Metric
from neural_brain.sim.homes import generate_home
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.scene import start_pose

HELP = "find one thing in an unknown home, by four orders of search"
POORER = (NEAREST, NO_PRIORS, RANDOM, RANDOM_WALK, REACTIVE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_options(parser, homes=3, goals=4, minutes=10.0)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play, print the table, write the result file."""
    return play_task("nav-objects", args, TASK, summarise)


def parts(seed: int, goals: int) -> dict[str, Part]:
    """Kinds of things to find in a home."""
    home = generate_home(seed)
    start, draw = start_pose(home), Draw(seed, OBJECTS)
    chosen = chain(by_category(home), goals, referee_of(home), start, draw)
    return {"objects": Part(name="objects", home=home, start=start, goals=chosen)}


def summarise(table: Table) -> list[Metric]:
    """Metrics of one detector."""
    metrics: list[Metric] = []
    for value in VALUES:
        nearest = {NEAREST.name: table.homes(value, NEAREST.name)}
        metrics += table.compared(value, table.homes(value, "search"), nearest)
    for agent in POORER:
        ours, other = table.homes("SPL", "search"), table.homes("SPL", agent.name)
        metrics += table.gained(f"SPL over {agent.name}", ours, other)
    for agent in (RANDOM_WALK, REACTIVE):
        ours = table.homes("success", "search")
        other = table.homes("success", agent.name)
        metrics += table.gained(f"success over {agent.name}", ours, other)
    return metrics


TASK = Task(
    plays=(
        Play(name="search", agent=WIPED, part="objects"),
        *(
            Play(name=a.name, agent=a, part="objects", later=a is not NEAREST)
            for a in POORER
        ),
    ),
    parts=parts,
)
