"""Memory Maze, the public benchmark of long-term memory, played by the package's maps.

Three rungs are reported apart: the pose given and walls and targets sensed faultlessly
within the view; pose given and the rest from the 64 x 64 picture; the picture alone.
In the same run: random actions, the same player that forgets at each target, and an
oracle that knows maze and targets, all on the same mazes. Human, oracle and learned
agents of the paper stand beside them as references; the mazes there were others.

The structure of the maze (2 m cells, one target of a colour in the middle of a cell),
the camera, the paints and the motion are built in; agents of the paper learned them
from 100 M steps. Tuned on seeds 1000 to 1008, reported on 10000 and on.
"""

from __future__ import annotations

import argparse
import functools
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from neural_brain.benchmarks.memory_maze import environment
from neural_brain.benchmarks.memory_maze.client import MAZES
from neural_brain.benchmarks.memory_maze.episode import RUNGS, Score, episode
from neural_brain.benchmarks.memory_maze.report import maze_metrics
from neural_brain.benchmarks.result import Metric, commit, table, write_result
from neural_brain.models.errors import ConfigError

HELP = "Memory Maze by the package's maps: random, forgetful, oracle, human"
AGENTS = ("random", "oracle", *RUNGS, "pose wiped")
FIRST_SEED = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--setup", action="store_true",
                        help="make the environment's own Python and end")  # fmt: skip
    parser.add_argument("--mazes", nargs="+", choices=MAZES, default=["9x9", "15x15"])
    parser.add_argument("--episodes", nargs="+", type=int, default=[5, 2],
                        help="of each maze, in the same order")  # fmt: skip
    parser.add_argument("--agents", nargs="+", choices=AGENTS, default=list(AGENTS))
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--jobs", type=int, default=1, help="episodes at a time")
    parser.add_argument("--keep", help="file of played episodes: goes on from there")


def run(args: argparse.Namespace) -> list[Metric]:
    """Play, print and write the result; or make the environment."""
    if args.setup:
        print(f"Memory Maze is ready: {environment.make()}")
        return []
    wanted = plan(args)
    scores = play_all(args, wanted)
    metrics = [
        metric
        for maze in args.mazes
        for metric in maze_metrics(maze, [s for s in scores if s.maze == maze])
    ]
    print(table(metrics))
    seeds = sorted({seed for _, seed, _ in wanted})
    notes = {
        "environment": " ".join([*environment.PINS, *environment.ALONE]),
        "episodes": [asdict(score) for score in scores],
    }
    path = write_result("memory-maze", metrics, seeds=seeds, out=args.out, notes=notes)
    print(f"\nWritten to {path}")
    return metrics


def plan(args: argparse.Namespace) -> list[tuple[str, int, str]]:
    """Mazes, seeds and agents to play.

    Raises:
        ConfigError: the numbers of episodes do not fit the mazes.
    """
    counts = args.episodes
    if len(counts) == 1:
        counts = counts * len(args.mazes)
    if len(counts) != len(args.mazes) or min(counts) < 1 or args.jobs < 1:
        raise ConfigError(
            f"--episodes = {args.episodes}, --jobs = {args.jobs} with --mazes "
            f"{args.mazes}; expected positive numbers, one for all or one a maze."
        )
    return [
        (maze, args.first_seed + number, agent)
        for maze, count in zip(args.mazes, counts, strict=True)
        for number in range(count)
        for agent in args.agents
    ]


def play_all(
    args: argparse.Namespace, wanted: list[tuple[str, int, str]]
) -> list[Score]:
    """All episodes; those that `--keep` has of this commit are not played again."""
    kept = _kept(args.keep)
    python = environment.need_python()
    left = [key for key in wanted if key not in kept]
    with ProcessPoolExecutor(args.jobs) as pool:
        for score in pool.map(functools.partial(_episode, python), left):
            kept[score.maze, score.seed, score.agent] = score
            print(
                f"{score.maze} {score.seed} {score.agent}: {score.reward}", flush=True
            )
            if args.keep:
                line = json.dumps({"commit": commit(), **asdict(score)})
                with open(args.keep, "a", encoding="utf-8") as file:
                    file.write(line + "\n")
    return [kept[key] for key in wanted]


def _episode(python: Path, key: tuple[str, int, str]) -> Score:
    maze, seed, agent = key
    return episode(python, maze, seed, agent)


def _kept(path: str | None) -> dict[tuple[str, int, str], Score]:
    found: dict[tuple[str, int, str], Score] = {}
    if path is None or not Path(path).is_file():
        return found
    now = commit()
    for number, line in enumerate(Path(path).read_text("utf-8").splitlines(), 1):
        try:
            values = json.loads(line)
            same = values.pop("commit") == now
            score = Score(**{**values, "at": tuple(values["at"])})
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"--keep {path}, line {number}: {error}; expected a played episode. "
                "Remove that line."
            ) from error
        if same:
            found[score.maze, score.seed, score.agent] = score
    return found
