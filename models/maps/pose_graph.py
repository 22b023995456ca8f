"""A pose graph of the plane and its least-squares solution.

Nodes are poses (3,) in `map`, edges are measured relative poses with information. The
solution is the usual one on SE(2) (Grisetti et al., "A tutorial on graph-based SLAM",
2010): Levenberg-Marquardt over sparse normal equations, which SciPy's SuperLU factors.
Loop edges are scaled down by dynamic covariance scaling (Agarwal et al., ICRA 2013)
when they disagree with all the rest, so that a wrong one cannot bend the map. At first
all of them count in full, and the scaling grows stage by stage (graduated
non-convexity, Yang et al., RA-L 2020), so that right loops over a long drift survive.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csc_matrix, diags
from scipy.sparse.linalg import splu

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array

DCS = 50.0  # chi2 from which a loop edge is scaled down: a wrong one has thousands
STAGES = (1e6, 100.0, 10.0, 1.0)  # factors of DCS, one stage after the other
ROUNDS = 8  # iterations of a stage at most
SMALL = 1e-4  # [m, rad] a step below this ends it


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Measured pose (3,) of keyframe `second` in keyframe `first`.

    Attributes:
        first, second: numbers of keyframes.
        pose: [m, m, rad].
        covariance: (3, 3) of x, y, yaw in the frame of `first`.
        loop: whether it may be doubted: a place that was recognised.
    """

    first: int
    second: int
    pose: Array
    covariance: Array
    loop: bool = False


@dataclass(frozen=True, kw_only=True)
class Solution:
    """Poses (n, 3), weighted error, and what each edge still counts (m,) in 0..1."""

    poses: Array
    chi2: float
    weights: Array


