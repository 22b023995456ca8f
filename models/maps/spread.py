"""How unsure one pose is as seen from another, along the edges of a pose graph.

The covariance of a way through the graph is an upper bound of the true one, which has
more ways to lean on; the way is the one of least spread (Dijkstra projection, Bosse et
al., IJRR 2004). On top come errors that are the same all along the way, which do not
average out. That is what a gate for loops needs: never too small.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.pose_graph import Edge

LEVER_M = 3.0  # a turn counts like the way of a point so far away
BIAS_RAD_M = 0.003  # scans matched one after the other veer, always to one side
BIAS_M_M = 0.008  # and are too long or too short
PART_M = 8.0  # way over which a veer lasts, if not for ever
BEND_M = 10.0  # a veering way leads aside as if it were at most so long


class Spreads:
    """Ways of least spread from one keyframe to all the others.

    Args:
        numbers: of the keyframes.
        edges: between them; those of other keyframes are left out.
        start: number of the keyframe to look from.

    Attributes:
        sigma: root of the spread along the way (n,) [m]; inf where no way leads.
    """

    def __init__(self, numbers: list[int], edges: list[Edge], start: int) -> None:
        self.row = {number: k for k, number in enumerate(numbers)}
        self.start = self.row[start]
        best: dict[tuple[int, int], Edge] = {}
        for edge in edges:
            if edge.first not in self.row or edge.second not in self.row:
                continue  # of a keyframe that came later
            key = self.row[edge.first], self.row[edge.second]
            known = best.get(key)
            if known is None or _weight(edge) < _weight(known):
                best[key] = edge
        self._edges = best
        ends = np.array(list(best), dtype=np.int64).reshape(-1, 2)
        weights = np.array([_weight(edge) for edge in best.values()])
        n = len(numbers)
        graph = coo_matrix((weights, (ends[:, 0], ends[:, 1])), shape=(n, n))
        cost, self._before = dijkstra(
            graph.tocsr(), directed=False, indices=self.start, return_predecessors=True
        )
        self.sigma = self._sigmas(cost)

    def relative(self, number: int) -> tuple[Array, Array]:
        """Measured pose (3,) of a keyframe in the start's frame, and its covariance.

        Raises:
            ValueError: if no way leads there.
        """
        way = [self.row[number]]
        while way[-1] != self.start:
            before = int(self._before[way[-1]])
            if before < 0:
                raise ValueError(f"no way leads to keyframe {number}")
            way.append(before)
        pose, covariance = np.zeros(3), np.zeros((3, 3))
        spots, lengths = [np.zeros(2)], []
        for a, b in zip(way[::-1], way[-2::-1], strict=False):
            edge = self._step(a, b)
            covariance = chained(covariance, pose, edge)
            pose = compose2(pose, edge.pose)
            spots.append(pose[:2])
            lengths.append(_length(edge))
        return pose, covariance + _bias(np.array(spots), np.array(lengths))

    def _sigmas(self, cost: Array) -> Array:
        """Spread of all ways, biases included, from the tree of least costs."""
        variance, length = np.zeros(len(cost)), np.zeros(len(cost))
        for k in np.argsort(cost, kind="stable"):
            before = int(self._before[k])
            if before >= 0:
                edge = self._step(before, int(k))
                variance[k] = variance[before] + _variance(edge)
                length[k] = length[before] + _length(edge)
        aside = BIAS_RAD_M * length * np.minimum(0.5 * length, BEND_M)
        sigma = np.sqrt(variance + np.square(BIAS_M_M * length) + np.square(aside))
        return np.where(np.isfinite(cost), sigma, np.inf)

    def _step(self, a: int, b: int) -> Edge:
        forth, back = self._edges.get((a, b)), self._edges.get((b, a))
        if forth is not None and (back is None or _weight(forth) <= _weight(back)):
            return forth
        if back is None:
            raise ValueError(f"no edge joins {a} and {b}")
        return Edge(
            first=back.second,
            second=back.first,
            pose=inverse2(back.pose),
            covariance=turned_back(back.covariance, back.pose),
            loop=back.loop,
        )


def _bias(spots: Array, lengths: Array) -> Array:
    """Covariance (3, 3) of what is wrong to one side for long.

    Half of it is so all along the way, half only for `PART_M`, then anew.

    Args:
        spots: points (n + 1, 2) [m] of the way.
        lengths: of its steps (n,) [m]; 0 for steps that were not driven.
    """
    if len(lengths) == 0:
        return np.zeros((3, 3))
    middle, steps = 0.5 * (spots[:-1] + spots[1:]), np.diff(spots, axis=0)
    arm = spots[-1] - middle
    veer = np.stack([-lengths * arm[:, 1], lengths * arm[:, 0], lengths], axis=1)
    scale = np.column_stack([steps * (lengths > 0.0)[:, None], np.zeros(len(steps))])
    part = np.floor(np.cumsum(lengths) / PART_M).astype(int)
    spread = np.zeros((3, 3))
    for rate, each in ((BIAS_RAD_M, veer), (BIAS_M_M, scale)):
        parts = np.zeros((part[-1] + 1, 3))
        np.add.at(parts, part, rate * each)
        whole = parts.sum(axis=0)
        spread += 0.5 * (np.outer(whole, whole) + len(parts) * parts.T @ parts)
    least = (0.3 * BIAS_M_M * lengths.sum()) ** 2
    return np.asarray(spread + np.diag([least, least, 0.0]))


def chained(covariance: Array, pose: Array, edge: Edge) -> Array:
    """Covariance (3, 3) of pose and edge one after the other, in the first frame.

    Args:
        covariance: of `pose`, axes of the first frame.
        pose: (3,) of the edge's first keyframe in the first frame.
        edge: the next step.
    """
    c, s = np.cos(pose[2]), np.sin(pose[2])
    x, y = edge.pose[0], edge.pose[1]
    J = np.array([[1.0, 0.0, -s * x - c * y], [0.0, 1.0, c * x - s * y], [0, 0, 1.0]])
    R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(J @ covariance @ J.T + R @ edge.covariance @ R.T)


def turned_back(covariance: Array, pose: Array) -> Array:
    """Covariance (3, 3) of the inverse of a pose (3,) with a covariance."""
    c, s = np.cos(pose[2]), np.sin(pose[2])
    back = inverse2(pose)
    J = -np.array([[c, s, -back[1]], [-s, c, back[0]], [0.0, 0.0, 1.0]])
    return np.asarray(J @ covariance @ J.T)


def _variance(edge: Edge) -> float:
    c = edge.covariance
    return float(c[0, 0] + c[1, 1] + LEVER_M**2 * c[2, 2])


def _length(edge: Edge) -> float:
    """What was driven [m]; a place that was recognised is measured at once."""
    return 0.0 if edge.loop else float(np.hypot(edge.pose[0], edge.pose[1]))


def _weight(edge: Edge) -> float:
    """What a step costs in the choice of the way [m2]."""
    return _variance(edge) + BIAS_M_M**2 * _length(edge)
