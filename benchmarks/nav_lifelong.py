"""Goals in a home, then the same home on the next day: what is a lasting map worth?

The robot begins with nothing, is told to find one thing after the other, and keeps its
map. On the next day it stands elsewhere, with the saved map and new goals; the same
goals are also given to the same robot with its map wiped before every goal, to one that
keeps the map but forgets the things in it (as GOAT, arXiv 2311.06430), and to one that
knows of a thing only the place of the topological map where it was.
"""

from __future__ import annotations

import argparse
from typing import Any

from neural_brain.benchmarks.navigation.agents import (
    BY_PLACE,
    KEPT,
    THINGS_WIPED,
    WIPED,
)
from neural_brain.benchmarks.navigation.command import add_options, play_task
from neural_brain.benchmarks.navigation.goals import Part
from neural_brain.benchmarks.navigation.lives import first_day, next_day
from neural_brain.benchmarks.navigation.metrics import GoalResult
from neural_brain.benchmarks.navigation.report import VALUES, Table
from neural_brain.benchmarks.navigation.runs import Play, Task
from neural_brain.benchmarks.result import Metric

HELP = "find things over two days in a home, with and without the map"
LATER = 4  # the fifth goal
WANTED = {
    ("oracle", "success"): ">= 0.97",
    ("oracle", "SPL"): ">= 0.75",
    ("learned", "success"): ">= 0.9",
    ("learned", "SPL"): ">= 0.65",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_options(parser, homes=3, goals=5, minutes=10.0)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play, print the table, write the result file."""
    return play_task("nav-lifelong", args, TASK, summarise)


def parts(seed: int, goals: int) -> dict[str, Part]:
    """Both days of a home."""
    return {"first": first_day(seed, goals), "second": next_day(seed, goals)}


def summarise(table: Table) -> list[Metric]:
    """Metrics of one detector."""
    metrics: list[Metric] = []
    for value in VALUES:
        goal = WANTED.get((table.detector, value), "")
        both = table.homes(value, "first", "second")
        metrics += table.compared(f"{value}, both days", both, {}, goal)
        first = table.homes(value, "first")
        metrics += table.compared(f"{value}, first day", first, {})
        wiped = {"wiped map": table.homes(value, "second, wiped map")}
        second = table.homes(value, "second")
        metrics += table.compared(f"{value}, second day", second, wiped)
    late = table.homes("SPL", "first", pick=_late)
    goal = ">= 0.85" if table.detector == "oracle" else ""
    metrics += table.compared("SPL, first day from the fifth goal", late, {}, goal)
    for other, goal in (
        ("wiped map", ">= 0.3"),
        (THINGS_WIPED.name, ""),
        (BY_PLACE.name, ""),
    ):
        second = table.homes("SPL", "second")
        base = table.homes("SPL", f"second, {other}")
        metrics += table.gained(f"SPL over {other}, second day", second, base, goal)
    return metrics


def _late(result: GoalResult) -> bool:
    return result.index >= LATER


TASK = Task(
    plays=(
        Play(name="first", agent=KEPT, part="first", remembers=True),
        Play(name="second", agent=KEPT, part="second", after="first"),
        Play(name="second, wiped map", agent=WIPED, part="second"),
        *(
            Play(
                name=f"second, {agent.name}",
                agent=agent,
                part="second",
                after="first",
                later=True,
            )
            for agent in (THINGS_WIPED, BY_PLACE)
        ),
    ),
    parts=parts,
)
