"""What the navigation benchmarks' commands share: options, the run, the result file."""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from neural_brain.benchmarks.navigation.agents import DETECTORS
from neural_brain.benchmarks.navigation.play import ODOMETRY, Conditions
from neural_brain.benchmarks.navigation.report import (
    Table,
    check,
    closed_doors,
    reasons,
    rows,
)
from neural_brain.benchmarks.navigation.runs import Results, Task, run_all
from neural_brain.benchmarks.result import Metric, table, write_result
from neural_brain.models.errors import ConfigError

FIRST_SEED = 10_100
PROTOCOL = {
    "success": "said so, within 1 m of the surface of a right thing, which can be seen "
    "from there by turning",
    "ways": "true ways of the base; shortest ways for its disc among bounding boxes",
    "mapping cost": "none beforehand: maps are made while goals are pursued",
    "simulation": "the base glides at 100 Hz without contact physics; sensors, their "
    "noise and the whole brain as in the full simulation",
    "comparable": "within this table only: metrics follow Habitat, homes do not",
}


def add_options(
    parser: argparse.ArgumentParser, *, homes: int, goals: int, minutes: float
) -> None:
    """Options of a navigation benchmark with its own defaults."""
    parser.add_argument(
        "--homes", type=int, default=homes, help="number of homes that suit"
    )
    parser.add_argument("--goals", type=int, default=goals, help="goals to a part")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first")
    parser.add_argument("--jobs", type=int, default=2, help="plays at the same time")
    parser.add_argument(
        "--minutes",
        type=float,
        default=minutes,
        help="stop then and report what is finished; 0 = no limit",
    )
    parser.add_argument(
        "--detectors",
        default="oracle,learned",
        help=f"some of {', '.join(DETECTORS)}, with commas; misses10 is the oracle "
        "with 10 %% of the things missed and 5 %% wrong names, and so on",
    )
    parser.add_argument("--odometry", choices=sorted(ODOMETRY), default="usual")
    parser.add_argument(
        "--goal-s", type=float, default=600.0, help="patience with a goal [s]"
    )
    parser.add_argument(
        "--keep", help="folder for finished plays; a broken-off run goes on there"
    )


def play_task(
    name: str,
    args: argparse.Namespace,
    task: Task,
    summarise: Callable[[Table], list[Metric]],
) -> dict[str, Any]:
    """Play a task, print its metrics, write the result file.

    Args:
        name: of the benchmark.
        args: its options.
        task: what is played.
        summarise: makes the metrics of one detector.
    """
    results = run_task(args, task)
    tables = [Table(results=results, detector=d) for d in args.detectors.split(",")]
    return report(name, args, results, [m for t in tables for m in summarise(t)])


def run_task(args: argparse.Namespace, task: Task) -> Results:
    """Play a task as the options say.

    Raises:
        ConfigError: for an option out of range.
    """
    detectors = args.detectors.split(",")
    unknown = [name for name in detectors if name not in DETECTORS]
    if unknown or min(args.homes, args.goals, args.jobs) < 1 or args.minutes < 0.0:
        raise ConfigError(
            f"homes {args.homes}, goals {args.goals}, jobs {args.jobs}, minutes "
            f"{args.minutes:g}, detectors {args.detectors!r}: expected numbers from 1 "
            f"(minutes from 0) and detectors out of {', '.join(DETECTORS)}. Mend it."
        )
    late = time.monotonic() + 60.0 * args.minutes if args.minutes else math.inf
    conditions = Conditions(odometry=args.odometry, goal_s=args.goal_s, deadline=late)
    homes = task.homes(args.seed, args.homes)
    left_out = sorted({*range(args.seed, homes[-1])} - {*homes})
    if left_out:
        print(f"Homes that do not suit, left out: {', '.join(map(str, left_out))}")
    with tempfile.TemporaryDirectory() as spare:
        return run_all(
            task,
            homes,
            args.goals,
            conditions,
            detectors,
            jobs=args.jobs,
            folder=Path(args.keep or spare),
        )


def report(
    name: str,
    args: argparse.Namespace,
    results: Results,
    metrics: Sequence[Metric],
) -> dict[str, Any]:
    """Print the table and the reasons of failures, write the result file.

    Raises:
        ConfigError: if nothing was finished in time.
    """
    check(results)
    if not metrics:
        raise ConfigError(
            f"No home was finished in {args.minutes:g} minutes. Allow more with "
            "--minutes, or ask for fewer goals or detectors."
        )
    print(table(metrics))
    missed = reasons(results)
    for play, counts in missed.items():
        text = ", ".join(f"{why} {count}" for why, count in counts.items())
        print(f"  {play}: {text}")
    path = write_result(
        name,
        metrics,
        seeds=sorted({home for _, _, home in results}),
        out=args.out,
        notes={
            "protocol": PROTOCOL,
            "odometry": args.odometry,
            "outcomes": missed,
            **closed_doors(results),
            "goals": rows(results),
        },
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}