class GraphProblem:
    """Edges as arrays, ready to be solved.

    Args:
        numbers: of the keyframes, in the order of their poses; the first stays put.
        edges: between them.

    Raises:
        ConfigError: if an edge names an unknown keyframe or itself.
    """

    def __init__(self, numbers: list[int], edges: list[Edge]) -> None:
        row = {number: k for k, number in enumerate(numbers)}
        for edge in edges:
            if edge.first not in row or edge.second not in row:
                raise ConfigError(
                    f"edge {edge.first}-{edge.second}: expected keyframes of the "
                    "graph. Add the keyframe first, or drop the edge."
                )
            if edge.first == edge.second:
                raise ConfigError(
                    f"edge {edge.first}-{edge.second} joins a keyframe with itself; "
                    "expected two different ones. Drop the edge."
                )
        self.first = np.array([row[edge.first] for edge in edges], dtype=np.int64)
        self.second = np.array([row[edge.second] for edge in edges], dtype=np.int64)
        self.measured = np.array([edge.pose for edge in edges]).reshape(-1, 3)
        self.loop = np.array([edge.loop for edge in edges], dtype=bool)
        covariance = np.array([edge.covariance for edge in edges]).reshape(-1, 3, 3)
        self.information = np.linalg.inv(_in_measured(covariance, self.measured))

    def residuals(self, poses: Array) -> Array:
        """Error (m, 3) of every edge in the frame of its measurement."""
        a, b = poses[self.first], poses[self.second]
        gap = _turned(b[:, :2] - a[:, :2], -a[:, 2]) - self.measured[:, :2]
        error = np.empty((len(a), 3))
        error[:, :2] = _turned(gap, -self.measured[:, 2])
        error[:, 2] = _wrap(b[:, 2] - a[:, 2] - self.measured[:, 2])
        return error

    def chi2(self, poses: Array) -> Array:
        """Squared Mahalanobis length (m,) of every edge's error."""
        error = self.residuals(poses)
        return np.einsum("ki,kij,kj->k", error, self.information, error)

    def cost(self, poses: Array) -> float:
        """Robust error of poses (n, 3), to be compared with a solution's `chi2`."""
        return self._cost(poses, DCS)[0]

    def solve(self, poses: Array) -> Solution:
        """The solution at once; `steps` gives it in slices."""
        work = self.steps(poses)
        while True:
            try:
                next(work)
            except StopIteration as end:
                solution: Solution = end.value
                return solution

    def steps(self, poses: Array) -> Generator[None, None, Solution]:
        """Solve, one iteration per `next`.

        Args:
            poses: start (n, 3); the first is kept.

        Returns:
            The solution. Keyframes that no edge joins with the first stay as they are.
        """
        poses = np.array(poses, dtype=np.float64)
        if len(self.first) == 0:
            return Solution(poses=poses, chi2=0.0, weights=np.zeros(0))
        stages = STAGES if self.loop.any() else STAGES[:1]
        for factor in stages:
            poses = yield from self._stage(poses, factor * DCS)
        cost, weights = self._cost(poses, stages[-1] * DCS)
        return Solution(poses=poses, chi2=cost, weights=weights)

    def _stage(self, poses: Array, limit: float) -> Generator[None, None, Array]:
        """Levenberg-Marquardt until nothing gets better; returns the poses."""
        damping = 1e-6
        cost, weights = self._cost(poses, limit)
        for _ in range(ROUNDS):
            hessian, gradient = self._normal_equations(poses, weights)
            step = _solve(hessian, gradient, damping)
            trial = poses.copy()
            trial[1:] += step.reshape(-1, 3)
            trial[:, 2] = _wrap(trial[:, 2])
            new_cost, new_weights = self._cost(trial, limit)
            yield
            if new_cost > cost:
                damping *= 100.0
                continue
            poses, cost, weights = trial, new_cost, new_weights
            damping = max(damping / 10.0, 1e-9)
            if np.abs(step).max(initial=0.0) < SMALL:
                break
        return poses

    def _cost(self, poses: Array, limit: float) -> tuple[float, Array]:
        """Sum of all robust errors, and the weight (m,) of every edge.

        With s = min(1, 2 limit / (limit + chi2)) it is s^2 chi2 + limit (1 - s)^2.
        """
        chi2 = self.chi2(poses)
        scale = np.where(self.loop, np.minimum(1.0, 2.0 * limit / (limit + chi2)), 1.0)
        cost = scale**2 * chi2 + limit * (1.0 - scale) ** 2
        return float(cost.sum()), scale**2

    def _normal_equations(
        self, poses: Array, weights: Array
    ) -> tuple[csc_matrix, Array]:
        """Hessian (3n-3, 3n-3) and gradient (3n-3,) without the first pose."""
        a, b = poses[self.first], poses[self.second]
        gap = b[:, :2] - a[:, :2]
        turn = a[:, 2] + self.measured[:, 2]
        c, s = np.cos(turn), np.sin(turn)
        zero, one = np.zeros_like(c), np.ones_like(c)
        lean = -s * gap[:, 0] + c * gap[:, 1], -c * gap[:, 0] - s * gap[:, 1]
        to_b = _rows((c, s, zero), (-s, c, zero), (zero, zero, one))
        to_a = _rows((-c, -s, lean[0]), (s, -c, lean[1]), (zero, zero, -one))
        error = self.residuals(poses)
        information = self.information * weights[:, None, None]
        jacobian = {0: to_a, 1: to_b}
        ends = {0: self.first, 1: self.second}
        size = 3 * len(poses)
        gradient = np.zeros(size)
        rows, columns, values = [], [], []
        axis = np.arange(3)
        for p in (0, 1):
            left = np.einsum("kji,kjl->kil", jacobian[p], information)
            part = np.einsum("kil,kl->ki", left, error)
            np.add.at(gradient, (3 * ends[p][:, None] + axis), part)
            for q in (0, 1):
                block = left @ jacobian[q]
                shape = block.shape
                at = 3 * ends[p][:, None, None] + axis[:, None]
                rows.append(np.broadcast_to(at, shape).ravel())
                at = 3 * ends[q][:, None, None] + axis[None, :]
                columns.append(np.broadcast_to(at, shape).ravel())
                values.append(block.ravel())
        entries = (np.concatenate(rows), np.concatenate(columns))
        matrix = coo_matrix((np.concatenate(values), entries), shape=(size, size))
        return csc_matrix(matrix)[3:, 3:], gradient[3:]


def _solve(hessian: csc_matrix, gradient: Array, damping: float) -> Array:
    """The damped Newton step; poses without any edge stay where they are."""
    diagonal = hessian.diagonal()
    added = damping * diagonal + np.where(diagonal > 0.0, 1e-9, 1.0)
    factor = splu(
        csc_matrix(hessian + diags(added)),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    return -np.asarray(factor.solve(gradient), dtype=np.float64)


def _in_measured(covariance: Array, measured: Array) -> Array:
    """Covariances (m, 3, 3) given in the first frame, in the measured frame."""
    c, s = np.cos(measured[:, 2]), np.sin(measured[:, 2])
    zero, one = np.zeros_like(c), np.ones_like(c)
    R = _rows((c, s, zero), (-s, c, zero), (zero, zero, one))
    return R @ covariance @ R.transpose(0, 2, 1)


def _rows(*rows: tuple[Array, Array, Array]) -> Array:
    """Matrices (m, 3, 3) of rows of columns (m,)."""
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _turned(vectors: Array, angle: Array) -> Array:
    """Vectors (m, 2), each turned by its angle [rad]."""
    c, s = np.cos(angle), np.sin(angle)
    x, y = vectors[:, 0], vectors[:, 1]
    return np.stack([c * x - s * y, s * x + c * y], axis=1)


def _wrap(angle: Array) -> NDArray[np.float64]:
    return (angle + np.pi) % (2.0 * np.pi) - np.pi
