"""Figures of the navigation tasks: methods beside each other, and a perfect reflex."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neural_brain.benchmarks.gust_bound import POINTS, hit_share
from neural_brain.benchmarks.gust_run import (
    BOTH,
    DECISION,
    RULES,
    SELDOM_RULES,
    TICK,
    Score,
)
from neural_brain.benchmarks.gust_tasks import TASKS
from neural_brain.benchmarks.result import Metric
from neural_brain.models.geometry import Array

CLEARANCES = (0.5, 1.0, 1.5, 2.0, 2.5)
PASSAGE_CLEARANCES = (0.1, 0.2, 0.3, 0.6)


def judge(name: str, scores: dict[str, Score]) -> list[Metric]:
    """The figure per tick beside the others, and three comparisons with intervals."""
    ratio = {method: score.ratio for method, score in scores.items()}
    per_tick = _boot(f"{name}, {TICK}", [ratio[TICK]], lambda means: means[0], "")
    others = {k: float(v.mean()) for k, v in ratio.items() if k != TICK}
    rest = [values for method, values in ratio.items() if method != BOTH]
    critic, rules = (
        "per tick over per decision",
        "rules per tick over rules per decision",
    )
    best = "rules + critic over the best other"
    return [
        replace(per_tick, baseline=others),
        _over_best(f"{name}, {critic}", ratio[TICK], [ratio[DECISION]], ">= 2"),
        _over_best(f"{name}, {rules}", ratio[RULES], [ratio[SELDOM_RULES]], ""),
        _over_best(f"{name}, {best}", ratio[BOTH], rest, ">= 1"),
    ]


def bound(ticks: int) -> Metric:
    """What a perfect reflex could gain by looking at every tick, at one unit."""
    shares = {
        looks: [hit_share(ticks, gap, looks) for gap in CLEARANCES]
        for looks in ("decision", "tick")
    }
    gain = np.divide(shares["decision"], shares["tick"])
    at = CLEARANCES.index(1.0)
    return Metric(
        name=f"1:{ticks}, perfect reflex, hits per decision over per tick at 1.0",
        value=float(gain[at]),
        low=float(gain[at]),
        high=float(gain[at]),
        unit="",
        n=POINTS,
        goal="",
        baseline={
            f"at {gap}": float(value)
            for gap, value in zip(CLEARANCES, gain, strict=True)
            if gap != 1.0
        },
    )


def passage_bound(ticks: int) -> Metric:
    """How often a perfect reflex is hit by the slow pushes of the passage."""

    def share(clearance: float, looks: str, holds: bool) -> float:
        gusts = TASKS["gap"].gusts
        return hit_share(ticks, clearance, looks, gusts=gusts, holds=holds)

    shares = {
        f"{how} at {clearance}": share(clearance, how.split(",")[0], "," in how)
        for how in ("tick", "decision", "decision, line held")
        for clearance in PASSAGE_CLEARANCES
    }
    value = shares.pop("tick at 0.3")
    return Metric(
        name=f"gap 1:{ticks}, perfect reflex per tick, share of hits at 0.3",
        value=value,
        low=value,
        high=value,
        unit="",
        n=POINTS,
        goal="",
        baseline=shares,
    )


def best_thresholds(curves: Sequence[dict[str, Any]]) -> list[Metric]:
    """Per tick over per decision, each with the threshold that suits it best."""
    metrics = []
    for name in dict.fromkeys(row["task"] for row in curves):
        best = {}
        for looks in ("tick", "decision"):
            rows = [r for r in curves if r["task"] == name and r["critic"] == looks]
            best[looks] = max((np.array(r["ratios"]) for r in rows), key=np.mean)
        text = f"{name}, the same, trained off line only, best thresholds"
        metrics.append(_over_best(text, best["tick"], [best["decision"]], ""))
    return metrics


def _over_best(name: str, ours: Array, others: list[Array], goal: str) -> Metric:
    """The mean of ours over the greatest mean of the others."""
    return _boot(
        name, [ours, *others], lambda means: means[0] / means[1:].max(axis=0), goal
    )


def _boot(
    name: str, samples: list[Array], number: Callable[[Array], Array], goal: str
) -> Metric:
    """A number of the means over the seeds; resampling draws the same seeds of all."""
    values = np.stack(samples)
    rng = np.random.default_rng(0)
    picks = rng.integers(0, values.shape[1], (2000, values.shape[1]))
    low, high = np.percentile(number(values[:, picks].mean(axis=2)), [2.5, 97.5])
    return Metric(
        name=name,
        value=float(number(values.mean(axis=1))),
        low=float(low),
        high=float(high),
        unit="",
        n=values.shape[1],
        goal=goal,
    )
