"""The watchdog of the arm's contacts against the same contacts without it.

Unexpected ones in free motion, at speeds of up to 0.3 m/s with the impact limit *off*,
so that dangerous ones are among them, and events during an intended press: the surface
gets stiffer, it comes towards the hand, a person pushes from the side or against the
press. Everything is run without a reflex, with two fixed thresholds that freeze the
arm, with the rules of this package, and with rules and watchdog. Motions in the air and
presses after which the hand stays, wipes or withdraws count false trips.
"""

from __future__ import annotations

import argparse
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from tqdm import tqdm

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
from neural_brain.benchmarks.push_rig import (
    EVENTS,
    GAP_M,
    WIPE,
    WITHDRAW,
    Press,
    PressOutcome,
    press,
)
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import ForceConfig, WatchdogConfig
from neural_brain.models.signals import BodyLimits
from neural_brain.sim.physics import TICK_S

HELP = "watchdog of worst force and unexplained wrench against the rules alone"
SEEDS = 10
FIRST_SEED = 4900
LIMIT_N, OURS_N = ForceConfig().limit_n, ForceConfig().collision_n
FELT_N = WatchdogConfig().unexplained_n
QUICK = replace(PLAIN, speed_m_s=0.3)
ON = WatchdogConfig(enabled=True)
OURS, RULES = "rules and watchdog", "rules"
FREEZE_N = (20.0, 100.0)
CALM = ("", WIPE, WITHDRAW)
PEOPLE = ("coming", "side", "against")
Maker = Callable[[BodyLimits, float], Controller]


def _guarded(
    limits: BodyLimits,
    payload_kg: float,
    *,
    watchdog: WatchdogConfig,
    impedance: ImpedanceConfig = QUICK,
) -> Controller:
    return Guarded(limits, payload_kg, OURS_N, impedance, watchdog)


def _frozen(limits: BodyLimits, payload_kg: float, *, threshold_n: float) -> Controller:
    return Frozen(limits, payload_kg, threshold_n, QUICK)


