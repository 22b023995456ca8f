"""Endotaxis: a signal that grows towards a goal, from the passages alone.

Map cells v(x) = (I / gain - A)^-1 e_x spread the activity at a place along the
adjacency A; a goal remembers v(goal) after one visit, and the signal is the overlap
E(x, y) = v(x) . v(y) (Zhang, Rosenberg, Jing, Perona and Meister, eLife 84141, 2024).
Distances are numbers of passages, not metres. Above 0.8 of the critical gain,
1 / (largest eigenvalue of A), the signal peaks at hubs instead of at the goal.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix, identity
from scipy.sparse.linalg import splu

from neural_brain.models.geometry import Array
from neural_brain.models.maps.ways import climb

MOST_SHARE = 0.8
ITERATIONS = 200


class Endotaxis:
    """The signal for any goal.

    Args:
        costs: passages (n, n), of which only the pattern counts.
        share: gain as share of the critical one.

    Raises:
        ValueError: if the share is not above 0 and at most 0.8.
    """

    def __init__(self, costs: csr_matrix, share: float = MOST_SHARE) -> None:
        if not 0.0 < share <= MOST_SHARE:
            raise ValueError(
                f"share = {share}; it must be above 0 and at most {MOST_SHARE}: beyond "
                "that the signal peaks at hubs. Give a smaller one."
            )
        self.costs = csr_matrix(costs)
        A = self.costs.copy()
        A.data = np.ones_like(A.data)
        self.gain = share / max(largest_eigenvalue(A), 1e-9)
        system = csc_matrix(identity(A.shape[0]) / self.gain - A)
        self._lu = splu(system, diag_pivot_thresh=0.0, options={"SymmetricMode": True})

    def signal(self, goal: int) -> Array:
        """E(x, goal) for every place x (n,).

        With directed passages a place x is known by where one gets to from it, so its
        cells are row x of (I / gain - A)^-1.
        """
        unit = np.zeros(self.costs.shape[0])
        unit[goal] = 1.0
        cells = self._lu.solve(unit, "T")  # the goal's own row
        return np.asarray(self._lu.solve(cells))

    def next_rows(self, goal: int) -> np.ndarray:
        """The neighbour (n,) to go to from every row on the way to one, -1 for none."""
        signal = self.signal(goal)
        signal[goal] = np.finfo(float).max  # once there, it is found
        return climb(self.costs, signal)


def largest_eigenvalue(A: csr_matrix) -> float:
    """Of a matrix (n, n) with entries >= 0, by power iteration."""
    x: Array = np.full(A.shape[0], A.shape[0] ** -0.5)
    value = 1.0
    for _ in range(ITERATIONS):
        y = np.asarray(A @ x + x)  # shifted: bipartite graphs do not swing
        value = float(np.linalg.norm(y))
        x = y / value
    return value - 1.0
