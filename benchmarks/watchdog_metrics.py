"""Rows of the watchdog's benchmark: forces, reactions, false trips, time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from neural_brain.benchmarks.impact_rig import SETTLE_TICKS, Outcome
from neural_brain.benchmarks.push_rig import EVENTS, Press, PressOutcome
from neural_brain.benchmarks.result import Metric, mean_metric, percentile_interval
from neural_brain.models.geometry import Array
from neural_brain.models.reflex import ForceConfig
from neural_brain.sim.physics import TICK_S

LIMIT_N, COLLISION_N = ForceConfig().limit_n, ForceConfig().collision_n
FELT_N = 8.0
OURS, RULES = "rules and watchdog", "rules"
LIMITED, BOTH = "rules, impact limit", "both"
FREEZE_N = (20.0, 100.0)
PEOPLE = ("coming", "side", "against")


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
        above = np.flatnonzero(force > COLLISION_N)
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
    low, high = percentile_interval(values, share)
    return Metric(
        name=name,
        value=float(np.percentile(values, share)),
        low=low,
        high=high,
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
    names = (RULES, OURS, LIMITED, BOTH)
    times = {name: [o.arrived_s for o in flights[name]] for name in names}
    all_there = np.isfinite(np.array([times[name] for name in names])).all(axis=0)
    there = {n: list(np.array(times[n])[all_there]) for n in names}
    slowed = [float(o.warned is not None) for o in flights[BOTH]]
    return rows + _rows(
        _row("time of a free motion of 0.2 m", there, "s"),
        mean_metric("free motions slowed at the impact limit's speed", slowed, ""),
    )


def _felt(outcome: Outcome | PressOutcome) -> Array:
    """Measured force (t,) [N] once the hand has settled."""
    return np.asarray(np.linalg.norm(outcome.wrench[SETTLE_TICKS:, :3], axis=1))
