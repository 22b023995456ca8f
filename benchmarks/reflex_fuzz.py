"""Bad input by the hundred thousand: does one command leave its limits?

Every sequence spoils what the fast loop gets: not-a-number, infinite, denormal and
huge values in states and targets, time that stands or jumps, floods of targets and
scans, objects of a wrong kind, e-stops and resets at random. Each command must be
finite and inside the limits of effort, effort rate, speed and acceleration, and each
change of level must be logged with its cause. The baseline gets the same states and
targets: a joint controller with clipped outputs, which is what a careful person writes
first.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta
from tqdm import tqdm

from neural_brain.benchmarks.fuzz_line import (
    DT,
    KINDS,
    LIMITS,
    POISON,
    TARGETS,
    Line,
    disturb,
    faults,
    poisoned,
)
from neural_brain.benchmarks.result import Metric, table, write_result
from neural_brain.models.signals import (
    BodyCommand,
    BodyState,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.sim.robots import panda

HELP = "fast loop: limits kept under bad input, against a clipped controller"
SEED = 4300
PER_LINE = 4
"""Sequences that one loop gets, one after the other."""
CALM_TICKS = 40
CHUNK = 500
NAMES = ("not finite", "effort", "twist", "effort rate", "acceleration")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One disturbance and for how many ticks it lasts; see `fuzz_line.disturb`."""

    kind: str
    name: int
    index: int
    poison: float
    ticks: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument(
        "--sequences", type=int, default=100_000, help="sequences of bad input"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")


def run(args: argparse.Namespace) -> list[Metric]:
    """Spoil, count, print and write the result."""
    chunks = max(1, args.sequences // CHUNK)
    seeds = [SEED + i for i in range(chunks)]
    total: Counter[str] = Counter()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, args.jobs), mp_context=spawn) as pool:
        for found in tqdm(pool.map(play, seeds), total=chunks, desc="500 sequences"):
            total += found
    metrics = summarise(total, chunks * CHUNK)
    print(table(metrics))
    levels = {level.name: total[f"level {level.name}"] for level in ReflexLevel}
    path = write_result(
        "reflex-fuzz",
        metrics,
        seeds=[seeds[0], seeds[-1]],
        out=args.out,
        notes={"ticks": total["ticks"], "ticks at each level": levels},
    )
    print(f"\n{total['ticks']} ticks, {levels}\nWritten to {path}")
    return metrics


def script(rng: np.random.Generator) -> list[Event]:
    """A random sequence of 3 to 10 disturbances."""
    return [
        Event(
            kind=KINDS[rng.integers(len(KINDS))],
            name=int(rng.integers(6)),
            index=int(rng.integers(36)),
            poison=POISON[rng.integers(len(POISON))],
            ticks=int(rng.integers(1, 9)),
        )
        for _ in range(int(rng.integers(3, 11)))
    ]


def play(seed: int) -> Counter[str]:
    """Sequences of one seed; counts of sequences with a fault, of ticks and levels."""
    rng = np.random.default_rng(seed)
    count: Counter[str] = Counter()
    line, plain = Line(), Clipped()
    for number in range(CHUNK):
        if number % PER_LINE == 0:
            line, plain = Line(), Clipped()
        line.fast.reset()
        for _ in range(CALM_TICKS):
            line.tick()
        first = line.ticks
        bad, bad_plain = spoil(line, plain, script(rng))
        bad.update(_unlogged(line, first))
        count.update(bad)
        count.update(f"plain {name}" for name in bad_plain)
        count.update(any=bool(bad), plain_any=bool(bad_plain), ticks=line.ticks - first)
        count.update(f"level {level.name}" for level in line.levels[first:])
    return count


def spoil(line: Line, plain: Clipped, events: list[Event]) -> tuple[set[str], set[str]]:
    """Play one sequence; what went wrong in the loop and in the baseline."""
    bad: set[str] = set()
    bad_plain: set[str] = set()
    for event in events:
        for _ in range(event.ticks):
            last = line.commands[-1]
            body = disturb(line, event.kind, event.name, event.index, event.poison)
            target = line.target()
            if event.kind == "target":
                target = poisoned(
                    target, TARGETS, event.name, event.index, event.poison
                )
            bad.update(faults(line.tick(body), last))
            if isinstance(body, BodyState):
                before = plain.last
                bad_plain.update(faults(plain.tick(body, target), before))
            if event.kind == "flood":
                break
    return bad, bad_plain


class Clipped:
    """A PD controller of the joints whose outputs are clipped to the limits.

    Attributes:
        last: its last command, None before the first.
    """

    def __init__(self) -> None:
        self.last: BodyCommand | None = None

    def tick(self, body: BodyState, target: MotionTarget) -> BodyCommand:
        """A command for a state and a target; both are believed."""
        with np.errstate(all="ignore"):
            effort = 200.0 * (target.q_target - body.q) - 20.0 * body.dq
            effort = np.clip(effort, -panda.EFFORT_MAX, panda.EFFORT_MAX)
            twist = np.clip(target.twist_base, -LIMITS.twist_max, LIMITS.twist_max)
            if self.last is not None:
                step = panda.EFFORT_RATE_MAX * DT
                effort = self.last.effort + np.clip(
                    effort - self.last.effort, -step, step
                )
                jump = LIMITS.accel_max * DT
                twist = self.last.twist_base + np.clip(
                    twist - self.last.twist_base, -jump, jump
                )
        self.last = BodyCommand(
            stamp=body.stamp,
            effort=effort,
            twist_base=twist,
            head=target.head,
            gripper_m=target.gripper_m,
        )
        return self.last


def _unlogged(line: Line, first: int) -> set[str]:
    """Whether a change of level since tick `first` has no event with a cause."""
    logged = {event.tick: event for event in line.events}
    for tick in range(first, line.ticks):
        if line.levels[tick] is not line.levels[tick - 1]:
            event = logged.get(tick + 1)
            if event is None or event.level != line.levels[tick] or not event.cause:
                return {"change without cause"}
    return set()


def summarise(count: Counter[str], sequences: int) -> list[Metric]:
    """Sequences with each fault, with the exact 95 % interval of their share."""
    rows = [("any fault", count["any"], count["plain_any"])]
    rows += [(name, count[name], count[f"plain {name}"]) for name in NAMES]
    found = []
    for name, bad, plain in rows:
        low, high = _interval(bad, sequences)
        found.append(
            Metric(
                name=f"sequences with a fault: {name}",
                value=float(bad),
                low=low,
                high=high,
                unit="",
                n=sequences,
                baseline={"clipped joint controller": float(plain)},
                goal="== 0",
            )
        )
    lost = count["change without cause"]
    low, high = _interval(lost, sequences)
    return [
        *found,
        Metric(
            name="sequences with a change of level without its cause",
            value=float(lost),
            low=low,
            high=high,
            unit="",
            n=sequences,
            goal="== 0",
        ),
    ]


def _interval(bad: int, sequences: int) -> tuple[float, float]:
    """Clopper-Pearson interval (95 %) of a count."""
    low = 0.0 if bad == 0 else float(beta.ppf(0.025, bad, sequences - bad + 1))
    high = 1.0
    if bad < sequences:
        high = float(beta.ppf(0.975, bad + 1, sequences - bad))
    return low * sequences, high * sequences
