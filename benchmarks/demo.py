"""The demo over many held-out homes: success, forces, limits and speed.

Every home is new to the robot: it explores, is told to press a thing by name, is
shoved while its arm is out, and must not exceed its force limit at any time. The
oracle rung sees with ground truth instead of the learned detector, so that the gap
between the two shows what perception costs.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from neural_brain.benchmarks.episode import (
    Episode,
    EpisodeResult,
    EpisodeTimes,
    make_episode,
)
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.brain import BrainConfig
from neural_brain.models.config import load_yaml
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.memory import Place
from neural_brain.models.sensing import NetDetector
from neural_brain.robots.home_body import make_home_body
from neural_brain.robots.oracle import oracle_detector
from neural_brain.sim.homes import generate_home, seed_ranges

A, B = TypeVar("A"), TypeVar("B")
SPEED_S = 60.0
HELP = "20 held-out homes: goal reached, forces, limits, speed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=20, help="number of homes")
    parser.add_argument("--first", type=int, default=0, help="first held-out home")
    parser.add_argument(
        "--oracle-homes", type=int, default=20, help="homes of the oracle rung"
    )
    parser.add_argument("--jobs", type=int, default=2, help="homes at the same time")
    parser.add_argument(
        "--speed-homes", type=int, default=3, help="homes run alone, for their speed"
    )
    parser.add_argument(
        "--keep", help="folder for finished episodes; a broken-off run goes on there"
    )


def run(args: argparse.Namespace) -> dict[str, object]:
    """Play all episodes, print the table, write the result file."""
    numbers = range(args.first, args.first + args.homes)
    keep = Path(args.keep) if args.keep else None
    learned = _play_all(numbers, False, args.jobs, keep)
    oracle = _play_all(numbers[: args.oracle_homes], True, args.jobs, keep)
    metrics = [*summarise(learned, oracle), *speed(numbers[: args.speed_homes])]
    print(table(metrics))
    rows = [vars(result) for result in (*learned, *oracle)]
    path = write_result(
        "demo",
        metrics,
        seeds=[result.seed for result in learned],
        out=args.out,
        notes={"episodes": rows},
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def prepare(
    number: int,
    *,
    small: bool = False,
    oracle: bool = False,
    config_path: str | None = None,
    memory: Place | None = None,
) -> Episode:
    """The n-th held-out home with a robot and a fresh brain in it."""
    config = load_yaml(BrainConfig, config_path) if config_path else BrainConfig()
    seeds = seed_ranges()["test"]
    if not 0 <= number < len(seeds):
        raise NeuralBrainError(
            f"There is no held-out home {number}; they are numbered 0 to "
            f"{len(seeds) - 1}. Choose one of these."
        )
    seed = seeds[number]
    home = generate_home(seed, small=small)
    body = make_home_body(seed, small=small)
    detector = oracle_detector(body) if oracle else NetDetector()
    return make_episode(
        seed,
        config=config,
        detector=detector,
        body=body,
        home=home,
        memory=memory,
        own_eyes=not oracle,
    )


def summarise(
    learned: Sequence[EpisodeResult], oracle: Sequence[EpisodeResult]
) -> list[Metric]:
    """Metrics over all episodes; the oracle rung stands as a baseline."""

    def mean(name: str, field: str, unit: str, goal: str = "") -> Metric:
        values = [float(getattr(result, field)) for result in learned]
        other = [float(getattr(result, field)) for result in oracle]
        baseline = {"oracle detector": sum(other) / len(other)} if other else {}
        return mean_metric(name, values, unit, goal=goal, baseline=baseline)

    limit = 65.0
    forces = [max(r.peak_arm_n, r.peak_base_n) for r in learned]
    kept = [float(force <= limit) for force in forces]
    shoved = [float(result.shove_peak_n > 0.0) for result in learned]
    return [
        mean("goal reached", "reached", "", ">= 0.9"),
        mean("claimed reached", "claimed", ""),
        mean("commands outside limits", "violations", "", "== 0"),
        mean_metric("runs within the force limit", kept, "", goal="== 1"),
        mean_metric("peak contact force", forces, "N"),
        mean("peak force of the shove", "shove_peak_n", "N"),
        mean("times real time, beside other homes", "realtime_factor", ""),
        mean_metric("runs with a shove", shoved, ""),
        mean("exploration", "explore_s", "s"),
        mean("goal", "goal_s", "s"),
        mean("free area known", "explored_m2", "m2"),
        mean("things remembered", "landmarks", ""),
    ]


def speed(numbers: Sequence[int]) -> list[Metric]:
    """How fast one home runs with the machine to itself, exploring for a minute."""
    bar = tqdm(numbers, desc="speed", disable=not numbers)
    factors = [_alone(_explore_a_minute, number) for number in bar]
    if not factors:
        return []
    return [mean_metric("times real time, one home alone", factors, "", goal=">= 3")]


def _explore_a_minute(number: int) -> float:
    episode = prepare(number)
    episode.times = EpisodeTimes(explore_s=SPEED_S)
    episode.brain.say("explore", 0.0)
    started = time.perf_counter()
    try:
        episode.explore()
    finally:
        episode.body.close()
    return SPEED_S / (time.perf_counter() - started)


def _play_all(
    numbers: Sequence[int], oracle: bool, jobs: int, keep: Path | None
) -> list[EpisodeResult]:
    """All episodes of a rung, in their order; each in a process of its own."""
    if not numbers:
        return []
    desc = "oracle detector" if oracle else "learned detector"
    tasks = [(number, oracle, keep) for number in numbers]
    with ThreadPoolExecutor(jobs) as pool:
        results = pool.map(partial(_alone, _play), tasks)
        return list(tqdm(results, desc=desc, total=len(tasks)))


def _alone(work: Callable[[A], B], task: A) -> B:
    """In a fresh process, so that no episode inherits anything from another."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(work, task).result()


def _play(task: tuple[int, bool, Path | None]) -> EpisodeResult:
    number, oracle, keep = task
    file = None if keep is None else keep / f"{number}{'_oracle' * oracle}.json"
    if file is not None and file.is_file():
        return EpisodeResult(**json.loads(file.read_text(encoding="utf-8")))
    episode = prepare(number, oracle=oracle)
    try:
        result = episode.play()
    finally:
        episode.body.close()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(vars(result)), encoding="utf-8")
    return result
