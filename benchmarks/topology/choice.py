"""Which of two things is nearer by the way there: by ruler, by graph, by grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.benchmarks.navigation.true_space import TrueSpace
from neural_brain.benchmarks.result import Metric, mean_metric
from neural_brain.models.geometry import Array
from neural_brain.models.maps import PlaceGraph
from neural_brain.models.maps.ways import graph_of
from neural_brain.models.motion import CostmapConfig, make_costmap, travel_field
from neural_brain.models.signals import GridView
from neural_brain.sim.homes import HomeSpec
from neural_brain.sim.robots.base import RADIUS_M

PAIRS = 40  # of each home
NEAR_M = 1.0  # standing this near to a thing is being there
STRAIGHT, GRAPH, GRID = "straight line", "places and passages", "grid"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """True ways [m] to two things, and the one that each rule takes for the nearer."""

    ways_m: tuple[float, float]
    taken: dict[str, int]

    def excess_m(self, rule: str) -> float:
        """How much longer the chosen way is than the other."""
        return self.ways_m[self.taken[rule]] - min(self.ways_m)


def nearer_of_two(
    home: HomeSpec,
    space: TrueSpace,
    places: PlaceGraph,
    grid: GridView,
    rng: np.random.Generator,
) -> list[Choice]:
    """Choices between random things from random spots of a home."""
    things = np.array([thing.position[:2] for thing in home.objects])
    costmap = make_costmap(grid, CostmapConfig(), RADIUS_M)
    ways = graph_of(places.costs)
    xy = np.array([places.xy[number] for number in ways.numbers])
    free = np.argwhere(space.free)
    choices = []
    for _ in range(PAIRS):
        row, column = free[int(rng.integers(len(free)))]
        spot = space.xy[row, column]
        two = things[rng.choice(len(things), 2, replace=False)]
        here = np.zeros(space.free.shape, bool)
        here[row, column] = True
        true_m = space.ways_to(here)
        near = [np.hypot(*(space.xy - at).transpose(2, 0, 1)) < NEAR_M for at in two]
        lengths = [float(true_m[mask].min(initial=np.inf)) for mask in near]
        field = travel_field(costmap, spot)
        if field is None or not np.all(np.isfinite(lengths)):
            continue
        by_graph = ways.costs_from(int(np.argmin(np.hypot(*(xy - spot).T))))
        judged = {
            STRAIGHT: np.hypot(*(two - spot).T),
            GRAPH: np.array([_by_graph(by_graph, xy, at) for at in two]),
            GRID: np.array([field.cost_near(at, NEAR_M) for at in two]),
        }
        taken = {rule: int(np.argmin(values)) for rule, values in judged.items()}
        choices.append(Choice(ways_m=(lengths[0], lengths[1]), taken=taken))
    return choices


def summarise_choices(choices: list[Choice]) -> list[Metric]:
    """Mean excess of the chosen way, and how often the farther thing is chosen."""
    excess = {
        rule: [choice.excess_m(rule) for choice in choices]
        for rule in (STRAIGHT, GRAPH, GRID)
    }
    wrong = {rule: [float(x > 0.3) for x in values] for rule, values in excess.items()}
    return [
        mean_metric(
            text,
            values[GRID],
            unit,
            baseline={k: float(np.mean(v)) for k, v in values.items() if k != GRID},
        )
        for text, unit, values in (
            ("excess of the way to the nearer of two things", "m", excess),
            ("farther thing taken for the nearer", "", wrong),
        )
    ]


def _by_graph(costs: Array, xy: Array, at: Array) -> float:
    """Cost to the place nearest to a thing, and the rest of the way."""
    rest = np.hypot(*(xy - at).T)
    return float((costs + rest)[int(np.argmin(rest))])
