"""How long after a `kill -9` the robot holds, whichever side was killed.

The bridge, the fast process and the side that commands it run as they do on a robot
(`nodes/kill_drill.py`), with the ordinary time limits; only the robot is made up. After
the death of the fast process the bridge must tell the robot to stand, after the death
of the commanding side the reflex must go to HOLD. There is nothing to compare with: a
forward controller goes on with its last command for ever.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.result import (
    Metric,
    percentile_interval,
    table,
    write_result,
)
from neural_brain.models.errors import SimulationError

HELP = "time from kill -9 of either side to HOLD"
DRILL = "neural_brain.nodes.kill_drill"
SIDES = ("fast process", "commanding side")
GOAL_MS = 150.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--kills", type=int, default=40, help="of each side")


def run(args: argparse.Namespace) -> list[Metric]:
    """Kill, print and write the result."""
    times = drill(max(1, args.kills))
    metrics = [
        metric
        for side in SIDES
        for metric in (
            _metric(f"{side} killed: to HOLD, median", times[side], 50.0),
            _metric(f"{side} killed: to HOLD, longest", times[side], 100.0),
        )
    ]
    print(table(metrics))
    path = write_result("reflex-kill", metrics, seeds=[], out=args.out)
    print(f"\nWritten to {path}")
    return metrics


def drill(kills: int) -> dict[str, list[float]]:
    """Milliseconds to HOLD of every kill, by the side that was killed.

    Raises:
        SimulationError: if the drill ended before its time.
    """
    times: dict[str, list[float]] = {side: [] for side in SIDES}
    command = [sys.executable, "-m", DRILL, "--kills", str(kills)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in tqdm(process.stdout or (), total=2 * kills, desc="kills"):
            found = json.loads(line)
            times[found["killed"]].append(1e3 * float(found["hold_s"]))
    if process.returncode != 0:
        raise SimulationError(
            f"`python -m {DRILL}` ended with {process.returncode}; expected 0. What it "
            'printed says why. It needs ROS: pip install "neural_brain[ros]".'
        )
    return times


def _metric(name: str, values: list[float], percentile: float) -> Metric:
    """A percentile with its bootstrap interval; the longest has a goal."""
    found = np.array(values)
    low, high = percentile_interval(found, percentile)
    return Metric(
        name=name,
        value=float(np.percentile(found, percentile)),
        low=low,
        high=high,
        unit="ms",
        n=len(found),
        goal=f"<= {GOAL_MS:g}" if percentile == 100.0 else "",
    )
