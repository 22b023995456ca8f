"""How long passages take to drive, each way: what is slow costs more.

Thresholds, carpets, slopes and crowds slow a base down in places, often in one
direction only. The time between the closest approaches to two neighbouring places is
the time of that passage. Passages that are slower than usual get an added cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.maps.places import PlaceGraph
from neural_brain.models.signals import Toll

FEW = 8  # passages that weigh as much as what is said to be usual
DOUBT = 1.0  # drives that count as usual before the first one
MOST = 20.0  # drives that are counted


@dataclass(frozen=True, kw_only=True)
class PaceConfig:
    """When a passage counts as slow."""

    usual_s: float = param(2.5, "for a metre, until known", low=0.1, high=100.0)
    slow_ratio: float = param(1.6, "times the usual time", low=1.0, high=100.0)
    most_ratio: float = param(10.0, "slower ones count as this", low=1.0, high=100.0)
    half_life_s: float = param(3600.0, "drives count half after", low=1.0, high=1e8)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass
class _Visit:
    """A place that the robot came by: when it was nearest, and how near [m]."""

    place: int
    t: float
    gap: float


class PaceMeter:
    """Times drives from place to place; what it finds is kept in `graph.paces`."""

    def __init__(self) -> None:
        self._before: _Visit | None = None
        self._now: _Visit | None = None

    def stop(self) -> None:
        """The drive was interrupted: what follows is timed anew."""
        self._before = self._now = None

    def drive(self, t: float, xy: Array, graph: PlaceGraph) -> None:
        """The robot is driving and is at a spot (2,) [m] now."""
        place = graph.nearest(xy)
        if place is None:
            return
        gap = float(np.hypot(*(graph.xy[place] - xy)))
        now = self._now
        if now is not None and now.place == place:
            if gap < now.gap:
                now.t, now.gap = t, gap
            return
        if now is not None and self._before is not None:
            self._note(self._before, now, graph)
        self._before, self._now = now, _Visit(place=place, t=t, gap=gap)

    def _note(self, a: _Visit, b: _Visit, graph: PlaceGraph) -> None:
        close = 0.5 * graph.config.spacing_m
        if max(a.gap, b.gap) > close or (a.place, b.place) not in graph.costs:
            return
        if a.place not in graph.xy or b.place not in graph.xy:
            return
        length = float(np.hypot(*(graph.xy[a.place] - graph.xy[b.place])))
        if length < 0.3 or b.t <= a.t:
            return
        mean, count = graph.paces.get((a.place, b.place), (0.0, 0.0))
        count = min(count + 1.0, MOST)
        mean += ((b.t - a.t) / length - mean) / count
        graph.paces[a.place, b.place] = (mean, count)


def fade(graph: PlaceGraph, dt: float, config: PaceConfig) -> None:
    """Let `dt` seconds pass: old drives count less, those of lost places not at all."""
    share = 0.5 ** (max(dt, 0.0) / config.half_life_s)
    graph.paces = {
        (a, b): (pace, count * share)
        for (a, b), (pace, count) in graph.paces.items()
        if a in graph.xy and b in graph.xy and count * share > 0.1
    }


def slow_passages(
    graph: PlaceGraph, config: PaceConfig
) -> dict[tuple[int, int], float]:
    """Added cost [m] of directed passages that are slower than usual."""
    paces = [pace for pace, _ in graph.paces.values()]
    usual = float(np.median([*paces, *[config.usual_s] * FEW]))
    added = {}
    for key, (pace, count) in graph.paces.items():
        ratio = min(pace / max(usual, 1e-6), config.most_ratio)
        ratio = 1.0 + (ratio - 1.0) * count / (count + DOUBT)
        if ratio > config.slow_ratio and key in graph.costs:
            added[key] = graph.costs[key] * (ratio - 1.0)
    return added


def slow_tolls(graph: PlaceGraph, added: dict[tuple[int, int], float]) -> list[Toll]:
    """The same for planning on the grid: a line across the middle of each passage."""
    tolls = []
    for (a, b), price in added.items():
        x, y = (0.5 * (graph.xy[a] + graph.xy[b])).tolist()
        dx, dy = (graph.xy[b] - graph.xy[a]).tolist()
        tolls.append(
            Toll(
                x_m=x,
                y_m=y,
                heading_rad=float(np.arctan2(dy, dx)),
                half_width_m=0.5 * graph.config.spacing_m,
                price_m=round(price, 1),
            )
        )
    return tolls
