"""Shortest safe ways on a costmap: Dijkstra from one cell to all, then smoothing.

One search gives the cost to every reachable cell, so that many possible goals
(frontiers, poses around an object) are compared for the price of one plan. Tolls make
crossing a line dearer, or impossible, in one direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from neural_brain.models.geometry import Array
from neural_brain.models.maps.tolls import crossing_prices
from neural_brain.models.motion.costmap import Costmap
from neural_brain.models.signals import CLOSED_M, Toll

NEIGHBOURS = ((0, 1, 1.0), (1, 0, 1.0), (1, 1, np.sqrt(2.0)), (1, -1, np.sqrt(2.0)))


@dataclass(frozen=True, kw_only=True)
class TravelField:
    """Cost from one spot to everywhere.

    Attributes:
        costmap: what it was computed on.
        start: where it begins (2,) [m], on the costmap.
        cost: (h', w') cost of the way [m of free way], inf where there is none.
        parent: (h' w',) previous coarse cell on the way, negative at the start.
        tolls: what crossing certain lines costs on top.
    """

    costmap: Costmap
    start: Array
    cost: Array
    parent: NDArray[np.int32]
    tolls: tuple[Toll, ...] = ()

    def cost_to(self, points: Array) -> Array:
        """Cost of the way to points (n, 2) [m]; inf where there is none."""
        cell = self.costmap.coarse_cells(points)
        return self.cost[cell[..., 0], cell[..., 1]]

    def cost_near(self, point: Array, within_m: float) -> float:
        """Least cost of the way to anywhere near a spot (2,) [m], with the rest of it.

        Infinite if no reachable cell is within `within_m`.
        """
        reach = int(np.ceil(within_m / (self.costmap.resolution * self.costmap.step)))
        row, column = (int(v) for v in self.costmap.coarse_cells(np.asarray(point)))
        rows = slice(max(0, row - reach), row + reach + 1)
        columns = slice(max(0, column - reach), column + reach + 1)
        xy = self.costmap.coarse_xy[rows, columns]
        rest = np.hypot(xy[..., 0] - point[0], xy[..., 1] - point[1])
        whole = np.where(rest <= within_m, self.cost[rows, columns] + rest, np.inf)
        return float(whole.min(initial=np.inf))

    def nearest_reachable(self, point: Array, within_m: float) -> Array | None:
        """The reachable spot (2,) nearest to a point [m], or None."""
        xy = self.costmap.coarse_xy
        apart = np.hypot(xy[:, :, 0] - point[0], xy[:, :, 1] - point[1])
        apart = np.where(np.isfinite(self.cost), apart, np.inf)
        best = int(np.argmin(apart))
        if not apart.flat[best] <= within_m:
            return None
        return xy.reshape(-1, 2)[best].copy()

    def path_to(self, goal: Array) -> Array | None:
        """Smoothed way (n, 2) [m] from the start to a spot, or None."""
        cell = self.costmap.coarse_cells(goal)
        if not np.isfinite(self.cost[cell[0], cell[1]]):
            return None
        index = int(cell[0] * self.cost.shape[1] + cell[1])
        xy = self.costmap.coarse_xy.reshape(-1, 2)
        points = [np.asarray(goal, dtype=np.float64)]
        index = int(self.parent[index])
        while index >= 0:
            points.append(xy[index])
            index = int(self.parent[index])
        points[-1] = self.start if len(points) > 1 else points[-1]
        if len(points) == 1:
            points.append(self.start)
        return smooth(np.array(points[::-1]), self.costmap, tolls=self.tolls)


def travel_field(
    costmap: Costmap,
    start: Array,
    *,
    snap_m: float = 0.6,
    tolls: tuple[Toll, ...] = (),
) -> TravelField | None:
    """Search from a spot.

    Args:
        costmap: where the base can be.
        start: spot (2,) [m]; moved to the nearest allowed one when it is none.
        snap_m: how far it may be moved [m].
        tolls: what crossing certain lines costs on top.

    Returns:
        The field, or None when no allowed spot is near.
    """
    cost = costmap.coarse_cost
    h, w = cost.shape
    spot = nearest_allowed(costmap, start, snap_m)
    if spot is None:
        return None
    open_cells = np.isfinite(cost)
    number = np.cumsum(open_cells.ravel()) - 1
    source = int(number[spot[0] * w + spot[1]])
    graph = _graph(costmap, open_cells, number.reshape(h, w))
    cells = np.flatnonzero(open_cells)
    if tolls:
        graph = _directed(graph, costmap.coarse_xy.reshape(-1, 2)[cells], tolls)
    distance, parent = dijkstra(
        graph, directed=bool(tolls), indices=source, return_predecessors=True
    )
    field = np.full(h * w, np.inf)
    field[cells] = distance
    back = np.full(h * w, -1, dtype=np.int32)
    known = parent >= 0
    back[cells[known]] = cells[parent[known]]
    inside = bool(costmap.clearance_at(np.asarray(start)[None])[0] > 0.0)
    begin = np.asarray(start) if inside else costmap.coarse_xy[spot[0], spot[1]]
    return TravelField(
        costmap=costmap,
        start=np.array(begin, dtype=np.float64),
        cost=field.reshape(h, w),
        parent=back,
        tolls=tolls,
    )


def nearest_allowed(
    costmap: Costmap, point: Array, within_m: float
) -> tuple[int, int] | None:
    """The allowed coarse cell nearest to a point [m], or None."""
    size = costmap.resolution * costmap.step
    reach = int(np.ceil(within_m / size)) + 1
    row, column = (int(v) for v in costmap.coarse_cells(np.asarray(point)))
    r0, c0 = max(0, row - reach), max(0, column - reach)
    window = (slice(r0, row + reach + 1), slice(c0, column + reach + 1))
    xy = costmap.coarse_xy[window]
    apart = np.hypot(xy[:, :, 0] - point[0], xy[:, :, 1] - point[1])
    apart = np.where(np.isfinite(costmap.coarse_cost[window]), apart, np.inf)
    best = int(np.argmin(apart))
    if not apart.flat[best] <= within_m:
        return None
    return r0 + best // apart.shape[1], c0 + best % apart.shape[1]


def smooth(
    path: Array,
    costmap: Costmap,
    spacing_m: float = 0.1,
    *,
    tolls: tuple[Toll, ...] = (),
) -> Array:
    """Pull the string: straight pieces wherever they are no dearer than the detour."""
    if len(path) <= 2:
        return resample(path, spacing_m)
    price = _prices(path, costmap)
    pays = np.append(0.0, np.cumsum(crossing_prices(tolls, path[:-1], path[1:])))
    kept = [0]
    here = 0
    while here < len(path) - 1:
        there = min(here + 40, len(path) - 1)
        while there > here + 1:
            way = _line_price(path[here], path[there], costmap, tolls)
            detour = 1.03 * (price[there] - price[here]) + pays[there] - pays[here]
            if way <= detour + 1e-6:  # what both pay anyway buys no nearness to walls
                break
            there -= max(1, (there - here) // 4)
        kept.append(there)
        here = there
    return resample(path[kept], spacing_m)


def resample(path: Array, spacing_m: float) -> Array:
    """Points (m, 2) every `spacing_m` along a line through points (n, 2); ends kept."""
    lengths = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    if along[-1] < 1e-9:
        return path[[0, -1]].copy()
    count = max(2, int(np.ceil(along[-1] / spacing_m)) + 1)
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, path[:, k]) for k in (0, 1)], axis=1)


def path_length(path: Array) -> float:
    """Length of a polyline (n, 2) [m]."""
    return float(np.hypot(*np.diff(path, axis=0).T).sum()) if len(path) > 1 else 0.0


def _graph(
    costmap: Costmap, open_cells: NDArray[np.bool_], number: NDArray[np.int64]
) -> csr_matrix:
    h, w = open_cells.shape
    size = costmap.resolution * costmap.step
    cost = costmap.coarse_cost
    starts, ends, weights = [], [], []
    for down, right, length in NEIGHBOURS:
        first = (slice(0, h - down), slice(max(0, -right), w - max(0, right)))
        second = (slice(down, h), slice(max(0, right), w + min(0, right)))
        both = open_cells[first] & open_cells[second]
        if down and right:  # no cutting of corners
            side = (first[0], second[1])
            other = (second[0], first[1])
            both &= open_cells[side] & open_cells[other]
        starts.append(number[first][both])
        ends.append(number[second][both])
        mean = 0.5 * (cost[first][both] + cost[second][both])
        weights.append(mean * (length * size))
    count = int(open_cells.sum())
    joined = (np.concatenate(starts), np.concatenate(ends))
    return csr_matrix((np.concatenate(weights), joined), shape=(count, count))


def _directed(graph: csr_matrix, xy: Array, tolls: tuple[Toll, ...]) -> csr_matrix:
    """The same moves as one edge for each direction, with what they pay."""
    both = (graph + graph.T).tocoo()
    pays = crossing_prices(tolls, xy[both.row], xy[both.col])
    keep = pays < CLOSED_M
    joined = (both.row[keep], both.col[keep])
    return csr_matrix(((both.data + pays)[keep], joined), shape=graph.shape)


def _prices(path: Array, costmap: Costmap) -> Array:
    cost = costmap.cost_at(path)
    cost = np.where(np.isfinite(cost), cost, 1.0 + 4.0 * costmap.narrow_cost)
    lengths = np.hypot(*np.diff(path, axis=0).T)
    steps = 0.5 * (cost[1:] + cost[:-1]) * lengths
    return np.concatenate([[0.0], np.cumsum(steps)])


def _line_price(
    start: Array, end: Array, costmap: Costmap, tolls: tuple[Toll, ...]
) -> float:
    length = float(np.hypot(*(end - start)))
    count = max(2, int(length / (0.8 * costmap.resolution)) + 1)
    points = start + np.linspace(0.0, 1.0, count)[:, None] * (end - start)
    pays = float(crossing_prices(tolls, start[None], end[None])[0])
    return float(costmap.cost_at(points).mean()) * length + pays
