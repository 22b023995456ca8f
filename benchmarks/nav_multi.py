"""One to five things in a given order, in an unknown home, said in one sentence.

As MultiON (arXiv 2012.03912): success is finding all, progress the share that was
found, SPL and PPL weigh both by the way through the goals. The first failure ends the
episode. An episode with m goals is the beginning of the one with five. The baseline
hears the goals one by one and forgets everything in between.
"""

from __future__ import annotations

import argparse
from typing import Any

from neural_brain.benchmarks.navigation.agents import KEPT, WIPED
from neural_brain.benchmarks.navigation.command import add_options, play_task
from neural_brain.benchmarks.navigation.goals import Part, by_category, chain
from neural_brain.benchmarks.navigation.lives import MULTI, referee_of
from neural_brain.benchmarks.navigation.metrics import ordered
from neural_brain.benchmarks.navigation.report import ByHome, Table
from neural_brain.benchmarks.navigation.runs import Play, Task
from neural_brain.benchmarks.result import Metric
from neural_brain.sim.homes import generate_home
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.scene import start_pose

HELP = "find one to five things in order in an unknown home"
NUMBERS = ("success", "progress", "SPL", "PPL")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_options(parser, homes=4, goals=5, minutes=10.0)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play, print the table, write the result file."""
    return play_task(
        "nav-multi", args, TASK, lambda table: summarise(table, args.goals)
    )


def parts(seed: int, goals: int) -> dict[str, Part]:
    """Kinds of things to find one after the other."""
    home = generate_home(seed)
    start, draw = start_pose(home), Draw(seed, MULTI)
    chosen = chain(by_category(home), goals, referee_of(home), start, draw)
    part = Part(name="multi", home=home, start=start, goals=chosen, ordered=True)
    return {"multi": part}


def summarise(table: Table, goals: int) -> list[Metric]:
    """Metrics of one detector for every number of goals."""
    metrics: list[Metric] = []
    for count in range(1, goals + 1):
        for number in NUMBERS:
            ours = numbers(table, "multi", number, count)
            wiped = {"wiped map": numbers(table, "multi, wiped map", number, count)}
            metrics += table.compared(f"{number}, m = {count}", ours, wiped)
    return metrics


def numbers(table: Table, play: str, number: str, count: int) -> ByHome:
    """One of MultiON's numbers for the first goals, by home."""
    return {
        home: ordered(goals, count)[number]
        for (detector, name, home), goals in table.results.items()
        if (detector, name) == (table.detector, play)
    }


TASK = Task(
    plays=(
        Play(name="multi", agent=KEPT, part="multi"),
        Play(name="multi, wiped map", agent=WIPED, part="multi"),
    ),
    parts=parts,
)
