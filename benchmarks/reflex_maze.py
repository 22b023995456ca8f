"""A blind hand in a contact maze: fixed, ruled and learned stiffness.

The hand knows the way only roughly, feels walls and blocks, and pushes the blocks
before it. The same mover leads it in all cases; it puts the way-point 4 cm ahead. What
differs is the step and the stiffness, and whether the reflex watches. An episode ends
at the goal, at a contact force over the limit (a violation), or when time is over.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.maze_picture import draw
from neural_brain.benchmarks.maze_rig import HORIZON_S, LIMIT_N, Episode, run_episode
from neural_brain.benchmarks.result import Metric, table, write_result
from neural_brain.models.geometry import Array
from neural_brain.models.motion.contact_step import (
    FixedStiffness,
    StepChoice,
    StepConfig,
    StiffnessRule,
)
from neural_brain.models.motion.step_policy import load_policy
from neural_brain.sim.contact_maze import draw_maze

HELP = "contact maze: fixed, ruled and learned stiffness, with and without reflex"
FIRST_SEED, SEEDS = 10_200, 20
FIXED = (300.0, 600.0, 1000.0)
"""Those of SRL-VIC and one between them."""
SUBJECT = "rule, reflex"
"""What the goals are asked of: the rule, the best in tuning, in front of the reflex."""
PICTURED = ("fixed 300", "fixed 1000", "rule")
Runs = dict[str, list[Episode]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--mazes", type=int, default=1, help="of each of the 20 seeds")
    parser.add_argument(
        "--weights", type=Path, help="a learned policy to compare (default: none)"
    )
    parser.add_argument(
        "--picture", type=Path, help="only draw one maze of the tuning range as PNG"
    )


def run(args: argparse.Namespace) -> list[Metric]:
    """Run all mazes, print and write the result; or only draw one."""
    choices = candidates(args.weights)
    if args.picture is not None:
        cases = {name: (choices[name], False) for name in PICTURED}
        draw({**cases, SUBJECT: (choices["rule"], True)}, args.picture)
        print(f"Written to {args.picture}")
        return []
    runs = play(choices, max(args.mazes, 1))
    metrics = summarise(runs, SUBJECT)
    print(table(metrics))
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    notes = {
        "about": f"violation: true contact force above {LIMIT_N:g} N; {HORIZON_S:g} s "
        "a maze; only relative, not comparable with the figures of SRL-VIC"
    }
    path = write_result("reflex-maze", metrics, seeds=seeds, out=args.out, notes=notes)
    print(f"\nWritten to {path}")
    return metrics


def candidates(weights: Path | None) -> dict[str, Callable[[], StepChoice]]:
    """What is compared; the learned policy only if there are weights."""
    config = StepConfig()
    found: dict[str, Callable[[], StepChoice]] = {}
    for n_m in FIXED:
        found[f"fixed {n_m:g}"] = lambda n_m=n_m: FixedStiffness(n_m, config)
    found["rule"] = lambda: StiffnessRule(config)
    if weights is not None:
        found["learned"] = lambda: load_policy(weights, config)
    return found


def play(choices: dict[str, Callable[[], StepChoice]], mazes: int) -> Runs:
    """Every choice in every maze, with and without reflex; `mazes` of each seed."""
    runs: Runs = {f"{name}{tail}": [] for name in choices for tail in ("", ", reflex")}
    tasks = [
        (seed, k)
        for seed in range(FIRST_SEED, FIRST_SEED + SEEDS)
        for k in range(mazes)
    ]
    for seed, k in tqdm(tasks, desc="mazes"):
        maze = draw_maze(np.random.default_rng([seed, k]))
        for name, make in choices.items():
            for reflex in (False, True):
                tail = ", reflex" if reflex else ""
                episode = run_episode(maze, make(), reflex=reflex, seed=seed)
                runs[name + tail].append(episode)
    return runs


def summarise(runs: Runs, subject: str) -> list[Metric]:
    """Metrics of one case beside all others."""
    won = {name: _flags(found, "goal") for name, found in runs.items()}
    hurt = {name: _flags(found, "violation") for name, found in runs.items()}
    peak = {n: np.array([e.force_n.max() for e in found]) for n, found in runs.items()}
    force = {n: np.concatenate([e.force_n for e in found]) for n, found in runs.items()}
    return [
        _metric("success", subject, won, goal=">= 0.95"),
        _metric("violations", subject, hurt),
        excess(hurt, subject, best_fixed(won, hurt)),
        trade_off(won, hurt, subject),
        _metric("peak force, median", subject, peak, np.median, unit="N"),
        _metric("peak force, 95 %", subject, peak, _p95, unit="N"),
        _single("force in contact, median", subject, force, 50.0),
        _single("force in contact, 99 %", subject, force, 99.0),
        _metric(
            "time",
            subject,
            {n: np.array([e.time_s for e in found]) for n, found in runs.items()},
            unit="s",
        ),
    ]


def best_fixed(won: dict[str, Array], hurt: dict[str, Array]) -> str:
    """The fixed stiffness that did best in this very run: success, then violations."""
    names = [name for name in won if name.startswith("fixed")]
    return max(names, key=lambda name: (won[name].mean(), -hurt[name].mean()))


def excess(hurt: dict[str, Array], subject: str, fixed: str) -> Metric:
    """Violations less a fifth of those of a fixed stiffness (maybe none)."""
    samples = {name: flags - 0.2 * hurt[fixed] for name, flags in hurt.items()}
    name = f"violations less 1/5 of those of {fixed}, the best fixed one"
    return _metric(name, subject, samples, goal="<= 0")


def trade_off(won: dict[str, Array], hurt: dict[str, Array], subject: str) -> Metric:
    """(successes + 1) / (violations + 1), as Recovery RL and SRL-VIC compare."""

    def value(name: str, pick: Array) -> float:
        return float((won[name][pick].sum() + 1.0) / (hurt[name][pick].sum() + 1.0))

    whole = np.arange(len(won[subject]))
    draws = [value(subject, pick) for pick in _picks(len(whole))]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Metric(
        name="(successes + 1) / (violations + 1)",
        value=value(subject, whole),
        low=float(low),
        high=float(high),
        unit="",
        n=len(whole),
        baseline={name: value(name, whole) for name in won if name != subject},
    )


def _metric(
    name: str,
    subject: str,
    samples: dict[str, Array],
    statistic: Callable[[Array], float] = np.mean,
    *,
    unit: str = "",
    goal: str = "",
) -> Metric:
    values = samples[subject]
    draws = [statistic(values[pick]) for pick in _picks(len(values))]
    low, high = np.percentile(draws, [2.5, 97.5])
    others = {n: float(statistic(v)) for n, v in samples.items() if n != subject}
    return Metric(
        name=f"{name} ({subject})",
        value=float(statistic(values)),
        low=float(low),
        high=float(high),
        unit=unit,
        n=len(values),
        baseline=others,
        goal=goal,
    )


def _single(name: str, subject: str, force: dict[str, Array], share: float) -> Metric:
    """A percentile over all ticks in contact; ticks are no samples, so no interval."""
    found = {n: float(np.percentile(f[f > 0.5], share)) for n, f in force.items()}
    value = found.pop(subject)
    return Metric(
        name=f"{name} ({subject})",
        value=value,
        low=value,
        high=value,
        unit="N",
        n=len(force[subject]),
        baseline=found,
    )


def _flags(found: list[Episode], ended: str) -> Array:
    return np.array([float(episode.ended == ended) for episode in found])


def _p95(values: Array) -> float:
    return float(np.percentile(values, 95.0))


def _picks(count: int) -> Array:
    return np.random.default_rng(0).integers(0, count, size=(2000, count))
