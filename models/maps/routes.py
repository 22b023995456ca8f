"""Routes: ways that the robot has driven.

A route is what the base really did, so plans may lead along it, and back, where the
grid, blurred by noise, shows a little less room than the base needs. The faster of two
drives over one way is kept; of the older half the least used one goes first. Routes
are bounded in number and in points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import Route

SHORT_M = 1.5  # shorter drives are not worth remembering
SPACING_M = 0.25
POINTS = 80  # of a route; longer ones are thinned more
SAME_M = 0.75  # routes that stay this near are one
USES = 1000


class RouteBook:
    """The routes of one map, the newest last.

    Args:
        count: how many are kept.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.routes: tuple[Route, ...] = ()

    def add(self, way: Array, took_s: float) -> None:
        """Remember a drive that arrived.

        Args:
            way: where the base was (n, 2) [m] in `map`.
            took_s: time from the first point to the last.
        """
        if len(way) < 2 or not np.all(np.isfinite(way)) or not took_s > 0.0:
            return
        if _length(way) < SHORT_M or self.count == 0:
            return
        new = Route(way=thinned(way), took_s=float(took_s))
        for k, known in enumerate(self.routes):
            if same_way(known.way, new.way):
                best = new if new.took_s < known.took_s else known
                rest = (*self.routes[:k], *self.routes[k + 1 :])
                self.routes = (*rest, replace(best, uses=min(known.uses + 1, USES)))
                return
        routes = [*self.routes, new]
        if len(routes) > self.count:  # the newest half is safe
            old = routes[: len(routes) // 2] or routes
            least = min(range(len(old)), key=lambda k: old[k].uses)
            del routes[least]
        self.routes = tuple(routes)

    def move(self, moved: Callable[[Array], Array]) -> None:
        """Carry all routes along with a map that was mended or laid onto another."""
        self.routes = tuple(replace(r, way=moved(r.way)) for r in self.routes)

    def absorb(self, other: RouteBook, moved: Callable[[Array], Array]) -> None:
        """Add the routes of another map, older than ours."""
        taken = tuple(replace(r, way=moved(r.way)) for r in other.routes)
        kept = [
            r for r in taken if not any(same_way(r.way, x.way) for x in self.routes)
        ]
        self.routes = (*kept, *self.routes)[-self.count :] if self.count else ()


def thinned(way: Array) -> Array:
    """At most POINTS points (n, 2) along a way, the ends kept."""
    spacing = max(SPACING_M, _length(way) / (POINTS - 1))
    kept = [0]
    for k in range(1, len(way) - 1):
        if np.hypot(*(way[k] - way[kept[-1]])) >= spacing:
            kept.append(k)
    return np.array(way[[*kept[: POINTS - 1], len(way) - 1]], dtype=np.float64)


def same_way(a: Array, b: Array) -> bool:
    """Whether two ways (n, 2), (m, 2) lead along the same spots in one direction."""
    share = np.linspace(0.0, 1.0, 9)
    return bool(np.hypot(*(_at(a, share) - _at(b, share)).T).max() < SAME_M)


def equal_routes(a: Sequence[Route], b: Sequence[Route]) -> bool:
    """Whether these are the same routes, also when they came over a wire."""
    return a is b or (
        len(a) == len(b)
        and all(
            (x.took_s, x.uses) == (y.took_s, y.uses) and np.array_equal(x.way, y.way)
            for x, y in zip(a, b, strict=True)
        )
    )


def routes_to_plain(routes: Sequence[Route]) -> list[dict[str, Any]]:
    """Routes as numbers, in millimetres and tenths of a second."""
    return [
        {
            "way": np.round(r.way, 3).tolist(),
            "took_s": round(r.took_s, 1),
            "uses": r.uses,
        }
        for r in routes
    ]


def routes_from_plain(items: Sequence[dict[str, Any]], most: int) -> tuple[Route, ...]:
    """Back from `routes_to_plain`; the newest ones if there are too many.

    Raises:
        KeyError, ValueError: if one is damaged.
    """
    routes = []
    for item in list(items)[-most:] if most else []:
        way = np.array(item["way"], dtype=np.float64)
        took_s, uses = float(item["took_s"]), int(item["uses"])
        if way.ndim != 2 or way.shape[1] != 2 or not 2 <= len(way) <= POINTS:
            raise ValueError(f"a route has points of shape {way.shape}")
        if not (np.all(np.isfinite(way)) and 0.0 <= took_s < 1e7):
            raise ValueError("a route holds absurd numbers")
        uses = min(max(uses, 1), USES)
        routes.append(Route(way=way, took_s=took_s, uses=uses))
    return tuple(routes)


def _at(way: Array, share: Array) -> Array:
    """Points (n, 2) at shares of the length of a way."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
    at = share * along[-1]
    return np.stack([np.interp(at, along, way[:, k]) for k in (0, 1)], axis=1)


def _length(way: Array) -> float:
    return float(np.hypot(*np.diff(way, axis=0).T).sum())
