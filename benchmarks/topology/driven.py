"""Ways between places of which only a few were driven: who guesses the rest best?

A robot drives best ways between random places of a home and notes what each of them
cost. Nothing is known of other passages, only where the places are. Every rule must
then tell how far it is between places that no single drive has joined.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from neural_brain.benchmarks.topology.quasimetric import (
    Adam,
    Head,
    iqe,
    mrn,
    relative_error,
)
from neural_brain.models.geometry import Array

TABLE, LINES = "table of driven passages", "straight line"
BRIDGED = "driven passages both ways, straight where none"
IQE_XY, MRN_XY = "IQE of coordinates", "MRN of coordinates"
HIDDEN, DIMS, BATCH, STEPS, RATE = 64, 32, 256, 1000, 0.003


@dataclass(frozen=True, kw_only=True)
class Driven:
    """What drives have told.

    Attributes:
        xy: places (n, 2) [m].
        passages: (n, n) cost [m] of those that were driven.
        ways: (n, n) cost [m] between places that one drive has joined, else nan.
    """

    xy: Array
    passages: csr_matrix
    ways: Array


def drive(
    xy: Array, costs: csr_matrix, drives: int, rng: np.random.Generator
) -> Driven:
    """Drive best ways from one random place to the next.

    Args:
        xy: places (n, 2) [m].
        costs: all passages (n, n) [m]; every place must be reached from every other.
        drives: number of drives.
        rng: chooses the places.
    """
    n = costs.shape[0]
    passages = np.zeros((n, n))
    ways = np.full((n, n), np.nan)
    here = int(rng.integers(n))
    for _ in range(drives):
        goal = int(rng.integers(n))
        cost, before = dijkstra(costs, indices=here, return_predecessors=True)
        way = [goal]
        while way[-1] != here:
            way.append(int(before[way[-1]]))
        way.reverse()
        for k, a in enumerate(way):
            for b in way[k + 1 :]:
                ways[a, b] = cost[b] - cost[a]
        for a, b in itertools.pairwise(way):
            passages[a, b] = costs[a, b]
        here = goal
    return Driven(xy=xy, passages=csr_matrix(passages), ways=ways)


def guesses(driven: Driven, rng: np.random.Generator) -> dict[str, Array]:
    """Way length [m] (n, n) by rule; inf where a rule knows none."""
    straight = np.hypot(*(driven.xy[:, None] - driven.xy).transpose(2, 0, 1))
    known = np.isfinite(driven.ways) & (straight > 0.0)
    detour = float(np.median(driven.ways[known] / straight[known]))
    lines = detour * straight
    there = driven.passages.toarray()
    both = np.where(there > 0.0, there, there.T)
    bridges = np.where(both > 0.0, both, lines)
    joined = dijkstra(both)
    return {
        TABLE: dijkstra(there),
        LINES: lines,
        BRIDGED: np.where(np.isfinite(joined), joined, dijkstra(bridges)),
        IQE_XY: learned(driven, iqe, rng),
        MRN_XY: learned(driven, mrn, rng),
    }


def learned(driven: Driven, head: Head, rng: np.random.Generator) -> Array:
    """Way lengths [m] (n, n) of a network on coordinates, fitted to all driven ways."""
    start, end = np.nonzero(np.isfinite(driven.ways) & (driven.ways > 0.0))
    way = driven.ways[start, end]
    middle, spread = driven.xy.mean(axis=0), driven.xy.std() + 1e-9
    inputs = (driven.xy - middle) / spread
    net = Network(inputs.shape[1], float(way.mean()), rng)
    adam = Adam(arrays=net.arrays, rate=RATE)
    for k in range(STEPS):
        some = rng.integers(0, len(way), BATCH)
        vectors = net(inputs)
        a, b = start[some], end[some]
        _, by_x, by_y = relative_error(head, vectors[a], vectors[b], way[some])
        slope = np.zeros_like(vectors)
        np.add.at(slope, a, by_x)
        np.add.at(slope, b, by_y)
        adam.step(net.slopes(slope), 1.0 - k / STEPS)
    vectors = net(inputs)
    n = len(vectors)
    first, second = np.divmod(np.arange(n * n), n)
    return head(vectors[first], vectors[second])[0].reshape(n, n)


class Network:
    """Two hidden layers of tanh; outputs in metres."""

    def __init__(self, inputs: int, scale_m: float, rng: np.random.Generator) -> None:
        self.scale_m = scale_m
        sizes = (inputs, HIDDEN, HIDDEN, DIMS)
        self.arrays: list[Array] = []
        for a, b in itertools.pairwise(sizes):
            self.arrays += [rng.normal(0.0, a**-0.5, (a, b)), np.zeros(b)]
        self._layers: list[Array] = []

    def __call__(self, inputs: Array) -> Array:
        """Vectors (n, DIMS) of inputs (n, k)."""
        layers = [inputs]
        for k in (0, 2, 4):
            out = layers[-1] @ self.arrays[k] + self.arrays[k + 1]
            layers.append(np.tanh(out) if k < 4 else out)
        self._layers = layers[:-1]
        return np.asarray(self.scale_m * layers[-1])

    def slopes(self, slope: Array) -> list[Array]:
        """Derivatives by all arrays, from those by the last outputs (n, DIMS)."""
        slope = self.scale_m * slope
        found: list[Array] = []
        for k in (4, 2, 0):
            layer = self._layers[k // 2]
            found = [layer.T @ slope, slope.sum(axis=0), *found]
            slope = (slope @ self.arrays[k].T) * (1.0 - layer**2)
        return found


def unseen(driven: Driven, true_m: Array) -> NDArray[np.bool_]:
    """Pairs (n, n) of different places that no single drive has joined."""
    return np.isnan(driven.ways) & (true_m > 0.0)
