"""Successor map: how much of its discounted future every place spends at every other.

M = (I - A)^-1 with A = P o D: P is a random walk that prefers short passages, D
discounts each by exp(-cost / reach) (Dayan 1993, for passages of unequal length).
A column of M is the value of all places for one goal, M[a, g] / M[g, g] is the mean
discount of the way from a to g. The goal can change without any new planning; climbing
always arrives, since the best neighbour's value exceeds one's own. M is never stored:
one sparse factorisation gives its columns. A passage that opens or closes changes one
row of A, a rank-one update of M (Sherman and Morrison 1950; of several, Woodbury).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix, identity
from scipy.sparse.linalg import splu

from neural_brain.models.geometry import Array
from neural_brain.models.maps.ways import climb

REACH_M = 1.0  # of way over which the value falls to 1/e
RANK = 16  # changed rows from which on a new factorisation is cheaper


class SuccessorMap:
    """Values of places for any goal.

    Args:
        costs: passages (n, n) [m], row = start.
        reach_m: way [m] over which the value falls to 1/e. Short ones bend the way
            less, but the value of far places falls below the smallest number.
    """

    def __init__(self, costs: csr_matrix, reach_m: float = REACH_M) -> None:
        self.reach_m = reach_m
        self._base = csr_matrix(costs, dtype=np.float64)
        self._changed: dict[int, dict[int, float]] = {}
        self.refresh()

    @property
    def costs(self) -> csr_matrix:
        """Passages (n, n) [m] as they are now."""
        if not self._changed:
            return self._base
        rows = self._base.tolil()
        for row, values in self._changed.items():
            rows.rows[row] = sorted(values)
            rows.data[row] = [values[k] for k in sorted(values)]
        return csr_matrix(rows)

    def refresh(self) -> None:
        """Factorise anew, with all changes in it: exact again, as after a rest."""
        self._base = self.costs
        self._changed = {}
        self._A = transitions(self._base, self.reach_m)
        system = csc_matrix(identity(self._A.shape[0]) - self._A)
        # Dominant diagonal: no pivoting, so that nothing cancels and tiny values hold.
        self._lu = splu(system, diag_pivot_thresh=0.0, options={"SymmetricMode": True})
        self._U: Array = np.zeros((0, self._A.shape[0]))

    def set_row(self, start: int, costs: dict[int, float]) -> None:
        """Let other passages lead from a place than before.

        Args:
            start: row of the place.
            costs: cost [m] by row of the end.
        """
        self._changed[start] = dict(costs)
        if len(self._changed) > RANK:
            self.refresh()
            return
        rows = list(self._changed)
        self._U = np.zeros((len(rows), self._A.shape[0]))
        for k, row in enumerate(rows):
            ends = self._changed[row]
            self._U[k, list(ends)] = _row(np.array(list(ends.values())), self.reach_m)
            self._U[k] -= self._A[row].toarray()[0]
        unit = np.zeros((self._A.shape[0], len(rows)))
        unit[rows, range(len(rows))] = 1.0
        self._W = self._lu.solve(unit)
        small = np.eye(len(rows)) - self._U @ self._W
        self._inverse = np.linalg.inv(small)

    def close(self, start: int, end: int) -> None:
        """Close the passage from one row to another, if there is one."""
        row = self._changed.get(start)
        if row is None:
            part = self._base[start]
            row = dict(zip(part.indices.tolist(), part.data.tolist(), strict=True))
        self.set_row(start, {k: v for k, v in row.items() if k != end})

    def column(self, goal: int) -> Array:
        """M[:, goal]: how much of its future each place (n,) spends at the goal."""
        unit = np.zeros(self._A.shape[0])
        unit[goal] = 1.0
        column = self._lu.solve(unit)
        if len(self._U):
            column = column + self._W @ (self._inverse @ (self._U @ column))
        return np.asarray(column)

    def next_rows(self, goal: int) -> np.ndarray:
        """The neighbour (n,) to go to from every row on the way to one, -1 for none."""
        costs = self.costs
        value = self.column(goal)
        return climb(costs, value, discount=np.exp(-costs.data / self.reach_m))


def transitions(costs: csr_matrix, reach_m: float) -> csr_matrix:
    """A (n, n): chance of each passage times its discount."""
    A = costs.copy()
    for row in range(A.shape[0]):
        part = slice(A.indptr[row], A.indptr[row + 1])
        A.data[part] = _row(A.data[part], reach_m)
    return A


def _row(costs: Array, reach_m: float) -> Array:
    discount = np.exp(-costs / reach_m)
    return np.asarray(discount * discount / max(float(discount.sum()), 1e-300))
