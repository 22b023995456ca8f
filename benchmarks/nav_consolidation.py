"""What idle consolidation does to the landmarks of homes that were explored.

The robot explores a home it does not know with its learned detector, and then rests.
Every landmark is held against the truth: it is of the nearest thing of its name whose
place it is at; a second landmark of one thing is a duplicate, one without a thing a
ghost. Baselines: the landmarks before the rest, and a rest without the gate, in which
no change is checked against what was seen lately.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from neural_brain.benchmarks.navigation.agents import KEPT
from neural_brain.benchmarks.navigation.goals import Part
from neural_brain.benchmarks.navigation.play import Conditions, Player, enter
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.geometry import Array, inverse2, transform2
from neural_brain.models.maps import CognitiveMap
from neural_brain.models.maps.consolidation import Consolidation
from neural_brain.models.maps.landmarks import LandmarkMap
from neural_brain.models.maps.track import Track
from neural_brain.robots.loop import run as run_loop
from neural_brain.sim.homes import HomeSpec, generate_home
from neural_brain.sim.scene import start_pose

HELP = "duplicates and recall of landmarks before and after a rest"
FIRST_HOME = 10_500
REACH_M = 0.5  # a landmark is of a thing this near, beyond half of its size
STEP_S = 0.05
BEFORE, AFTER, UNGATED = "before", "after", "no gate"


@dataclass(frozen=True, kw_only=True)
class Count:
    """Landmarks against the truth; `recall` is of what was seen lately."""

    found: float
    duplicates: float
    ghosts: float
    tracks: float
    recall: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=3, help="generated homes")
    parser.add_argument("--seconds", type=float, default=400.0, help="exploring [s]")
    parser.add_argument("--first", type=int, default=FIRST_HOME, help="seed of a home")
    parser.add_argument("--detector", default="learned", help="oracle, misses, learned")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Explore, rest, print and write the result."""
    counts: dict[str, list[Count]] = {BEFORE: [], AFTER: [], UNGATED: []}
    seeds = range(args.first, args.first + args.homes)
    for seed in seeds:
        for name, count in rest_in(seed, args).items():
            counts[name].append(count)
        print(seed, *(counts[name][-1] for name in counts), sep="\n  ", flush=True)
    metrics = summarise(counts)
    print(table(metrics))
    notes = {"detector": args.detector, "exploring_s": args.seconds}
    path = write_result(
        "nav-consolidation", metrics, seeds=seeds, out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def rest_in(seed: int, args: argparse.Namespace) -> dict[str, Count]:
    """Explore one home and count before and after a rest."""
    home = generate_home(seed)
    start = start_pose(home)
    part = Part(name="explore", home=home, start=start, goals=())
    player, _ = enter(part, KEPT, Conditions(detector=args.detector), None)
    with closing(player.body):
        explore(player, args.seconds)
    maps = player.brain.maps
    things = transform2(inverse2(np.asarray(start)), _centers(home))
    copy = CognitiveMap.restore(maps.config, maps.snapshot())
    log = maps.consolidation.sightings
    counts = {BEFORE: judge(maps.landmarks, maps.consolidation, home, things)}
    blind = Consolidation(maps.config.consolidation)
    rest(blind, copy.landmarks, player.now)
    blind.sightings = log
    rest(maps.consolidation, maps.landmarks, player.now)
    counts[AFTER] = judge(maps.landmarks, maps.consolidation, home, things)
    counts[UNGATED] = judge(copy.landmarks, blind, home, things)
    return counts


def explore(player: Player, seconds: float) -> None:
    """Drive through the home until all is seen or the time is over."""
    executive = player.brain.executive
    player.brain.say("explore", player.now)
    run_loop(
        player.brain,
        player.body,
        duration_s=seconds,
        until=lambda: bool(executive.finished),
    )


def rest(consolidation: Consolidation, landmarks: LandmarkMap, t: float) -> None:
    """Stand still until everything was tried."""
    steps = round(consolidation.config.idle_s / STEP_S) + 2 * len(landmarks.tracks) + 9
    for k in range(steps):
        for _ in consolidation.step(t + STEP_S * k, True, landmarks):
            pass


def judge(
    landmarks: LandmarkMap, consolidation: Consolidation, home: HomeSpec, things: Array
) -> Count:
    """Count landmarks against the truth."""
    tracks = list(landmarks.tracks.values())
    told = [track for track in tracks if track.told]
    owners = [_thing_of(track, home, things) for track in told]
    owned = Counter(owner for owner in owners if owner is not None)
    seen, total = consolidation.sightings.recall(tracks, _names(tracks))
    return Count(
        found=len(owned) / len(home.objects),
        duplicates=sum(owned.values()) - len(owned),
        ghosts=len(told) - sum(owned.values()),
        tracks=len(tracks),
        recall=seen / max(total, 1),
    )


def summarise(counts: dict[str, list[Count]]) -> list[Metric]:
    """After the rest, against before and against no gate."""
    metrics = []
    for text, field, unit in (
        ("duplicates in a home", "duplicates", ""),
        ("things found, of all", "found", ""),
        ("ghosts in a home", "ghosts", ""),
        ("landmarks with unconfirmed ones", "tracks", ""),
        ("recall of what was seen lately", "recall", ""),
    ):
        values = {k: [getattr(c, field) for c in v] for k, v in counts.items()}
        metrics.append(
            mean_metric(
                text,
                values[AFTER],
                unit,
                baseline={k: float(np.mean(values[k])) for k in (BEFORE, UNGATED)},
            )
        )
    pairs = zip(counts[AFTER], counts[BEFORE], strict=True)
    lost = [before.found - after.found for after, before in pairs]
    return [*metrics, mean_metric("things lost by the rest", lost, "", goal="<= 0")]


def _thing_of(track: Track, home: HomeSpec, things: Array) -> int | None:
    """The nearest thing of that name at that place, or None."""
    best, least = None, np.inf
    for k, thing in enumerate(home.objects):
        gap = float(np.hypot(*(things[k] - track.center[:2])))
        reach = REACH_M + 0.5 * max(thing.size[:2])
        if thing.category == track.category and gap < min(reach, least):
            best, least = k, gap
    return best


def _centers(home: HomeSpec) -> Array:
    return np.array([thing.position[:2] for thing in home.objects], dtype=np.float64)


def _names(tracks: Iterable[Track]) -> set[str]:
    return {track.category for track in tracks}
