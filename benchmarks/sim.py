"""What the simulated body costs: CPU time of a tick, a scan, a frame, the arm's terms.

A tick is read, write and advance of the mobile manipulator that drives through a
generated home of many rooms. Times are CPU times of the process, so that other programs
on the machine disturb them little; there is no baseline in another simulator here.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.signals import BodyCommand
from neural_brain.robots import MujocoArm, MujocoBody, arm_dynamics, make_home_body
from neural_brain.sim.homes import seed_ranges
from neural_brain.sim.robots import STOWED

HELP = "simulated body: CPU time of ticks, scans and frames"
CHUNK = 200
STIFFNESS, DAMPING = 150.0, 25.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=4, help="number of homes")
    parser.add_argument("--seconds", type=float, default=4.0, help="a home [s]")


def run(args: argparse.Namespace) -> list[Metric]:
    """Measure, print and write the result."""
    seeds = list(seed_ranges()["tune"][: args.homes])
    samples: dict[str, list[float]] = {}
    for seed in seeds:
        body = make_home_body(seed)
        for name, values in measure(body, args.seconds).items():
            samples.setdefault(name, []).extend(values)
        body.close()
    goals = {"tick": "<= 120", "arm dynamics": "<= 15"}
    metrics = [
        mean_metric(name, values, "us", goal=goals.get(name, ""))
        for name, values in samples.items()
    ]
    print(table(metrics))
    path = write_result("sim", metrics, seeds=seeds, out=args.out)
    print(f"\nWritten to {path}")
    return metrics


def measure(body: MujocoBody, seconds: float) -> dict[str, list[float]]:
    """CPU times [us] of every part, one value per chunk of calls."""
    arm = arm_dynamics()
    sensors, zero = body.sensors, np.zeros(7)
    commands = [hold(body, arm, (0.0, 0.3))]

    def tick() -> None:
        body.read()
        body.write(commands[0])
        body.advance()

    times: dict[str, list[float]] = {"tick": []}
    for _ in range(max(1, round(1000.0 * seconds / CHUNK))):
        commands[0] = hold(body, arm, (0.2, 0.3))
        times["tick"].append(cpu_us(tick, CHUNK))
    sensors.camera.measure(0.0)  # makes the OpenGL context
    parts: tuple[tuple[str, int, Callable[[], object]], ...] = (
        ("read alone", CHUNK, body.read),
        ("arm dynamics", CHUNK, lambda: arm.update(STOWED, zero)),
        ("lidar scan", 10, lambda: sensors.lidar.measure(0.0)),
        ("RGB-D frame", 5, lambda: sensors.camera.measure(0.0)),
    )
    for name, count, call in parts:
        times[name] = [cpu_us(call, count) for _ in range(5)]
    return times


def hold(body: MujocoBody, arm: MujocoArm, twist: tuple[float, float]) -> BodyCommand:
    """Hold the arm stowed and drive."""
    state = body.read()
    arm.update(state.q, state.dq)
    effort = arm.bias + STIFFNESS * (STOWED - state.q) - DAMPING * state.dq
    return BodyCommand(
        stamp=state.stamp,
        effort=effort,
        twist_base=np.array(twist),
        head=np.zeros(2),
        gripper_m=0.0,
    )


def cpu_us(call: Callable[[], object], times: int) -> float:
    """Mean CPU time of a call [us]; of the whole process, drawing threads included."""
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times * 1e6
