"""This thing and no other of its kind: "find the red mug" where mugs differ in colour.

Goals are named by colour and kind where the home has things of that kind in other
colours. The map is kept from goal to goal. Baselines: the same robot that hears only
the name, and the same one with its map wiped before every goal.

With `--pictures` every goal is also given as a photograph of one such thing, taken from
beside it; only that thing is right then.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from neural_brain.benchmarks.navigation.agents import COLOUR_BLIND, KEPT, WIPED
from neural_brain.benchmarks.navigation.command import add_options, play_task
from neural_brain.benchmarks.navigation.goals import Part, among_others, chain
from neural_brain.benchmarks.navigation.lives import INSTANCES, referee_of
from neural_brain.benchmarks.navigation.photographs import by_picture
from neural_brain.benchmarks.navigation.report import VALUES, Table
from neural_brain.benchmarks.navigation.runs import Play, Task
from neural_brain.benchmarks.result import Metric
from neural_brain.models.errors import SimulationError
from neural_brain.sim.homes import generate_home
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.scene import start_pose

HELP = "find the one of the right colour among things of one kind"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_options(parser, homes=3, goals=5, minutes=10.0)
    parser.add_argument(
        "--pictures", action="store_true", help="show photographs of the things, too"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play, print the table, write the result file."""
    task = WITH_PICTURES if args.pictures else TASK
    return play_task("nav-instances", args, task, summarise)


def parts(seed: int, goals: int) -> dict[str, Part]:
    """Things to find in a home that has others like them."""
    home = generate_home(seed)
    start, draw = start_pose(home), Draw(seed, INSTANCES)
    chosen = chain(among_others(home), goals, referee_of(home), start, draw)
    return {"instances": Part(name="instances", home=home, start=start, goals=chosen)}


def parts_and_pictures(seed: int, goals: int) -> dict[str, Part]:
    """The same, and the goals as photographs.

    Raises:
        SimulationError: if none of the things can be photographed.
    """
    first = parts(seed, goals)
    part, draw = first["instances"], Draw(seed, INSTANCES, 1)
    shown = by_picture(part.goals, referee_of(part.home), part.start, draw)
    if not shown:
        raise SimulationError(
            f"Home {seed}: nothing can be photographed. Leave it out."
        )
    return {**first, "pictures": replace(part, name="pictures", goals=shown)}


def summarise(table: Table) -> list[Metric]:
    """Metrics of one detector."""
    metrics: list[Metric] = []
    for value in VALUES:
        blind = {"name only": table.homes(value, "name only")}
        metrics += table.compared(value, table.homes(value, "instances"), blind)
        said = {"said in words": table.homes(value, "instances")}
        shown = table.homes(value, "pictures")
        metrics += table.compared(f"{value}, shown in pictures", shown, said)
    ours = table.homes("SPL", "instances")
    return metrics + table.gained(
        "SPL over wiped map", ours, table.homes("SPL", "instances, wiped map")
    )


TASK = Task(
    plays=(
        Play(name="instances", agent=KEPT, part="instances"),
        Play(name="name only", agent=COLOUR_BLIND, part="instances"),
        Play(name="instances, wiped map", agent=WIPED, part="instances", later=True),
    ),
    parts=parts,
)
WITH_PICTURES = Task(
    plays=(*TASK.plays, Play(name="pictures", agent=KEPT, part="pictures")),
    parts=parts_and_pictures,
)
