"""What a closed door does to rules of distance, and how long they take to be mended."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from neural_brain.benchmarks.topology.distances import (
    RATE_M,
    Distances,
    Rule,
    alt,
    discounted,
    of_vectors,
    searched,
    tabled,
)
from neural_brain.benchmarks.topology.graphs import without
from neural_brain.benchmarks.topology.quasimetric import fit_table
from neural_brain.benchmarks.topology.timing import timed
from neural_brain.models.geometry import Array
from neural_brain.models.maps.ways import climb, walk

EXACT, SEARCH, SR, ALT = "exact table", "Dijkstra", "successor map", "ALT"
OURS, MRN, IQE = "quasimetric from landmarks", "MRN", "IQE"
CHUNK = 50  # steps of a fit between two looks
Samples = dict[str, dict[str, list[float]]]
"""By measure and rule."""


def ways_of(
    costs: csr_matrix, value: Array, goal: int, best: Array
) -> tuple[float, list[float]]:
    """Go where the way seems shortest: share that arrives, mean cost over the best."""
    there = np.isfinite(best) & (best > 0.0)
    way = walk(greedy(costs, value), costs, goal)[there]
    arrived = np.isfinite(way)
    dearer = way[arrived] / best[there][arrived]
    return float(arrived.mean()), [float(dearer.mean())] if arrived.any() else []


def greedy(costs: csr_matrix, value: Array) -> np.ndarray:
    """The neighbour (n,) with the least cost to it and told way from it."""
    ahead = np.maximum(costs.data + value[costs.indices], 0.0)
    return climb(costs, np.ones(costs.shape[0]), discount=1.0 / (1e-6 + ahead))


def measure_door(
    costs: csr_matrix,
    rules: dict[str, Rule],
    steps: int,
    rng: np.random.Generator,
    samples: Samples,
) -> None:
    """Close a passage in the middle of a best way: what is wrong, how long to mend?"""
    start, goal = rng.choice(costs.shape[0], 2, replace=False).tolist()
    _, before = dijkstra(costs, indices=start, return_predecessors=True)
    way = [goal]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    b, a = way[(len(way) - 1) // 2], way[(len(way) - 1) // 2 + 1]
    shut = without(costs, {(a, b), (b, a)})
    best, took_s = timed(lambda: searched(shut).to_goal(goal))
    samples["mending"][SEARCH].append(took_s)
    for name, make in ((EXACT, tabled), (SR, discounted), (ALT, alt)):
        samples["mending"][name].append(timed(lambda make=make: make(shut))[1])
    for name in (ALT, OURS, MRN, IQE, EXACT):
        share, _ = ways_of(shut, rules[name].to_goal(goal), goal, best)
        samples["arrives before mending"][name].append(share)
    wanted, _ = ways_of(
        costs, rules[OURS].to_goal(goal), goal, rules[SEARCH].to_goal(goal)
    )

    def arrives(rule: Rule) -> float:
        return ways_of(shut, rule.to_goal(goal), goal, best)[0]

    known, learning_s = timed(lambda: Distances(shut, rng))
    share, took_s = refitted(rules[OURS], known, arrives, wanted, steps)
    samples["mending"][OURS].append(learning_s + took_s)
    samples["arrives when mended"][OURS].append(share)


def refitted(
    rule: Rule,
    known: Distances,
    arrives: Callable[[Rule], float],
    wanted: float,
    steps: int,
) -> tuple[float, float]:
    """Learn on until as many places arrive as did before: their share, and time [s]."""
    assert rule.head is not None
    vectors, head = rule.vectors, rule.head
    share = spent_s = 0.0
    for _ in range(0, steps, CHUNK):
        started = time.process_time()
        vectors = fit_table(vectors, head, known.draw, steps=CHUNK, rate=0.3 * RATE_M)
        spent_s += time.process_time() - started
        share = arrives(of_vectors(head, vectors))
        if share >= wanted:
            break
    return share, spent_s
