"""Exact ways on the topological map: Dijkstra on its directed costs.

Motion plans on the grid and never asks this. Places and passages are for rooms, for
pictures and exports of the map, and for comparison: in the benchmark `nav-topology` the
successor map and the endotaxis signal are measured against these exact ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from neural_brain.models.geometry import Array
from neural_brain.models.signals import Passage


@dataclass(frozen=True, kw_only=True)
class WayGraph:
    """Directed passages between n places.

    Attributes:
        numbers: number of each place, rising.
        costs: (n, n) cost [m] of passages, row = start; what is not stored is closed.
    """

    numbers: tuple[int, ...]
    costs: csr_matrix

    def row(self, number: int) -> int:
        """Row of a place.

        Raises:
            KeyError: if there is none of that number.
        """
        at = int(np.searchsorted(self.numbers, number))
        if at == len(self.numbers) or self.numbers[at] != number:
            raise KeyError(number)
        return at

    def costs_to(self, goal: int) -> Array:
        """Cost (n,) [m] of the best way from every row to one; inf if there is none."""
        return np.asarray(dijkstra(self.costs.T, indices=goal))

    def costs_from(self, start: int) -> Array:
        """Cost (n,) [m] of the best way from one row to every other."""
        return np.asarray(dijkstra(self.costs, indices=start))


def way_graph(passages: Iterable[Passage]) -> WayGraph:
    """The graph of a map's passages."""
    return graph_of({(p.start, p.end): p.cost for p in passages})


def graph_of(costs: Mapping[tuple[int, int], float]) -> WayGraph:
    """The graph of costs [m] by start and end.

    Raises:
        ValueError: if a cost is not positive and finite.
    """
    numbers = sorted({number for pair in costs for number in pair})
    row = {number: k for k, number in enumerate(numbers)}
    values = np.array(list(costs.values()), dtype=np.float64)
    if not np.all((values > 0.0) & np.isfinite(values)):
        raise ValueError("costs of passages must be positive and finite")
    pairs = np.array([(row[a], row[b]) for a, b in costs], dtype=np.int64)
    first, second = pairs.reshape(-1, 2).T
    shape = (len(numbers), len(numbers))
    return WayGraph(
        numbers=tuple(numbers), costs=csr_matrix((values, (first, second)), shape=shape)
    )


def climb(
    costs: csr_matrix, signal: Array, *, discount: Array | None = None
) -> NDArray[np.int64]:
    """The neighbour (n,) of each row at which a signal is largest, -1 without any.

    Args:
        costs: passages (n, n).
        signal: (n,) value of each place; one that is 0 or not finite attracts nothing.
        discount: factor of each stored passage, in their order, or None.
    """
    rows = np.repeat(np.arange(costs.shape[0]), np.diff(costs.indptr))
    value = signal[costs.indices] * (1.0 if discount is None else discount)
    value = np.where(np.isfinite(value) & (value > 0.0), value, 0.0)
    order = np.lexsort((value, rows))
    best = np.full(costs.shape[0], -1, dtype=np.int64)
    best[rows[order]] = np.where(value[order] > 0.0, costs.indices[order], -1)
    return best


def walk(following: NDArray[np.int64], costs: csr_matrix, goal: int) -> Array:
    """Cost (n,) [m] of following one neighbour after the other to a goal; inf = never.

    Args:
        following: (n,) next row of each, -1 for none.
        costs: passages (n, n).
        goal: row where a walk ends.
    """
    n = len(following)
    going = following >= 0
    going[goal] = False
    target = np.where(going, following, np.arange(n))
    step = np.zeros(n)
    rows = np.flatnonzero(going)
    step[rows] = np.asarray(costs[rows, target[rows]]).ravel()
    total = step.copy()
    for _ in range(max(1, int(np.ceil(np.log2(max(n, 2)))) + 1)):  # doubling
        total = total + total[target]
        target = target[target]
    return np.where(target == goal, total, np.inf)
