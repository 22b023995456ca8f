"""Unexpected contacts of the moving arm: peak force, time over the limit, reaction.

Speed, direction, stiffness of the contact, payload and latency of the force sensor are
drawn at random. Every contact is run with our fast loop, with a fixed threshold that
freezes the arm (20 N, the default of a common driver, and 100 N, what many users set),
and without a reflex; all move the same arm with the same impedance. Ours moves slower
where the arm is heavy, the others have one speed limit, and so has `ours, plain speed`.
One curve sweeps the threshold: a low one trips in free motion, a high one lets forces
rise. The other sweeps the stiffness that the speed limit reckons with.
"""

from __future__ import annotations

import argparse
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neural_brain.benchmarks.impact_rig import (
    PLAIN,
    SETTLE_TICKS,
    Controller,
    Frozen,
    Guarded,
    Impact,
    Outcome,
    build_body,
    strike,
)
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import ForceConfig
from neural_brain.models.reflex.force import ForceReflex
from neural_brain.models.signals import BodyLimits, ReflexLevel
from neural_brain.sim.physics import TICK_S

HELP = "arm reflex: peak force of unexpected contacts against fixed thresholds"
SEEDS = 10
FIRST_SEED = 4000
LIMIT_N = ForceConfig().limit_n
OURS_N = ForceConfig().collision_n
PRACTICE_N, LOOSE_N = 20.0, 100.0
CURVE_N = (8.0, 15.0, 25.0, 40.0, 60.0)
CURVE_N_M = (0.0, 2e4, 5e4, 7e4, 1e5, 2e5)
_SAFE = {
    "safe": (f"below {LIMIT_N:.0f} N", ".3f"),
    "peak_n": ("mean peak", ".1f N"),
}
THRESHOLDS = {
    "threshold_n": ("threshold", ".0f N"),
    "reflex": ("reflex", "s"),
    **_SAFE,
    "success": ("free motions", ".3f"),
}
SPEEDS = {
    "stiffness_n_m": ("reckoned stiffness", ".0f N/m"),
    **_SAFE,
    "free_motion_s": ("free motion", ".2f s"),
}
Maker = Callable[[BodyLimits, float, float], Controller]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--contacts", type=int, default=200, help="up to 1000")
    parser.add_argument("--curve", type=int, default=40, help="contacts a threshold")


