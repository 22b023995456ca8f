"""How right the map and the way are: odometry, scan matching, loop closure.

Three ways of mapping see the same scans and odometry: odometry alone, scan matching
without loop closure, and with it (both `CognitiveMap`, one parameter apart).

Absolute trajectory error (ATE; Sturm et al., IROS 2012, as in the TUM tools and evo
with `--align` and without `--correct_scale`): the positions p_k (2,) at all scans are
laid onto the true ones q_k by the rotation R and shift t that minimise
sum |R p_k + t - q_k|^2 (Umeyama's closed form, no scale);
ATE = sqrt(mean |R p_k + t - q_k|^2) [m]. Live: p_k as the robot believed at scan k.
Mended: p_k as the map has it at the end, after all loops.

Where a log has no truth, the two ends of its loop are compared: scans of the second
pass are laid onto a small map of the first pass by correlation in a window of 8 m and
0.8 rad and then finely; only places that fit uniquely count. The loop error is the
distance [m] between that pose and the one that the mapped way has there.

Kidnapping: after the drive the robot is put elsewhere in the home and drives on; it
counts as found when it calls itself localised within 0.3 m and 0.2 rad of the truth in
40 s. CPU times are of the map's step and of drawing the grid by odometry alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.benchmarks.slam_runs import (
    LOGS,
    HomeResult,
    LogResult,
    run_home,
    run_log,
)

HELP = "error of map and way: odometry, scan matching, loop closure"
HELD_OUT = 10_000
DRIFTS = (1.0, 10.0, 20.0)
SLACK_M = 0.005  # loop closure may be no worse than matching alone by more than this
WAYS = ("odometry", "matching", "closure live", "closure mended")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=6, help="number of homes")
    parser.add_argument("--first", type=int, default=HELD_OUT, help="first home")
    parser.add_argument("--jobs", type=int, default=2, help="runs at the same time")
    parser.add_argument(
        "--logs",
        nargs="*",
        choices=list(LOGS),
        default=list(LOGS),
        help="logs to replay",
    )
    parser.add_argument(
        "--keep", help="folder for finished runs; a broken-off benchmark goes on there"
    )


def run(args: argparse.Namespace) -> dict[str, object]:
    """Run all drives, print the table, write the result."""
    seeds = list(range(args.first, args.first + args.homes))
    keep = Path(args.keep) if args.keep else None
    with ProcessPoolExecutor(args.jobs) as pool:
        log_runs = [pool.submit(kept_log, keep, name) for name in args.logs]
        home_runs = [
            pool.submit(kept_home, keep, seed, drift)
            for seed in seeds
            for drift in DRIFTS
        ]
        logs = [job.result() for job in log_runs]
        homes = [job.result() for job in home_runs]
    metrics = [*log_metrics(logs), *home_metrics(homes)]
    print(table(metrics))
    notes = {"runs": [vars(result) for result in (*logs, *homes)]}
    path = write_result("nav-slam", metrics, seeds=seeds, out=args.out, notes=notes)
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def kept_log(keep: Path | None, name: str) -> LogResult:
    """The result of a log, read from the folder if it is there."""
    file = None if keep is None else keep / f"log_{name}.json"
    if file is not None and file.is_file():
        return LogResult(**json.loads(file.read_text(encoding="utf-8")))
    result = run_log(name)
    write_kept(file, result)
    return result


def kept_home(keep: Path | None, seed: int, drift: float) -> HomeResult:
    """The same for a home."""
    file = None if keep is None else keep / f"home_{seed}_{drift:g}.json"
    if file is not None and file.is_file():
        return HomeResult(**json.loads(file.read_text(encoding="utf-8")))
    result = run_home(seed, drift)
    write_kept(file, result)
    return result


def write_kept(file: Path | None, result: LogResult | HomeResult) -> None:
    """Write a result whole or not at all."""
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(vars(result)), encoding="utf-8")
    part.replace(file)


def log_metrics(logs: list[LogResult]) -> Iterator[Metric]:
    """One number a log, the other ways of mapping as baselines."""
    for log in logs:
        for what, errors in (("ATE", log.ate), ("loop error", log.loop)):
            if not errors:
                continue
            best = errors["closure mended"]
            yield Metric(
                name=f"{log.name}: {what}, with loop closure",
                value=best,
                low=best,
                high=best,
                unit="m",
                n=1,
                baseline={k: v for k, v in errors.items() if k != "closure mended"},
                goal=f"<= {errors['matching'] + SLACK_M:.4g}",
            )
        walls = float(log.walls["closure mended"])
        yield Metric(
            name=f"{log.name}: occupied cells, with loop closure",
            value=walls,
            low=walls,
            high=walls,
            unit="",
            n=1,
            baseline={k: float(log.walls[k]) for k in ("odometry", "matching")},
        )


@dataclass(frozen=True, kw_only=True)
class Row:
    """A metric of homes: its name, the runs' values by way of mapping, unit, goal."""

    name: str
    values: dict[str, list[float]]
    unit: str
    goal: str = ""


def home_metrics(homes: list[HomeResult]) -> Iterator[Metric]:
    """Means over homes for every level of drift."""
    for drift in DRIFTS:
        runs = [home for home in homes if home.drift == drift]
        if not runs:
            continue
        odometry = np.mean([100.0 * r.ate["odometry"] / r.way_m for r in runs])
        level = f"homes, drift x {drift:g} (odometry ATE {odometry:.1f} % of the way)"
        for row in rows(runs):
            main = "closure mended" if "closure mended" in row.values else "closure"
            rest = {k: float(np.mean(v)) for k, v in row.values.items() if k != main}
            yield mean_metric(
                f"{level}: {row.name}",
                row.values[main],
                row.unit,
                goal=row.goal,
                baseline=rest,
            )


def rows(runs: list[HomeResult]) -> Iterator[Row]:
    """What is told of the homes of one level of drift."""
    ate = {way: [r.ate[way] for r in runs] for way in WAYS}
    limit = float(np.mean(ate["matching"]))
    yield Row(name="ATE", values=ate, unit="m", goal=f"<= {limit + SLACK_M:.4g}")
    walls = {
        "closure": [r.walls["closure mended"] / r.walls["truth"] for r in runs],
        "matching": [r.walls["matching"] / r.walls["truth"] for r in runs],
        "odometry": [r.walls["odometry"] / r.walls["truth"] for r in runs],
    }
    yield Row(name="occupied cells over those with true poses", values=walls, unit="")
    for name, field, unit in (
        ("kidnapped and found", "found", ""),
        ("time until found", "found_s", "s"),
        ("CPU time of a step, p50", "step_p50_ms", "ms"),
        ("CPU time of a step, p95", "step_p95_ms", "ms"),
        ("longest step", "step_max_ms", "ms"),
    ):
        values = {
            way: [v for r in runs for v in getattr(r, field)[way]]
            for way in ("closure", "matching")
        }
        if all(values.values()):
            yield Row(name=name, values=values, unit=unit)
