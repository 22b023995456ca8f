"""Bad input by the hundred thousand: does one command leave its limits?

Every sequence spoils what the fast loop gets: not-a-number, infinite, denormal and
huge values in states and targets, time that stands or jumps, floods of targets and
scans, objects of a wrong kind, e-stops and resets at random. Each command must be
finite and inside the limits of effort, effort rate, speed and acceleration, and each
change of level must be logged with its cause. The baseline gets the same states and
targets: a joint controller with clipped outputs, which is what a careful person writes
first.

The arm really moves (`fuzz_arm.py`): it follows random targets between and during the
disturbances, and its true joints must stay within their limits of position and speed,
and, in half of the lives, behind a plane. The baseline moves an arm of its own from the
same state.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import beta
from tqdm import tqdm

from neural_brain.benchmarks.fuzz_arm import Arm, Moving
from neural_brain.benchmarks.fuzz_clipped import Clipped
from neural_brain.benchmarks.fuzz_life import draw_life
from neural_brain.benchmarks.fuzz_line import (
    TARGETS,
    Line,
    disturb,
    faults,
    poisoned,
)
from neural_brain.benchmarks.fuzz_script import Event, script
from neural_brain.benchmarks.result import Metric, table, write_result
from neural_brain.models.signals import (
    ReflexLevel,
)

HELP = "fast loop: limits kept under bad input, against a clipped controller"
SEED = 4300
PER_LIFE = 25
"""Sequences of one arm, one after the other, unless it is misled before."""
ONWARD = 0.15
"""Share of the sequences that go on at HOLD or above, instead of a loop begun anew."""
CALM_TICKS = 40
CHUNK = 500
NAMES = (
    "not finite", "effort", "twist", "effort rate", "acceleration",
    "joint position", "joint speed", "plane",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """How far the arm went: least way to a limit, fastest joint, deepest in a margin.

    The speed is a share of the joint's limit; a gap is 0 at the edge of the margin.
    """

    room_rad: float = math.inf
    speed_share: float = 0.0
    gap_m: float = math.inf

    def widened(self, other: Extremes) -> Extremes:
        """The worse of two in each."""
        return Extremes(
            room_rad=min(self.room_rad, other.room_rad),
            speed_share=max(self.speed_share, other.speed_share),
            gap_m=min(self.gap_m, other.gap_m),
        )


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
    far = Extremes()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, args.jobs), mp_context=spawn) as pool:
        done = tqdm(pool.map(play, seeds), total=chunks, desc="500 sequences")
        for count, extremes in done:
            total += count
            far = far.widened(extremes)
    metrics = summarise(total, chunks * CHUNK)
    print(table(metrics))
    levels = {level.name: total[f"level {level.name}"] for level in ReflexLevel}
    path = write_result(
        "reflex-fuzz",
        metrics,
        seeds=[seeds[0], seeds[-1]],
        out=args.out,
        notes={
            "ticks": total["ticks"],
            "ticks at each level": levels,
            "share of ticks in which the arm's motion is checked": (
                total["watched"] / max(total["ticks"], 1)
            ),
            **asdict(far),
        },
    )
    print(f"\n{total['ticks']} ticks, {levels}, {far}\nWritten to {path}")
    return metrics


def play(seed: int) -> tuple[Counter[str], Extremes]:
    """Sequences of one seed; counts of sequences with a fault, of ticks and levels."""
    far = Extremes()
    rng = np.random.default_rng(seed)
    count: Counter[str] = Counter()
    line = begin(rng)
    for number in range(CHUNK):
        if line.arm.lied or number % PER_LIFE == 0:
            line = begin(rng)
        elif line.fast.level >= ReflexLevel.HOLD and rng.random() >= ONWARD:
            line = Moving(line.life, line.arm, rng)
        line.fast.reset()
        line.points = np.zeros((0, 2))
        line.arm.begin()
        first = line.ticks
        for _ in range(CALM_TICKS if first == 0 else 0):
            line.tick()
        moved = max(line.ticks, 1)
        bad, bad_plain = spoil(line, Clipped(line), script(rng))
        bad.update(_unlogged(line, moved))
        count.update(bad)
        count.update(f"plain {name}" for name in bad_plain)
        count.update(any=bool(bad), plain_any=bool(bad_plain), ticks=line.ticks - first)
        count.update(f"level {level.name}" for level in line.levels[first:])
        count.update(watched=line.arm.watched)
        far = far.widened(
            Extremes(
                room_rad=line.arm.room_rad,
                speed_share=line.arm.speed_share,
                gap_m=line.arm.gap_m,
            )
        )
    return count, far


def begin(rng: np.random.Generator) -> Moving:
    """A new arm and a loop in front of it."""
    life = draw_life(rng)
    return Moving(life, Arm(life, life.q, life.dq), rng)


def spoil(
    line: Moving, plain: Clipped, events: list[Event]
) -> tuple[set[str], set[str]]:
    """Play one sequence; what went wrong in the loop and in the baseline."""
    bad: set[str] = set()
    bad_plain: set[str] = set()
    for event in events:
        target = line.target()
        if event.kind == "target":
            target = poisoned(target, TARGETS, event.name, event.index, event.poison)
        for _ in range(event.ticks):
            last, honest = line.commands[-1], line.honest
            body = disturb(line, event.kind, event.name, event.index, event.poison)
            bad.update(faults(line.tick(body), last))
            before = plain.last
            bad_plain.update(faults(plain.tick(body, target, honest), before))
            if event.kind == "flood":
                break
    return bad | line.arm.faults, bad_plain | plain.arm.faults


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