def run(args: argparse.Namespace) -> list[Metric]:
    """Hit things, print and write the result."""
    count = min(max(args.contacts, SEEDS), 1000)
    impacts = draw(count)
    hits = {
        "ours": outcomes(impacts, Guarded, OURS_N),
        "ours, plain speed": outcomes(impacts, _with(PLAIN), OURS_N),
        f"freeze at {PRACTICE_N:.0f} N": outcomes(impacts, Frozen, PRACTICE_N),
        f"freeze at {LOOSE_N:.0f} N": outcomes(impacts, Frozen, LOOSE_N),
        "no reflex": outcomes(impacts, Frozen, math.inf),
    }
    few = impacts[: max(args.curve, 1)]
    free = outcomes([replace(i, gap_m=math.inf) for i in few], Frozen, math.inf)
    metrics = force_metrics(hits)
    both = hits["ours"] + hits["ours, plain speed"]
    speeds = speed_curve(few)
    metrics += [reaction_metric(both), free_metric(free), time_metric(few)]
    print(table(metrics))
    rows = curve(few, free)
    print_curve(rows, THRESHOLDS)
    print_curve(speeds, SPEEDS)
    notes = {
        "curve": rows,
        "speed_curve": speeds,
        "about": "impedance and asked motion are the same for all; latency is that of "
        "the force sensor; simulated contacts, no safety claim for a real arm",
    }
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    path = write_result(
        "reflex-impact", metrics, seeds=seeds, out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return metrics


def draw(count: int) -> list[Impact]:
    """Random contacts, an equal number from every seed, in mixed order."""
    streams = [np.random.default_rng(FIRST_SEED + i) for i in range(SEEDS)]
    found = []
    for number in range(count):
        rng = streams[number % SEEDS]
        direction = rng.standard_normal(3)
        found.append(
            Impact(
                direction=direction / np.linalg.norm(direction),
                speed_m_s=float(rng.uniform(0.05, 0.22)),
                gap_m=float(rng.uniform(0.03, 0.1)),
                stiffness_n_m=float(10.0 ** rng.uniform(3.0, 5.0)),
                payload_kg=float(rng.uniform(0.0, 3.0)),
                latency_s=TICK_S * int(rng.integers(0, 21)),
                seed=number,
            )
        )
    return found


def outcomes(
    impacts: Sequence[Impact], maker: Maker, threshold_n: float
) -> list[Outcome]:
    """Run every contact with a fresh controller."""
    found = []
    for impact in impacts:
        body = build_body(impact)
        controller = maker(body.limits, impact.payload_kg, threshold_n)
        found.append(strike(body, controller, impact))
        body.close()
    return found


def _with(impedance: ImpedanceConfig) -> Maker:
    """Our fast loop with another speed limit."""
    return functools.partial(Guarded, impedance=impedance)


def force_metrics(hits: dict[str, list[Outcome]]) -> list[Metric]:
    """Peak, share below the limit and time over it, ours beside the baselines."""
    peak = {name: [o.force_n.max() for o in found] for name, found in hits.items()}
    safe = {name: [float(p <= LIMIT_N) for p in found] for name, found in peak.items()}
    over = {
        name: [1e3 * TICK_S * float((o.force_n > LIMIT_N).sum()) for o in found]
        for name, found in hits.items()
    }
    freeze = f"freeze at {PRACTICE_N:.0f} N"

    def row(title: str, data: dict[str, Any], unit: str, goal: str) -> Metric:
        others = {k: float(np.mean(v)) for k, v in data.items() if k != "ours"}
        return mean_metric(title, data["ours"], unit, goal=goal, baseline=others)

    return [
        row("peak force", peak, "N", f"< {np.mean(peak[freeze]):.3f}"),
        row(f"contacts below {LIMIT_N:.0f} N", safe, "", ">= 0.99"),
        row("time over the limit", over, "ms", f"<= {np.mean(over[freeze]):.3f}"),
    ]


def reaction_metric(found: Sequence[Outcome]) -> Metric:
    """Ticks from the first measured force above the threshold to the reaction."""
    ticks = []
    for outcome in found:
        force = np.linalg.norm(outcome.wrench[:, :3], axis=1)
        above = np.flatnonzero(force > OURS_N)
        if above.size:
            acted = len(force) if outcome.acted is None else outcome.acted
            ticks.append(acted - int(above[0]) + 1)
    values = np.array(ticks or [0], dtype=float)
    rng = np.random.default_rng(0)
    picks = values[rng.integers(0, len(values), (2000, len(values)))]
    low, high = np.percentile(np.percentile(picks, 99.9, axis=1), [2.5, 97.5])
    return Metric(
        name="reaction to the measured force, p99.9",
        value=float(np.percentile(values, 99.9)),
        low=float(low),
        high=float(high),
        unit="ticks",
        n=len(ticks),
        goal="<= 2",
    )


def free_metric(free: Sequence[Outcome]) -> Metric:
    """Share of motions without a contact that no reflex interrupts."""
    return mean_metric(
        "free motions not interrupted",
        [float(not trips(o, OURS_N)) for o in free],
        "",
        goal=">= 0.95",
        baseline={
            f"freeze at {n:.0f} N": float(np.mean([_force(o).max() <= n for o in free]))
            for n in (PRACTICE_N, LOOSE_N)
        },
    )


def time_metric(few: Sequence[Impact]) -> Metric:
    """What the lower speed costs: time of the same motions with nothing in the way.

    Of those that get there either way; a stiff pose may end a little short.
    """
    ours, plain = _free_s(few, Guarded), _free_s(few, _with(PLAIN))
    both = np.isfinite(ours) & np.isfinite(plain)
    return mean_metric(
        "time of a free motion of 0.2 m",
        ours[both],
        "s",
        baseline={"ours, plain speed": float(np.mean(plain[both]))},
    )


def _free_s(few: Sequence[Impact], maker: Maker) -> Array:
    """Times (n,) [s], NaN where a motion ends short."""
    free = [replace(impact, gap_m=math.inf) for impact in few]
    return np.array([o.arrived_s for o in outcomes(free, maker, OURS_N)])


def speed_curve(few: Sequence[Impact]) -> list[dict[str, float]]:
    """Safety and time by the stiffness that the speed limit reckons with."""
    rows = []
    for stiffness_n_m in CURVE_N_M:
        maker = _with(ImpedanceConfig(impact_stiffness_n_m=stiffness_n_m))
        peaks = [o.force_n.max() for o in outcomes(few, maker, OURS_N)]
        rows.append(
            {
                "stiffness_n_m": stiffness_n_m,
                "safe": float(np.mean(np.array(peaks) <= LIMIT_N)),
                "peak_n": float(np.mean(peaks)),
                "free_motion_s": float(np.nanmean(_free_s(few, maker))),
                "n": len(few),
            }
        )
    return rows


def trips(outcome: Outcome, threshold_n: float) -> bool:
    """Whether our rule interrupts a motion with these measured wrenches."""
    rule = ForceReflex(replace(ForceConfig(), collision_n=threshold_n), TICK_S)
    levels = [rule.judge(wrench, contact=False).level for wrench in outcome.wrench]
    return max(levels) > ReflexLevel.NOMINAL


def curve(few: Sequence[Impact], free: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Safety (contacts below the limit) and success (free motions) a threshold."""
    rows = []
    for threshold_n in CURVE_N:
        for name, maker in (("ours", Guarded), ("freeze", Frozen)):
            peaks = [o.force_n.max() for o in outcomes(few, maker, threshold_n)]
            if name == "ours":
                success = [not trips(o, threshold_n) for o in free]
            else:
                success = [_force(o).max() <= threshold_n for o in free]
            rows.append(
                {
                    "reflex": name,
                    "threshold_n": threshold_n,
                    "safe": float(np.mean(np.array(peaks) <= LIMIT_N)),
                    "success": float(np.mean(success)),
                    "peak_n": float(np.mean(peaks)),
                    "n": len(few),
                }
            )
    return rows


def print_curve(
    rows: Sequence[dict[str, Any]], columns: dict[str, tuple[str, str]]
) -> None:
    """A curve as text, one line a row.

    Args:
        rows: its points.
        columns: key of a value -> title and format, such as "8.1f" or "8.1f N".
    """
    lines = [[title for title, _ in columns.values()]]
    for row in rows:
        cells = []
        for key, (_, style) in columns.items():
            number, _, unit = style.partition(" ")
            cells.append(f"{row[key]:{number}} {unit}".strip())
        lines.append(cells)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    print()
    for cells in lines:
        print("  ".join(c.rjust(w) for c, w in zip(cells, widths, strict=True)))


def _force(outcome: Outcome) -> Array:
    """Measured force (t,) [N] from the start of the motion on."""
    return np.asarray(np.linalg.norm(outcome.wrench[SETTLE_TICKS:, :3], axis=1))
