"""Recognising places by pictures, and going to where a picture was taken.

Recognition: a first drive through each home is remembered, a second one asks: other
stops, other headings, 30 % of the small things and light furniture moved, in the same
and in dimmed, tinted light. An answer is right within 1 m and 0.55 rad of the truth.
Recall at 100 % precision is the share of the queries with a remembered view near them
that are answered before the first wrong answer, when answers are taken in the order of
their score; AUC is the area under the curve of precision over recall. One order serves
all homes. All ways get the same views; `lidar` searches the whole map with one scan and
is given all its queries as known. `checked` ways score by how many more spots agree
than at any other place, the others by likeness.

Twins: see `place_twins.py`. Image goals: see `picture_goals.py`; success is claimed and
within 1 m and 30 degrees of the place of the picture. Poses of the first drive are true
in recognition and twins; in image goals the robot makes its map itself.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neural_brain.benchmarks.picture_goals import (
    AGENTS,
    PictureResult,
    play_pictures,
)
from neural_brain.benchmarks.place_trials import (
    FULL,
    Answer,
    Sight,
    answers,
    dimmed,
    filled,
    lidar_answers,
    two_drives,
    views_of,
)
from neural_brain.benchmarks.place_twins import Try, tries
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.errors import ConfigError
from neural_brain.models.sensing import OrbVlad, frame_view

HELP = "places recognised by pictures, image goals, rooms that look alike to a lidar"
FIRST_SEED = 10_200
LIDAR_EVERY = 6
TRIES = 8  # carried robots in a home with a twin
Asked = dict[str, tuple[list[Answer], NDArray[np.bool_]]]
"""Answers of a home by way to recognise, and which have a view near them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=10, help="for recognition")
    parser.add_argument("--twins", type=int, default=6, help="homes with a twin flat")
    parser.add_argument("--goal-homes", type=int, default=6, help="for image goals")
    parser.add_argument("--goals", type=int, default=5, help="pictures in a home")
    parser.add_argument(
        "--seeds",
        nargs="+",
        type=int,
        help=f"homes; each part takes the first ones (default: {FIRST_SEED} and on)",
    )
    parser.add_argument(
        "--explore-s", type=float, default=900.0, help="mapping before the pictures"
    )
    parser.add_argument("--goal-s", type=float, default=400.0, help="patience [s]")
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="no new home after that; 0 = all"
    )


def run(args: argparse.Namespace) -> dict[str, object]:
    """Measure all parts, print and write the result.

    Raises:
        ConfigError: for options out of range, or if no home was finished.
    """
    if min(args.homes, args.twins, args.goal_homes, args.goals) < 0:
        raise ConfigError("homes, twins, goal-homes and goals must be 0 or more.")
    most = max(args.homes, args.twins, args.goal_homes)
    seeds = args.seeds or list(range(FIRST_SEED, FIRST_SEED + most))
    late = time.monotonic() + 60.0 * args.minutes if args.minutes else np.inf

    def homes(count: int, what: str) -> Iterator[int]:
        for seed in tqdm(seeds[:count], desc=what):
            if time.monotonic() < late:
                yield seed

    metrics: list[Metric] = []
    recognised = {seed: recognise(seed) for seed in homes(args.homes, "recognition")}
    if recognised:
        asked, costs = zip(*recognised.values(), strict=True)
        metrics += recognition_metrics(asked) + cost_metrics(costs)
    twins = {seed: tries(seed, TRIES) for seed in homes(args.twins, "twins")}
    if twins:
        metrics += twin_metrics(list(twins.values()))
    played: list[PictureResult] = []
    ways: list[dict[str, object]] = []
    for seed in homes(args.goal_homes, "image goals"):
        results, explored = play_home(args, seed)
        played += results
        ways.append({"home": seed, "explored_m": explored})
    if played:
        metrics += picture_metrics(played)
    if not metrics:
        raise ConfigError("No home was finished. Allow more minutes, or more homes.")
    print(table(metrics))
    done = {"recognition": list(recognised), "twins": list(twins)}
    done["image goals"] = sorted({row.home for row in played})
    notes = {"homes": done, "goals": [vars(row) for row in played], "mapping": ways}
    path = write_result("nav-places", metrics, seeds=seeds, out=args.out, notes=notes)
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def play_home(args: argparse.Namespace, seed: int) -> tuple[list[PictureResult], float]:
    """Image goals of all agents in a home, and the way driven for mapping it [m]."""
    results, ways = [], []
    for agent in AGENTS:
        shown, explored, _ = play_pictures(
            seed,
            agent,
            goals=args.goals,
            explore_s=args.explore_s,
            goal_s=args.goal_s,
        )
        results += shown
        ways.append(explored)
    return results, max(ways)


