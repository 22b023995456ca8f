"""Arms and bases without torque interface: admittance against torque and stiff control.

The arm presses soft and hard things, meets some that it does not expect, and moves in
the air: with torque motors, and with servos that answer after 0 to 20 ms. Contact
stiffness, speeds, directions and delays are drawn at random. Servos are told positions
or velocities of the virtual arm; the ablations leave out the damping in contact, put
the virtual mass of the same stability in its place, or feel nothing (stiff position
control). The controller knows the lag, but not the stiffness of what it touches. The
base drives through corridors, around corners and pillars that its plain policy does not
know, and is pushed by a person: with the rules alone, and giving way before them.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.admittance_rig import Course, draw_trials, perform
from neural_brain.benchmarks.floor_tasks import TASKS, do_task
from neural_brain.benchmarks.floor_world import Drive
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result

HELP = "arms with position or velocity servos, and bases that give way"
FIRST_SEED = 5200
OURS = "position"
VARIANTS = (
    OURS,
    "velocity",
    "torque",
    "no contact damping",
    "mass instead",
    "stiff position",
)
STEADY_TICKS, SETTLED_SHARE = 300, 0.1
Courses = dict[str, dict[str, list[Course]]]
Drives = dict[str, dict[bool, list[Drive]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--seeds", type=int, default=15, help="sets of arm trials")
    parser.add_argument("--floors", type=int, default=15, help="floors of each task")


def run(args: argparse.Namespace) -> list[Metric]:
    """Run all trials, print and write the result."""
    count, floors = max(args.seeds, 1), max(args.floors, 1)
    seeds = range(FIRST_SEED, FIRST_SEED + max(count, floors))
    courses: Courses = {}
    for seed in tqdm(seeds[:count], desc="arm"):
        for name, trial in draw_trials(seed).items():
            for variant in VARIANTS:
                found = courses.setdefault(name, {}).setdefault(variant, [])
                found.append(perform(variant, trial))
    drives: Drives = {name: {False: [], True: []} for name in TASKS}
    for seed in tqdm(seeds[:floors], desc="base"):
        for name, found in drives.items():
            for gives_way, runs in found.items():
                runs.append(do_task(name, seed, gives_way=gives_way))
    metrics = arm_metrics(courses) + base_metrics(drives)
    print(table(metrics))
    about = (
        "baselines of the arm: other controls of the same trials; of the base: the "
        "rules alone; simulated servos, contacts and people, no claim for a real robot"
    )
    path = write_result(
        "reflex-admittance", metrics, seeds=seeds, out=args.out, notes={"about": about}
    )
    print(f"\nWritten to {path}")
    return metrics


def arm_metrics(courses: Courses) -> list[Metric]:
    """Presses that settle, their forces, hits, and following in the air."""
    metrics = []
    for name in ("soft press", "hard press"):
        found = courses[name]
        settled = _each(found, lambda c: float(has_settled(c)))
        metrics += [
            _row(f"{name}: settled", settled, "", ">= 0.95"),
            _row(f"{name}: steady force off the torque law's", _off(found), "N", "< 1"),
            _row(f"{name}: ripple of the steady force", _each(found, _ripple), "N", ""),
            _row(
                f"{name}: peak force",
                _each(found, lambda c: float(c.force_n.max())),
                "N",
                "",
            ),
        ]
    peaks = _each(courses["hit"], lambda c: float(c.force_n.max()))
    stiff = float(np.mean(peaks["stiff position"]))
    metrics.append(_row("hit: peak force", peaks, "N", f"< {0.5 * stiff:.3f}"))
    air = _each(courses["air"], _error_mm)
    metrics.append(_row("air: tracking error", air, "mm", ""))
    return metrics


def base_metrics(drives: Drives) -> list[Metric]:
    """Arrivals and times of the driving tasks, and how the person fares."""
    metrics = []
    for name, found in drives.items():
        runs, rules = found[True], found[False]
        if name != "pushing person":
            arrived = [float(math.isfinite(d.arrived_s)) for d in runs]
            alone = float(np.mean([math.isfinite(d.arrived_s) for d in rules]))
            metrics.append(
                mean_metric(
                    f"{name}: arrived",
                    arrived,
                    "",
                    goal=f">= {alone:.3f}",
                    baseline={"rules alone": alone},
                )
            )
            metrics += _times(name, runs, rules)
        metrics += [
            _base_row(f"{name}: peak touch", "peak_n", "N", runs, rules),
            _base_row(f"{name}: time in touch", "touched_s", "s", runs, rules),
        ]
    return metrics


def has_settled(course: Course) -> bool:
    """Whether a press ends in a steady force, in touch all the time."""
    tail = course.force_n[-STEADY_TICKS:]
    steady = float(np.ptp(tail)) <= SETTLED_SHARE * float(tail.mean()) + 0.5
    return bool((tail > 0.0).all()) and steady


def _times(name: str, runs: Sequence[Drive], rules: Sequence[Drive]) -> list[Metric]:
    """Time of the floors on which both arrive; nothing if there is none."""
    pairs = [
        (a.arrived_s, b.arrived_s)
        for a, b in zip(runs, rules, strict=True)
        if math.isfinite(a.arrived_s + b.arrived_s)
    ]
    if not pairs:
        return []
    ours, alone = (list(column) for column in zip(*pairs, strict=True))
    baseline = {"rules alone": float(np.mean(alone))}
    return [mean_metric(f"{name}: time, both arrived", ours, "s", baseline=baseline)]


def _base_row(
    title: str, field: str, unit: str, runs: Sequence[Drive], rules: Sequence[Drive]
) -> Metric:
    alone = float(np.mean([getattr(d, field) for d in rules]))
    values = [getattr(d, field) for d in runs]
    return mean_metric(
        title, values, unit, goal=f"<= {alone:.4f}", baseline={"rules alone": alone}
    )


def _row(title: str, data: dict[str, list[float]], unit: str, goal: str) -> Metric:
    others = {k: float(np.mean(v)) for k, v in data.items() if k != OURS}
    return mean_metric(title, data[OURS], unit, goal=goal, baseline=others)


def _each(found: dict[str, list[Course]], value: Any) -> dict[str, list[float]]:
    return {name: [value(c) for c in courses] for name, courses in found.items()}


def _off(found: dict[str, list[Course]]) -> dict[str, list[float]]:
    """|steady force - that of the torque law| of the same trial [N]."""
    steady = _each(found, lambda c: float(c.force_n[-STEADY_TICKS:].mean()))
    law = np.array(steady["torque"])
    return {
        name: np.abs(np.array(values) - law).tolist() for name, values in steady.items()
    }


def _ripple(course: Course) -> float:
    return float(course.force_n[-STEADY_TICKS:].std())


def _error_mm(course: Course) -> float:
    off = np.linalg.norm(course.wanted - course.hand, axis=1)
    return float(1e3 * np.sqrt(np.mean(off**2)))
