"""Planners on a graph, in one form: built once, then asked for goals."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from neural_brain.models.geometry import Array
from neural_brain.models.maps.endotaxis import Endotaxis
from neural_brain.models.maps.successor import REACH_M, SuccessorMap, transitions
from neural_brain.models.maps.ways import climb

DONE = 1e-9
PATIENCE = 5  # steps between two checks
SETTLED = 0.01  # relative change below which nothing is replayed


class Planner(Protocol):
    """What is measured."""

    def value(self, goal: int) -> Array:
        """What makes one place better than another for a goal (n,)."""

    def following(self, goal: int, value: Array) -> NDArray[np.int64]:
        """The neighbour (n,) to go to by that value, -1 for none."""


class Exact:
    """Dijkstra anew for every goal."""

    def __init__(self, costs: csr_matrix) -> None:
        self.costs = costs
        self._back = csr_matrix(costs.T)

    def value(self, goal: int) -> Array:
        """Cost to go (n,) [m]."""
        return np.asarray(dijkstra(self._back, indices=goal))

    def following(self, goal: int, value: Array) -> NDArray[np.int64]:
        """The neighbour with the least cost to go through it."""
        ahead = self.costs.data + value[self.costs.indices]
        signal = np.where(np.isfinite(ahead), 1.0 / (1e-6 + ahead), 0.0)
        return climb(self.costs, np.ones(self.costs.shape[0]), discount=signal)


class ValueIteration(Exact):
    """Sweeps over all places until nothing changes (Bellman 1957), in whole arrays."""

    def __init__(self, costs: csr_matrix) -> None:
        super().__init__(costs)
        self.sweeps = 0

    def value(self, goal: int) -> Array:
        """Cost to go (n,) [m]."""
        start = np.full(self.costs.shape[0], np.inf)
        return self.settle(start, goal)

    def settle(self, value: Array, goal: int) -> Array:
        """Sweep from some values on."""
        costs = self.costs
        full = np.flatnonzero(np.diff(costs.indptr))
        self.sweeps = 0
        value = value.copy()
        value[goal] = 0.0
        while True:
            self.sweeps += 1
            ahead = costs.data + value[costs.indices]
            new = np.full(len(value), np.inf)
            new[full] = np.minimum.reduceat(ahead, costs.indptr[full])
            new[goal] = 0.0
            same = np.isclose(new, value, rtol=0.0, atol=DONE)
            value = new
            if same.all():
                return value


class Successor:
    """The successor map; a goal is one column of it."""

    def __init__(self, costs: csr_matrix) -> None:
        self.map = SuccessorMap(costs)

    def value(self, goal: int) -> Array:
        """M[:, goal]."""
        return self.map.column(goal)

    def following(self, goal: int, value: Array) -> NDArray[np.int64]:
        """The neighbour with the largest discounted value."""
        costs = self.map.costs
        return climb(costs, value, discount=np.exp(-costs.data / self.map.reach_m))


class Scent:
    """Endotaxis at a share of the critical gain."""

    def __init__(self, costs: csr_matrix, share: float) -> None:
        self.map = Endotaxis(costs, share)

    def value(self, goal: int) -> Array:
        """E(x, goal)."""
        return self.map.signal(goal)

    def following(self, goal: int, value: Array) -> NDArray[np.int64]:
        """The neighbour with the strongest signal."""
        signal = value.copy()
        signal[goal] = np.finfo(float).max
        return climb(self.map.costs, signal)


def replay(
    costs: csr_matrix,
    value: Array,
    goal: int,
    rows: list[int],
    right: Callable[[Array], bool] | None = None,
) -> int:
    """Repair a column of a successor map in place, one remembered step at a time.

    Prioritised sweeping (Moore and Atkeson 1993): the place whose value would change
    most is replayed first, then those that lead to it.

    Args:
        costs: passages as they are now.
        value: column of the goal as it was before.
        goal: its row.
        rows: places whose passages have changed.
        right: whether the value will do, asked every few steps; None = until it is
            settled.

    Returns:
        Number of steps replayed.
    """
    A = transitions(costs, REACH_M)
    back = csr_matrix(A.T)
    heap: list[tuple[float, int]] = [(-np.inf, row) for row in rows]
    count = 0
    while heap:
        if right is not None and count % PATIENCE == 0 and right(value):
            break
        _, row = heapq.heappop(heap)
        new = _backup(A, value, row, goal)
        if abs(new - value[row]) <= SETTLED * max(new, value[row]):
            continue
        value[row] = new
        count += 1
        for k in back.indices[back.indptr[row] : back.indptr[row + 1]]:
            old = value[k]
            change = abs(_backup(A, value, int(k), goal) - old) / max(old, 1e-300)
            if change > SETTLED:
                heapq.heappush(heap, (-change, int(k)))
    return count


def _backup(A: csr_matrix, value: Array, row: int, goal: int) -> float:
    part = slice(A.indptr[row], A.indptr[row + 1])
    return float(A.data[part] @ value[A.indices[part]]) + float(row == goal)
