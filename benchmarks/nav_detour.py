"""A door that lets the base through slowly, uphill or not at all, as no lidar shows.

In generated homes with a way around, the robot drives there and back between the two
sides of the door that saves most way. The door is free; or it holds a pane that stops
the base; or a floor that slows it, one way. It uses what earlier drives taught (tolls),
or not. Drives are planned and steered as in the product, on a map that is perfect but
for the hidden thing, with an ideal base. At last the pane is taken away: is the door
used again after a while? Then two rooms with two doors and a hill in one of them, which
a noisy IMU feels: what do drives between random spots take? Beside it narrow doors on
noisy grids: is a way found again that was driven?
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from neural_brain.benchmarks.detour_doors import ends, shortcut
from neural_brain.benchmarks.detour_hill import ELECTRONICS_W, spots, two_doors
from neural_brain.benchmarks.detour_world import PaperHome, Trip, in_door
from neural_brain.benchmarks.narrow_doors import Narrow, narrow_doors
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.sim.homes import HomeSpec, generate_home

HELP = "failed and slow passages, hills: with and without learning from drives"
FIRST_HOME, SEED = 10_400, 0
LIMIT_S, REST_S, SLOW = 180.0, 1800.0, 0.08
FREE, PANE, FLOOR, GONE = "free door", "pane", "slow floor", "pane taken away"
HILL = "hill"
Trips = dict[tuple[str, bool], list[Trip]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=10, help="homes with a way around")
    parser.add_argument("--trips", type=int, default=8, help="drives of each kind")
    parser.add_argument("--hills", type=int, default=20, help="pairs of rooms, a hill")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Drive, print and write the result."""
    trips: Trips = {}
    narrow: list[Narrow] = []
    seeds: list[int] = []
    seed = FIRST_HOME
    while len(seeds) < args.homes:
        home = generate_home(seed)
        if shortcut(home) is not None:
            seeds.append(seed)
            drive_home(home, args.trips, trips)
        narrow += narrow_doors(home, np.random.default_rng([SEED, seed]))
        seed += 1
    for seed in range(FIRST_HOME, FIRST_HOME + args.hills):
        drive_hill(seed, args.trips, trips)
    kinds = (FREE, PANE, FLOOR, GONE) if seeds else ()
    metrics = [m for kind in kinds for m in summarise(kind, trips)]
    metrics += summarise_hill(trips) if args.hills else []
    metrics += summarise_narrow(narrow) if narrow else []
    print(table(metrics))
    notes = {
        "homes": "those from the first seed on in which a door can be gone around",
        "hills": f"seeds {FIRST_HOME} to {FIRST_HOME + args.hills - 1}, rooms on paper",
    }
    path = write_result("nav-detour", metrics, seeds=seeds, out=args.out, notes=notes)
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def drive_home(home: HomeSpec, count: int, trips: Trips) -> None:
    """All kinds of doors in one home, with and without learning."""
    door = shortcut(home)
    if door is None:
        raise ValueError("a home without a way around")  # callers check
    for learns in (True, False):
        for kind in (FREE, PANE, FLOOR):
            robot = PaperHome(home, learns)
            robot.hidden = in_door(door)
            robot.hidden.pane = kind == PANE
            robot.hidden.slow = SLOW if kind == FLOOR else 1.0
            _there_and_back(robot, ends(home, door), count, (kind, learns), trips)
            if kind == PANE:
                robot.hidden.pane = False
                robot.rest(REST_S)
                key = (GONE, learns)
                _there_and_back(robot, ends(home, door), 2, key, trips)


def drive_hill(seed: int, count: int, trips: Trips) -> None:
    """From room to room by turns, the ways over the hill dearer or not."""
    home, hill = two_doors(seed)
    goals = spots(seed, hill, count)
    for learns in (True, False):
        robot = PaperHome(home, learns, hill=hill)
        robot.pose = np.array([*goals[0], 0.0])
        trips.setdefault((HILL, learns), []).extend(
            robot.trip(goal, LIMIT_S) for goal in goals[1:]
        )


def _there_and_back(
    robot: PaperHome,
    spots: tuple[np.ndarray, np.ndarray],
    count: int,
    key: tuple[str, bool],
    trips: Trips,
) -> None:
    for k in range(count):
        if k % 2 == 0 and robot.hidden is not None:
            robot.pose = np.array([*spots[0], 0.0])
        trips.setdefault(key, []).append(robot.trip(spots[(k + 1) % 2], LIMIT_S))


def summarise(kind: str, trips: Trips) -> list[Metric]:
    """Arrivals, time and times stuck, against a robot that does not learn."""
    ours, other = trips[kind, True], trips[kind, False]
    metrics = []
    for text, unit, pick in (
        ("arrives", "", lambda trip: float(trip.arrived)),
        ("time of a trip", "s", lambda trip: trip.took_s),
        ("times stuck on a trip", "", lambda trip: float(trip.stuck)),
    ):
        baseline = {"no learning": float(np.mean([pick(trip) for trip in other]))}
        values = [pick(trip) for trip in ours]
        metrics.append(mean_metric(f"{text}, {kind}", values, unit, baseline=baseline))
    return metrics


def summarise_hill(trips: Trips) -> list[Metric]:
    """What trips take, against the same ones of a robot that knows no slopes."""
    ours, other = trips[HILL, True], trips[HILL, False]
    metrics = summarise(HILL, trips)
    for text, unit, pick in (
        ("way of a trip", "m", lambda trip: trip.way_m),
        ("work of the wheels on a trip", "J", lambda trip: trip.work_j),
        (
            f"the same with {ELECTRONICS_W:.0f} W of electronics",
            "J",
            lambda trip: trip.work_j + ELECTRONICS_W * trip.took_s,
        ),
    ):
        values = np.array(
            [[pick(a), pick(b)] for a, b in zip(ours, other, strict=True)]
        )
        baseline = {"no learning": float(values[:, 1].mean())}
        name = f"{text}, {HILL}"
        metrics.append(mean_metric(name, values[:, 0], unit, baseline=baseline))
        saved = values[:, 1] - values[:, 0]
        metrics.append(mean_metric(f"saved: {name}", saved, unit))
    return metrics


def summarise_narrow(narrow: list[Narrow]) -> list[Metric]:
    """How often the way is found, against plans that know no routes."""
    plain = {"no routes": float(np.mean([door.plain for door in narrow]))}
    return [
        mean_metric(
            "way found, narrow door on a noisy grid",
            [float(door.remembered) for door in narrow],
            "",
            baseline=plain,
        ),
        mean_metric(
            "way found, narrow door that is shut",
            [float(door.shut) for door in narrow],
            "",
            goal="<= 0",
        ),
    ]
