"""From results of goals to metrics: means per home, differences on the same homes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neural_brain.benchmarks.navigation.metrics import GoalResult, rates
from neural_brain.benchmarks.navigation.runs import Results
from neural_brain.benchmarks.result import Metric, mean_metric

Pick = Callable[[GoalResult], bool]
ByHome = dict[int, float]
VALUES: dict[str, Callable[[GoalResult], float]] = {
    "success": lambda goal: float(goal.success),
    "SPL": lambda goal: goal.spl,
    "SoftSPL": lambda goal: goal.soft_spl,
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """Metrics of one detector, drawn from all results."""

    results: Results
    detector: str

    def homes(self, value: str, *plays: str, pick: Pick | None = None) -> ByHome:
        """Mean of a value of `VALUES` in every home in which all plays are finished.

        Args:
            value: name of the value.
            plays: whose goals are taken together.
            pick: which goals count; all when None.
        """
        means: ByHome = {}
        known = {home for rung, _, home in self.results if rung == self.detector}
        for home in sorted(known):
            keys = [(self.detector, play, home) for play in plays]
            if not all(key in self.results for key in keys):
                continue
            goals = [goal for key in keys for goal in self.results[key]]
            values = [VALUES[value](g) for g in goals if pick is None or pick(g)]
            if values:
                means[home] = float(np.mean(values))
        return means

    def label(self, text: str) -> str:
        """The name of a metric of this detector."""
        return f"{text}, {self.detector} detector"

    def compared(
        self, text: str, ours: ByHome, others: Mapping[str, ByHome], goal: str = ""
    ) -> list[Metric]:
        """A metric with baselines, on the homes that all of them have; [] without one.

        The interval is a bootstrap over homes.
        """
        homes = [h for h in ours if all(h in other for other in others.values())]
        if not homes:
            return []
        baseline = {
            name: float(np.mean([other[home] for home in homes]))
            for name, other in others.items()
        }
        samples = [ours[home] for home in homes]
        name = self.label(text)
        return [mean_metric(name, samples, "", goal=goal, baseline=baseline)]

    def gained(
        self, text: str, ours: ByHome, other: ByHome, goal: str = ""
    ) -> list[Metric]:
        """Mean of the differences on the same homes, with its paired interval."""
        gains = [ours[home] - other[home] for home in ours if home in other]
        if not gains:
            return []
        return [mean_metric(self.label(text), gains, "", goal=goal)]


def check(results: Results) -> None:
    """SPL must not exceed the success rate in any play.

    Raises:
        ValueError: if it does.
    """
    for goals in results.values():
        rates(goals)


def reasons(results: Results) -> dict[str, dict[str, int]]:
    """How often goals were missed for which reason, by detector and play."""
    table: dict[str, Counter[str]] = {}
    for (detector, name, _), goals in sorted(results.items()):
        counter = table.setdefault(f"{name}, {detector} detector", Counter())
        counter.update(goal.why or "success" for goal in goals)
    return {name: dict(counter.most_common()) for name, counter in table.items()}


def closed_doors(results: Results) -> dict[str, dict[str, int]]:
    """Note of doors that were closed since the day before, by home; {} if none was."""
    doors = {
        str(goal.home): goal.door_closed
        for goals in results.values()
        for goal in goals
        if goal.door_closed is not None
    }
    return {"doors_closed": doors} if doors else {}


def rows(results: Results) -> list[dict[str, Any]]:
    """Every goal as plain data, numbers rounded."""
    return [
        {"detector": detector, "play": name, **_rounded(vars(goal))}
        for (detector, name, _), goals in sorted(results.items())
        for goal in goals
    ]


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: round(value, 3) if isinstance(value, float) else value
        for key, value in values.items()
    }
