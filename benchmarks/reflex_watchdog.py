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

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.impact_rig import (
    PLAIN,
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
from neural_brain.benchmarks.result import Metric, table, write_result
from neural_brain.benchmarks.watchdog_metrics import (
    BOTH,
    COLLISION_N,
    FREEZE_N,
    LIMITED,
    OURS,
    RULES,
    calm_metrics,
    contact_metrics,
    push_metrics,
)
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import WatchdogConfig
from neural_brain.models.signals import BodyLimits
from neural_brain.sim.physics import TICK_S

HELP = "watchdog of worst force and unexplained wrench against the rules alone"
SEEDS = 10
FIRST_SEED = 4900
QUICK = replace(PLAIN, speed_m_s=0.3)
ON = WatchdogConfig(enabled=True)
CALM = ("", WIPE, WITHDRAW)
Maker = Callable[[BodyLimits, float], Controller]


def _guarded(
    limits: BodyLimits,
    payload_kg: float,
    *,
    watchdog: WatchdogConfig,
    impedance: ImpedanceConfig = QUICK,
) -> Controller:
    return Guarded(limits, payload_kg, COLLISION_N, impedance, watchdog)


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
LIMITERS: dict[str, Maker] = {
    LIMITED: functools.partial(
        _guarded, watchdog=WatchdogConfig(), impedance=ImpedanceConfig()
    ),
    BOTH: functools.partial(_guarded, watchdog=ON, impedance=ImpedanceConfig()),
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
