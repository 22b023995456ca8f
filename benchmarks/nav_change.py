"""The next day in a home that changed: is what is no longer true forgotten in time?

The first day is that of nav-lifelong. Then 30 % of the small things are elsewhere and a
door is closed that leaves every room reachable; homes that have no such door are left
out. Most goals are things that were moved. The baselines: the same map, but never
corrected, as systems do that build their map once; and no map at all.
"""

from __future__ import annotations

import argparse
from typing import Any

from neural_brain.benchmarks.navigation.agents import KEPT, NEVER_CORRECTED, WIPED
from neural_brain.benchmarks.navigation.command import add_options, play_task
from neural_brain.benchmarks.navigation.goals import Part
from neural_brain.benchmarks.navigation.lives import (
    changed_day,
    first_day,
    may_change,
)
from neural_brain.benchmarks.navigation.metrics import GoalResult
from neural_brain.benchmarks.navigation.report import VALUES, Table
from neural_brain.benchmarks.navigation.runs import Play, Task
from neural_brain.benchmarks.result import Metric

HELP = "find things in a known home: some were moved, a door is closed"
FROZEN = "changed, never corrected"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    add_options(parser, homes=3, goals=5, minutes=10.0)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play, print the table, write the result file."""
    return play_task("nav-change", args, TASK, summarise)


def parts(seed: int, goals: int) -> dict[str, Part]:
    """The first day, and a day in the changed home."""
    return {"first": first_day(seed, goals), "changed": changed_day(seed, goals)}


def summarise(table: Table) -> list[Metric]:
    """Metrics of one detector."""
    metrics: list[Metric] = []
    for value in VALUES:
        goal = ">= 0.9" if value == "success" else ""
        for text, pick in (("", None), (" of moved things", _moved)):
            ours = table.homes(value, "changed", pick=pick)
            frozen = {"never corrected": table.homes(value, FROZEN, pick=pick)}
            metrics += table.compared(f"{value}{text}", ours, frozen, goal)
    moved = table.homes("success", "changed", pick=_moved)
    frozen = table.homes("success", FROZEN, pick=_moved)
    text = "success over never corrected, moved things"
    metrics += table.gained(text, moved, frozen, ">= 0.45")
    wiped = table.homes("SPL", "changed, wiped map")
    ours = table.homes("SPL", "changed")
    return metrics + table.gained("SPL over wiped map", ours, wiped)


def _moved(result: GoalResult) -> bool:
    return result.kind == "moved"


TASK = Task(
    plays=(
        Play(name="first", agent=KEPT, part="first", remembers=True),
        Play(name="changed", agent=KEPT, part="changed", after="first"),
        Play(name=FROZEN, agent=NEVER_CORRECTED, part="changed", after="first"),
        Play(name="changed, wiped map", agent=WIPED, part="changed", later=True),
    ),
    parts=parts,
    suits=may_change,
)