MAKERS: dict[str, Maker] = {
    "no reflex": functools.partial(_frozen, threshold_n=math.inf),
    **{
        f"freeze at {n:.0f} N": functools.partial(_frozen, threshold_n=n)
        for n in FREEZE_N
    },
    RULES: functools.partial(_guarded, watchdog=WatchdogConfig()),
    OURS: functools.partial(_guarded, watchdog=ON),
}
LIMITED = "rules, impact limit"
LIMITERS: dict[str, Maker] = {
    LIMITED: functools.partial(
        _guarded, watchdog=WatchdogConfig(), impedance=ImpedanceConfig()
    ),
    "both": functools.partial(_guarded, watchdog=ON, impedance=ImpedanceConfig()),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument(
        "--episodes",
        type=int,
        default=20,
        help="of each kind; twice as many contacts, half as many presses",
    )


def run(args: argparse.Namespace) -> list[Metric]:
    """Hit, press, print and write the result."""
    count = max(args.episodes, SEEDS)
    impacts = draw_impacts(2 * count)
    presses = [scene for event in EVENTS for scene in draw_presses(count // 2, event)]
    calm = [s for event in CALM for s in draw_presses(count // 2, event)]
    air = [replace(impact, gap_m=math.inf) for impact in impacts[: count // 2]]
    makers = {**MAKERS, LIMITED: LIMITERS[LIMITED]}
    hits = {name: strikes(impacts, make, name) for name, make in makers.items()}
    pushes = {name: pressed(presses, make, name) for name, make in MAKERS.items()}
    names = ("no reflex", RULES, OURS)
    flights = {name: strikes(air, MAKERS[name], "air, " + name) for name in names}
    flights |= {n: strikes(air, make, "air, " + n) for n, make in LIMITERS.items()}
    calms = {name: pressed(calm, MAKERS[name], "calm, " + name) for name in names}
    metrics = [
        *contact_metrics(hits),
        *push_metrics(presses, pushes),
        *calm_metrics(flights, calms),
    ]
    print(table(metrics))
    notes = {
        "about": "impact limit off and 0.3 m/s for all but the row that says so; a "
        "person pushes with a force of 20 to 40 N; surfaces and contacts are ideal "
        "springs; simulated, no safety claim for a real arm",
    }
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    path = write_result(
        "reflex-watchdog", metrics, seeds=seeds, out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return metrics


def _streams(count: int, kind: int) -> list[np.random.Generator]:
    """A stream for every episode, an equal number of each seed."""
    return [
        np.random.default_rng([FIRST_SEED + k % SEEDS, kind, k]) for k in range(count)
    ]


def _impact(rng: np.random.Generator, number: int, speed_m_s: float) -> Impact:
    way = rng.standard_normal(3)
    return Impact(
        direction=way / np.linalg.norm(way),
        speed_m_s=speed_m_s,
        gap_m=float(rng.uniform(0.03, 0.1)),
        stiffness_n_m=float(10.0 ** rng.uniform(3.0, 5.0)),
        payload_kg=float(rng.uniform(0.0, 3.0)),
        latency_s=TICK_S * int(rng.integers(0, 21)),
        seed=number,
    )


def draw_impacts(count: int) -> list[Impact]:
    """Unexpected contacts."""
    return [
        _impact(rng, k, float(rng.uniform(0.05, 0.3)))
        for k, rng in enumerate(_streams(count, 0))
    ]


def draw_presses(count: int, event: str) -> list[Press]:
    """Intended presses in which that happens."""
    kind = 1 + (*CALM, *EVENTS).index(event)
    scenes = []
    for k, rng in enumerate(_streams(count, kind)):
        surface = replace(_impact(rng, k, 0.0), gap_m=GAP_M, contact=True)
        if event in CALM:
            surface = replace(surface, friction=float(rng.uniform(0.0, 0.6)))
        speed = (0.02, 0.1) if event in CALM else (0.05, 0.3)
        scenes.append(
            Press(
                surface=surface,
                press_n=float(rng.uniform(5.0, 28.0)),
                event=event,
                speed_m_s=float(rng.uniform(*speed)),
                force_n=float(rng.uniform(20.0, 40.0)),
                rise_s=float(rng.uniform(0.02, 0.3)),
                angle_rad=float(rng.uniform(0.0, 2.0 * np.pi)),
            )
        )
    return scenes


def strikes(impacts: Sequence[Impact], make: Maker, name: str) -> list[Outcome]:
    """Run every contact with a fresh controller."""
    found = []
    for impact in tqdm(impacts, desc=name):
        body = build_body(impact)
        found.append(strike(body, make(body.limits, impact.payload_kg), impact))
        body.close()
    return found


def pressed(scenes: Sequence[Press], make: Maker, name: str) -> list[PressOutcome]:
    """Run every press with a fresh controller."""
    return [press(make, scene) for scene in tqdm(scenes, desc=name)]


def _row(
    title: str, data: dict[str, list[float]], unit: str, goal: str = ""
) -> Metric | None:
    """Our mean beside the others'; None if there is nothing to average."""
    if not all(data.values()):
        return None
    others = {k: float(np.mean(v)) for k, v in data.items() if k != OURS}
    return mean_metric(title, data[OURS], unit, goal=goal, baseline=others)


def _rows(*found: Metric | None) -> list[Metric]:
    return [metric for metric in found if metric is not None]


def _forces(what: str, found: dict[str, list[Any]]) -> list[Metric]:
    """Two rows about the peaks of each controller; it shall be no worse than rules."""
    peak = {
        name: [float(o.force_n.max()) for o in runs] for name, runs in found.items()
    }
    safe = {
        name: [float(p <= LIMIT_N) for p in values] for name, values in peak.items()
    }
    alone = float(np.mean(safe[RULES]))
    return _rows(
        _row(f"{what}: peak force", peak, "N"),
        _row(f"{what}: below {LIMIT_N:.0f} N", safe, "", f">= {alone:.5g}"),
    )


def contact_metrics(hits: dict[str, list[Outcome]]) -> list[Metric]:
    """Unexpected contacts: forces, warning time, reaction to the measured force."""
    rows = _forces("free motion", hits)
    lead: dict[str, list[float]] = {OURS: [], RULES: []}
    for k, none in enumerate(hits["no reflex"]):
        over = np.flatnonzero(none.force_n > LIMIT_N)
        if over.size:
            for name, values in lead.items():
                first = hits[name][k].warned
                late = len(none.force_n) if first is None else first
                values.append(1e3 * TICK_S * float(int(over[0]) - late))
    ticks = {name: _reactions(hits[name]) for name in (RULES, OURS)}
    return rows + _rows(
        _row("free motion: warning before the limit", lead, "ms", "> 0"),
        *_percentiles("free motion: reaction", ticks),
    )


def _reactions(found: Sequence[Outcome]) -> list[float]:
    """Ticks from the first measured force above the threshold to RETRACT."""
    ticks = []
    for outcome in found:
        force = np.linalg.norm(outcome.wrench[:, :3], axis=1)
        above = np.flatnonzero(force > OURS_N)
        if above.size:
            acted = len(force) if outcome.acted is None else outcome.acted
            ticks.append(float(acted - int(above[0]) + 1))
    return ticks


def push_metrics(
    scenes: Sequence[Press], pushes: dict[str, list[PressOutcome]]
) -> list[Metric]:
    """Events in a press: forces of each kind, and who answered how soon."""
    rows = []
    for event in EVENTS:
        chosen = [k for k, scene in enumerate(scenes) if scene.event == event]
        found = {name: [runs[k] for k in chosen] for name, runs in pushes.items()}
        rows += _forces(f"press, {event}", found)
    unmeant = [k for k, scene in enumerate(scenes) if scene.event in PEOPLE]
    answered: dict[str, list[float]] = {}
    ticks: dict[str, list[float]] = {}
    stays: dict[str, list[float]] = {}
    for name, runs in pushes.items():
        found_all = [_answer(runs[k]) for k in unmeant]
        felt = [ticks for ticks in found_all if not math.isnan(ticks)]
        answered[name] = [float(math.isfinite(t)) for t in felt]
        ticks[name] = [t if math.isfinite(t) else 450.0 for t in felt]
        stays[name] = [float(runs[k].force_n[-100:].mean()) for k in unmeant]
    both = {name: ticks[name] for name in (RULES, OURS)}
    return rows + _rows(
        _row("unintended contact in a press: answered", answered, "", ">= 0.95"),
        _row("unintended contact in a press: force that stays", stays, "N"),
        *_percentiles("unintended contact in a press: reaction", both),
    )


def _answer(outcome: PressOutcome) -> float:
    """Ticks from the first measured change above the threshold to the answer.

    Infinite if there is none, NaN if nothing was felt to be answered.
    """
    felt = outcome.wrench[:, :3]
    usual = felt[outcome.event - 50 : outcome.event].mean(axis=0)
    change = np.linalg.norm(felt - usual, axis=1)
    above = np.flatnonzero(change[outcome.event :] > FELT_N)
    if not above.size:
        return math.nan
    if outcome.acted is None or outcome.acted < outcome.event:
        return math.inf
    return float(outcome.acted - outcome.event - int(above[0]) + 1)


def _percentiles(name: str, ticks: dict[str, list[float]]) -> list[Metric | None]:
    """The median and the 99.9th percentile of ours, with those of the rules."""
    return [_percentile(f"{name}, p{share:g}", ticks, share) for share in (50.0, 99.9)]


def _percentile(
    name: str, ticks: dict[str, list[float]], share: float
) -> Metric | None:
    if not all(ticks.values()):
        return None
    values = np.array(ticks[OURS])
    picks = np.random.default_rng(0).integers(0, len(values), (2000, len(values)))
    spread = np.percentile(values[picks], share, axis=1)
    low, high = np.percentile(spread, [2.5, 97.5])
    return Metric(
        name=name,
        value=float(np.percentile(values, share)),
        low=float(low),
        high=float(high),
        unit="ticks",
        n=len(values),
        baseline={RULES: float(np.percentile(ticks[RULES], share))},
    )


def calm_metrics(
    flights: dict[str, list[Outcome]], calms: dict[str, list[PressOutcome]]
) -> list[Metric]:
    """What is interrupted without a reason, and what it costs in time."""
    rows = []
    for what, found in (("free motions", flights), ("calm presses", calms)):
        quiet = {n: [float(o.acted is None) for o in found[n]] for n in (RULES, OURS)}
        for threshold_n in FREEZE_N:
            quiet[f"freeze at {threshold_n:.0f} N"] = [
                float(_felt(o).max() <= threshold_n) for o in found["no reflex"]
            ]
        rows += _rows(_row(f"{what} not interrupted", quiet, "", ">= 1"))
    names = (RULES, OURS, *LIMITERS)
    times = {name: [o.arrived_s for o in flights[name]] for name in names}
    all_there = np.isfinite(np.array([times[name] for name in names])).all(axis=0)
    there = {n: list(np.array(times[n])[all_there]) for n in names}
    slowed = [float(o.warned is not None) for o in flights["both"]]
    return rows + _rows(
        _row("time of a free motion of 0.2 m", there, "s"),
        mean_metric("free motions slowed at the impact limit's speed", slowed, ""),
    )


def _felt(outcome: Outcome | PressOutcome) -> Array:
    """Measured force (t,) [N] once the hand has settled."""
    return np.asarray(np.linalg.norm(outcome.wrench[SETTLE_TICKS:, :3], axis=1))
