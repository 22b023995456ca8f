"""Topological maps to plan on: of generated homes, and of large buildings.

A tenth of the passages is slow one way and a twentieth is closed one way, as slopes,
thresholds and one-way doors would have it.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from neural_brain.benchmarks.navigation.true_space import BORDER_M, CELL_M, TrueSpace
from neural_brain.models.maps import (
    GridConfig,
    OccupancyGrid,
    PlaceConfig,
    PlaceGraph,
    RoomConfig,
    RoomMap,
)
from neural_brain.models.maps.ways import WayGraph, graph_of

SLOW, ONE_WAY = 0.1, 0.05
STEP_M = 1.2  # between the places of a building
WALLS = 0.2  # share of its passages that are missing


def place_graph(space: TrueSpace) -> tuple[PlaceGraph, OccupancyGrid]:
    """Topological map and grid of a home that is known perfectly, in its own frame."""
    h, w = space.free.shape
    size_m = 2.0 * (max(h, w) * CELL_M + 2.0)
    grid = OccupancyGrid(GridConfig(resolution_m=CELL_M, start_size_m=size_m))
    row, column = np.round((-BORDER_M - grid.origin) / CELL_M).astype(int)[::-1]
    lidar = np.where(space.clearance > 0.0, -200, 300)
    grid.lidar[row : row + h, column : column + w] = lidar
    grid.restore({**grid.arrays()})
    rooms = RoomMap(RoomConfig())
    rooms.update(grid)
    graph = PlaceGraph(PlaceConfig())
    graph.update(grid, rooms, None)
    return graph, grid


def home_ways(graph: PlaceGraph, rng: np.random.Generator) -> WayGraph:
    """Its passages, some of them slow or closed one way."""
    return graph_of(one_sided(dict(graph.costs), rng))


def building_ways(count: int, rng: np.random.Generator) -> WayGraph:
    """A building of about `count` places in rows, with walls and one-sided passages."""
    side = max(2, round(np.sqrt(count)))
    costs = {}
    for k in range(side * side):
        row, column = divmod(k, side)
        for other, there in ((k + 1, column < side - 1), (k + side, row < side - 1)):
            spine = row == 0 if other == k + 1 else column % 7 == 0
            if there and (spine or rng.random() > WALLS):
                costs[k, other] = costs[other, k] = STEP_M * rng.uniform(1.0, 1.4)
    return graph_of(one_sided(costs, rng))


def one_sided(
    costs: dict[tuple[int, int], float], rng: np.random.Generator
) -> dict[tuple[int, int], float]:
    """Costs of which some directions are dearer or gone."""
    kept = {}
    for pair, cost in sorted(costs.items()):
        draw = rng.random()
        if pair[0] < pair[1] and draw < ONE_WAY:
            continue
        slow = rng.uniform(1.5, 3.0) if draw > 1.0 - SLOW else 1.0
        kept[pair] = float(cost * slow)
    return kept


def without(costs: csr_matrix, pairs: set[tuple[int, int]]) -> csr_matrix:
    """The same passages without some."""
    table = costs.tocoo()
    keep = [pair not in pairs for pair in zip(table.row, table.col, strict=True)]
    joined = (table.row[keep], table.col[keep])
    return csr_matrix((table.data[keep], joined), shape=costs.shape)
