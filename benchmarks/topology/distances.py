"""Rules that tell how far it is from place to place, in one form.

The exact table and Dijkstra are right. ALT keeps the ways to and from some landmarks
and tells the largest lower bound that follows from them (Goldberg and Harrelson 2005).
Quasimetrics are fitted to a part of the exact ways.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from neural_brain.benchmarks.topology.quasimetric import (
    Head,
    Pairs,
    fit_table,
    iqe,
    mrn,
    one_way,
    to_goal,
)
from neural_brain.models.geometry import Array
from neural_brain.models.maps.successor import SuccessorMap

DIMS = 32  # numbers for each place, of ALT and of all quasimetrics
SPREAD_M = 3.0  # of vectors before they are fitted
RATE_M = 0.1  # of Adam
SOURCES = 1_000  # places from which exact ways are known to the fit


class Distances:
    """Exact ways (rows, n) from some places, of which a half may be learned from.

    Args:
        costs: passages (n, n) [m].
        rng: chooses the places if there are more than `SOURCES`.
    """

    def __init__(self, costs: csr_matrix, rng: np.random.Generator) -> None:
        n = costs.shape[0]
        few = n <= SOURCES
        self.rows = np.arange(n) if few else rng.choice(n, SOURCES, replace=False)
        self.ways = dijkstra(costs, indices=self.rows)
        self._rng = rng

    def draw(self, count: int, *, held: bool = False) -> Pairs:
        """About count / 2 random pairs of different places, to learn from or held."""
        n = self.ways.shape[1]
        k, end = (self._rng.integers(0, m, count) for m in (len(self.rows), n))
        start, way = self.rows[k], self.ways[k, end]
        half = (start * 7919 + end * 104_729) % 10 < 5
        right = (half != held) & (start != end) & np.isfinite(way)
        return start[right], end[right], way[right]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How far it is to a goal from everywhere, and what that takes.

    Attributes:
        to_goal: way [m] of all places (n,) to a row.
        pair: way [m] from a row to a row.
        size_b: bytes that are kept.
        head, vectors: of rules that have them.
    """

    to_goal: Callable[[int], Array]
    pair: Callable[[int, int], float]
    size_b: float
    head: Head | None = None
    vectors: Array | None = None


def of_vectors(head: Head, vectors: Array) -> Rule:
    """Rule of vectors (n, dims), kept in single precision."""
    return Rule(
        to_goal=lambda goal: to_goal(head, vectors, goal),
        pair=lambda a, b: float(head(vectors[a, None], vectors[b, None])[0][0]),
        size_b=4.0 * vectors.size,
        head=head,
        vectors=vectors,
    )


def searched(costs: csr_matrix) -> Rule:
    """Dijkstra anew for every question."""
    back = csr_matrix(costs.T)
    return Rule(
        to_goal=lambda goal: np.asarray(dijkstra(back, indices=goal)),
        pair=lambda a, b: float(dijkstra(costs, indices=a)[b]),
        size_b=12.0 * costs.nnz + 4.0 * costs.shape[0],
    )


def tabled(costs: csr_matrix) -> Rule:
    """All ways in a table, in single precision."""
    n = costs.shape[0]
    table = np.empty((n, n), np.float32)
    for first in range(0, n, 500):
        rows = np.arange(first, min(n, first + 500))
        table[rows] = dijkstra(costs, indices=rows)
    return Rule(
        to_goal=lambda goal: np.asarray(table[:, goal], dtype=float),
        pair=lambda a, b: float(table[a, b]),
        size_b=float(table.nbytes),
    )


def discounted(costs: csr_matrix) -> Rule:
    """The successor map: mean discount of the way, told as metres."""
    sr = SuccessorMap(costs)

    def ways(goal: int) -> Array:
        value = sr.column(goal)
        share = np.where(value > 0.0, value, 0.0) / max(float(value[goal]), 1e-300)
        with np.errstate(divide="ignore"):
            return np.asarray(-sr.reach_m * np.log(share))

    return Rule(
        to_goal=ways,
        pair=lambda a, b: float(ways(b)[a]),
        size_b=12.0 * (sr._lu.L.nnz + sr._lu.U.nnz),
    )


def landmark_vectors(costs: csr_matrix, dims: int = DIMS) -> Array:
    """Ways to, and minus ways from, dims / 2 places far from each other (n, dims)."""
    back = csr_matrix(costs.T)
    first = int(np.argmax(dijkstra(costs, indices=0)))
    chosen, nearest = [first], dijkstra(costs, indices=first)
    while len(chosen) < dims // 2:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, dijkstra(costs, indices=chosen[-1]))
    to, out = dijkstra(back, indices=chosen).T, dijkstra(costs, indices=chosen).T
    return np.concatenate([to, -out], axis=1)


def alt(costs: csr_matrix) -> Rule:
    """Lower bounds from landmarks."""
    return of_vectors(one_way, landmark_vectors(costs))


def fitted_alt(costs: csr_matrix, known: Distances, steps: int) -> Rule:
    """A quasimetric that begins as ALT and is then fitted to exact ways."""
    start = landmark_vectors(costs)
    return of_vectors(
        one_way, fit_table(start, one_way, known.draw, steps=steps, rate=RATE_M)
    )


def fitted(head: Head, known: Distances, steps: int, rng: np.random.Generator) -> Rule:
    """A quasimetric that begins as noise."""
    start = rng.normal(0.0, SPREAD_M, (known.ways.shape[1], DIMS))
    return of_vectors(
        head, fit_table(start, head, known.draw, steps=steps, rate=RATE_M)
    )


def mrn_of(known: Distances, steps: int, rng: np.random.Generator) -> Rule:
    """MRN of one vector for each place."""
    return fitted(mrn, known, steps, rng)


def iqe_of(known: Distances, steps: int, rng: np.random.Generator) -> Rule:
    """IQE of one vector for each place."""
    return fitted(iqe, known, steps, rng)


def joined_part(costs: csr_matrix) -> tuple[csr_matrix, NDArray[np.int64]]:
    """The largest part in which every place is reached from every other, its rows."""
    _, label = connected_components(costs, connection="strong")
    rows = np.flatnonzero(label == np.bincount(label).argmax())
    return csr_matrix(costs[rows][:, rows]), rows


def guided_search(
    costs: csr_matrix, start: int, goal: int, guess: Array
) -> tuple[float, int]:
    """A*: cost [m] of the way that it finds, and how many places it settled.

    Args:
        costs: passages (n, n) [m].
        start: row.
        goal: row.
        guess: way (n,) [m] to the goal; if it is ever too long the way may be dearer.
    """
    best = {start: 0.0}
    heap = [(float(guess[start]), start)]
    done: set[int] = set()
    while heap:
        _, here = heapq.heappop(heap)
        if here in done:
            continue
        done.add(here)
        if here == goal:
            return best[goal], len(done)
        for k in range(costs.indptr[here], costs.indptr[here + 1]):
            there, cost = int(costs.indices[k]), best[here] + float(costs.data[k])
            if cost < best.get(there, np.inf):
                best[there] = cost
                done.discard(there)  # a guess that is no lower bound may come back
                heapq.heappush(heap, (cost + float(guess[there]), there))
    return np.inf, len(done)