def recognise(seed: int) -> tuple[Asked, dict[str, float]]:
    """Answers in one home by way to recognise ("NAME" and "NAME, dim"), and costs."""
    first, second = two_drives(seed)
    found: Asked = {}
    cost: dict[str, float] = {}
    rng = np.random.default_rng([seed, 0xD1])
    dark = [Sight(pose=s.pose, frame=dimmed(s.frame, rng), scan=s.scan) for s in second]
    known_views = views_of(first)
    for ending, drive in (("", second), (", dim", dark)):
        ways, spent, known = answers(first, known_views, drive, seed)
        for name, given in ways.items():
            found[name + ending] = (given, known)
            cost[name + ending] = spent[name]
    given, spent_ms, asked = lidar_answers(first, second, LIDAR_EVERY)
    found["lidar"] = (given, np.ones(len(asked), bool))
    cost["lidar"] = spent_ms
    orb = OrbVlad()
    begun = time.process_time()
    views = [frame_view(sight.frame, orb) for sight in first]
    cost["view"] = 1e3 * (time.process_time() - begun) / len(first)
    store = filled(first, views)
    cost["bytes"] = store.used_bytes / max(1, len(store.views))
    cost["views"] = float(len(store.views))
    return found, cost


def curve(
    given: Sequence[Answer], known: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Precision and recall (n,) as answers are taken from the surest on.

    Answers of one score are taken together: the order among them is no merit.
    """
    score = np.array([answer.score for answer in given])
    right = np.array([answer.right for answer in given])
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(right[order] & known[order])
    good = np.cumsum(right[order])
    last = np.append(np.diff(score[order]) != 0.0, True)
    precision = good / np.arange(1, len(order) + 1)
    return precision[last], hits[last] / max(1, int(known.sum()))


def recall_at_full_precision(
    given: Sequence[Answer], known: NDArray[np.bool_]
) -> float:
    """Greatest recall up to which no answer is wrong."""
    precision, recall = curve(given, known)
    return float(recall[precision >= 1.0].max(initial=0.0))


def area(given: Sequence[Answer], known: NDArray[np.bool_]) -> float:
    """Area under precision over recall, by steps."""
    precision, recall = curve(given, known)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def first_right(given: Sequence[Answer], known: NDArray[np.bool_]) -> float:
    """Share of the known queries whose answer is right, however unsure."""
    right = np.array([answer.right for answer in given])
    return float(right[known].mean()) if known.any() else 0.0


MEASURES: dict[str, Callable[[Sequence[Answer], NDArray[np.bool_]], float]] = {
    "recall at 100 % precision": recall_at_full_precision,
    "area under precision over recall": area,
    "recall at 1": first_right,
}


def pooled(
    asked: Sequence[Asked], name: str, picks: Sequence[int]
) -> tuple[list[Answer], NDArray[np.bool_]]:
    """Answers of some homes as one list."""
    given = [answer for k in picks for answer in asked[k][name][0]]
    return given, np.concatenate([asked[k][name][1] for k in picks])


def recognition_metrics(asked: Sequence[Asked]) -> list[Metric]:
    """Measures of the full way with all others as baselines, in both lights."""
    rng, n = np.random.default_rng(0), len(asked)
    draws = [rng.integers(0, n, n).tolist() for _ in range(200)]
    metrics = []
    for ending in ("", ", dim"):
        names = [k for k in asked[0] if k.endswith(", dim") == bool(ending)]
        names = [k for k in names if k != FULL + ending]
        for measure, of in MEASURES.items():
            spread = [of(*pooled(asked, FULL + ending, draw)) for draw in draws]
            low, high = np.percentile(spread, [2.5, 97.5])
            metrics.append(
                Metric(
                    name=f"{measure}{ending or ', same light'}",
                    value=of(*pooled(asked, FULL + ending, range(n))),
                    low=float(low),
                    high=float(high),
                    unit="",
                    n=n,
                    baseline={k: of(*pooled(asked, k, range(n))) for k in names},
                )
            )
    for name, of_home in (("median", 50.0), ("95th percentile", 95.0)):
        errors = [
            float(np.percentile([a.error_m for a in one[FULL][0] if a.right], of_home))
            for one in asked
        ]
        metrics.append(mean_metric(f"place error, {name} of right ones", errors, "m"))
    return metrics


def cost_metrics(costs: Sequence[dict[str, float]]) -> list[Metric]:
    """CPU time and memory."""

    def mean(name: str) -> float:
        return float(np.mean([cost[name] for cost in costs]))

    names = [k for k in costs[0] if k not in ("view", "bytes", "views", FULL)]
    others = {k: mean(k) for k in names if not k.endswith(", dim")}
    spent = [cost[FULL] for cost in costs]
    return [
        mean_metric("CPU time of a query", spent, "ms", baseline=others),
        mean_metric("CPU time of a view", [c["view"] for c in costs], "ms"),
        mean_metric("bytes of a view", [c["bytes"] for c in costs], "B"),
        mean_metric("views kept of a home", [c["views"] for c in costs], ""),
    ]


def twin_metrics(twins: Sequence[dict[str, list[Try]]]) -> list[Metric]:
    """How carried robots find themselves among flats of one plan."""
    metrics = []
    for name, of in (
        ("found among twin flats", lambda t: float(t.found)),
        ("believed to be in the wrong twin flat", lambda t: float(t.wrong)),
    ):
        each = {
            way: [float(np.mean([of(t) for t in home[way]])) for home in twins]
            for way in twins[0]
        }
        other = {"without views": float(np.mean(each["without"]))}
        metrics.append(mean_metric(name, each["with views"], "", baseline=other))
    times = {
        way: [t.time_s for home in twins for t in home[way] if t.found]
        for way in twins[0]
    }
    if times["with views"]:
        other = {"without views": float(np.mean(times["without"] or [np.inf]))}
        metrics.append(
            mean_metric("time until found", times["with views"], "s", baseline=other)
        )
    return metrics


def picture_metrics(played: Sequence[PictureResult]) -> list[Metric]:
    """Success and SPL of image goals, means over homes."""
    homes = sorted({row.home for row in played})
    metrics = []
    for name, of in (
        ("image goals, success", lambda row: float(row.success)),
        ("image goals, SPL", lambda row: row.spl),
        ("image goals, wrongly claimed", lambda r: float(r.claimed and not r.success)),
        ("image goals, way driven for one", lambda row: row.driven_m),
    ):
        each = {
            agent.name: [
                float(
                    np.mean(
                        [
                            of(row)
                            for row in played
                            if row.home == home and row.agent == agent.name
                        ]
                    )
                )
                for home in homes
            ]
            for agent in AGENTS
        }
        kept, wiped = (each[agent.name] for agent in AGENTS)
        unit = "m" if "way" in name else ""
        other = {"map wiped, exploration only": float(np.mean(wiped))}
        metrics.append(mean_metric(name, kept, unit, baseline=other))
    return metrics
