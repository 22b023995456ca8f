"""Which floor is it? Scans of some homes laid onto the maps of all of them.

Every home stands for one storey of a building. A robot without a camera explores it for
a while; scans from its way are then laid onto all maps, as `FloorSearch` does when the
robot is lost. The baseline in the same run accepts what would pass as an ordinary scan
of a robot that knows where it is.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace

import numpy as np

from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.geometry import Array
from neural_brain.models.maps import MapsConfig, OccupancyGrid
from neural_brain.models.memory.floor_search import lay, scan_hits
from neural_brain.models.sensing import NoDetector
from neural_brain.models.signals import Observation
from neural_brain.robots import MujocoBody, MujocoBodyConfig, arm_dynamics
from neural_brain.robots.gliding_body import GlidingBody, coarse
from neural_brain.robots.loop import run as run_brain
from neural_brain.sim.homes import generate_home
from neural_brain.sim.scene import build_spec
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation

HELP = "which floor a lost robot is on: scans laid onto the maps of all floors"
FIRST_SEED, WARM_UP_S = 10_100, 5.0
RIGHT_M = 0.3
OURS, LOOSE = "ours", "fit of an ordinary scan"


@dataclass(frozen=True, kw_only=True)
class Storey:
    """A map, and scans (hits (n, 2) [m], pose (3,) when taken) from the way there."""

    grid: OccupancyGrid
    scans: tuple[tuple[Array, Array], ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=8, help="storeys")
    parser.add_argument("--seconds", type=float, default=45.0, help="exploring each")
    parser.add_argument("--scans", type=int, default=6, help="looked up of each")


def run(args: argparse.Namespace) -> list[Metric]:
    """Map, lay, print and write the result."""
    seeds = range(FIRST_SEED, FIRST_SEED + max(args.homes, 2))
    storeys = [explore(seed, args.seconds, args.scans) for seed in seeds]
    config = MapsConfig()
    c = config.localiser
    loose = replace(c, agree_found=c.agree, crossing_found=1.0)
    rules = {OURS: config, LOOSE: replace(config, localiser=loose)}
    started, looks = time.process_time(), 0
    found = {}
    for name, rule in rules.items():
        found[name] = [look_up(storeys, k, rule) for k in range(len(storeys))]
        looks += sum(len(storey.scans) for storey in storeys) * len(storeys)
    cost_ms = 1e3 * (time.process_time() - started) / looks
    metrics = [
        _metric("scans found on their own floor, to 0.3 m", found, 0),
        _metric("other floors that a scan fits", found, 1),
        _metric("scans that fit no other floor and their own", found, 2),
        mean_metric("CPU time of a look at one floor", [cost_ms], "ms"),
    ]
    print(table(metrics))
    notes = {"not comparable": "scans come from the way on which the map was made"}
    path = write_result("nav-floors", metrics, seeds=seeds, out=args.out, notes=notes)
    print(f"\nWritten to {path}")
    return metrics


def explore(seed: int, seconds: float, count: int) -> Storey:
    """Map a home for some simulated seconds."""
    spec = build_spec(generate_home(seed), "mobile_manipulator")
    sensors = SensorsConfig(camera_on=False)
    body = GlidingBody(
        Simulation(spec.compile()), MujocoBodyConfig(sensors=sensors), seed=seed
    )
    brain = Brain(coarse(BrainConfig()), body.limits, arm_dynamics, NoDetector())
    scans: list[tuple[Array, Array]] = []

    def keep(brain: Brain, body: MujocoBody, observation: Observation) -> None:
        scan = observation.scan
        if scan is not None and scan.stamp > WARM_UP_S:
            scans.append((scan_hits(scan, brain.config.maps), brain.maps.last_pose))

    brain.say("explore", 0.0)
    run_brain(brain, body, duration_s=seconds, observers=[keep])
    body.close()
    picked = np.linspace(0, len(scans) - 1, count).astype(int)
    return Storey(grid=brain.maps.grid, scans=tuple(scans[k] for k in picked))


def look_up(
    storeys: list[Storey], number: int, config: MapsConfig
) -> tuple[float, float, float]:
    """Shares over the scans of one storey: found right, other floors, decided right."""
    own, others, decided = [], [], []
    for points, pose in storeys[number].scans:
        poses = [lay(storey.grid, points, config) for storey in storeys]
        here = poses.pop(number)
        own.append(here is not None and np.hypot(*(here - pose)[:2]) < RIGHT_M)
        others += [other is not None for other in poses]
        decided.append(own[-1] and not any(other is not None for other in poses))
    return float(np.mean(own)), float(np.mean(others)), float(np.mean(decided))


def _metric(
    name: str, found: dict[str, list[tuple[float, float, float]]], column: int
) -> Metric:
    """Mean over storeys, with the baseline's."""
    shares = {rule: [row[column] for row in rows] for rule, rows in found.items()}
    return mean_metric(
        name, shares[OURS], "", baseline={LOOSE: float(np.mean(shares[LOOSE]))}
    )
