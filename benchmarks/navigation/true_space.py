"""The truth about ways: where the base fits in a home, and how long ways are.

Obstacles are the walls, closed doors and bounding boxes of all things that reach down
to the base. A way is the shortest one of 16 directions on a 5 cm grid (at most 2.7 %
longer than the shortest of all) for a disc of the base's radius.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from neural_brain.models.geometry import Array
from neural_brain.sim.homes import HomeObject, HomeSpec
from neural_brain.sim.robots.base import DECK_HEIGHT_M, RADIUS_M

CELL_M = 0.05
BORDER_M = 0.5
SHIFT = 4
MOVES = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1))
Mask = NDArray[np.bool_]


class TrueSpace:
    """Cells where the base's centre can be; row i, column j as in an image from below.

    Args:
        home: walls, doors and things.

    Attributes:
        clearance: (h, w) distance to the nearest obstacle [m].
        free: (h, w) cells where the base fits.
        xy: (h, w, 2) middle of every cell [m].
    """

    def __init__(self, home: HomeSpec) -> None:
        size = (np.array(home.size) + 2.0 * BORDER_M) / CELL_M
        w, h = np.ceil(size).astype(int).tolist()
        solid = np.ones((h, w), np.uint8)
        inside = np.array([[0, 0], [home.size[0], 0], home.size, [0, home.size[1]]])
        _fill(solid, inside.astype(float), 0)
        shut = [door.rect for door in home.doors if door.closed]
        for rect in [*home.walls, *shut]:
            _fill(solid, _corners(rect), 1)
        for thing in home.objects:
            if thing.position[2] < DECK_HEIGHT_M:
                _fill(solid, footprint(thing), 1)
        clear = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 5) * CELL_M
        self.clearance = clear.astype(np.float64)
        self.free: Mask = self.clearance >= RADIUS_M
        columns, rows = np.meshgrid(np.arange(w), np.arange(h))
        self.xy = (np.stack([columns, rows], axis=2) + 0.5) * CELL_M - BORDER_M
        self._number = np.cumsum(self.free).reshape(self.free.shape) - 1
        self._graph = self._edges()

    def cell(self, point: Array) -> tuple[int, int]:
        """Row and column of the free cell nearest to a point (2,) [m]."""
        row, column = self._near(np.asarray(point, dtype=float)[None, :2])
        if self.free[row[0], column[0]]:
            return int(row[0]), int(column[0])
        apart = np.hypot(self.xy[..., 0] - point[0], self.xy[..., 1] - point[1])
        best = int(np.argmin(np.where(self.free, apart, np.inf)))
        return divmod(best, self.free.shape[1])

    def ways_to(self, targets: Mask, extra: Array | None = None) -> Array:
        """Length of the shortest way from every cell to any target (h, w) [m].

        Args:
            targets: (h, w) cells; those that are not free do not count.
            extra: (h, w) length [m] of what comes after each target.

        Returns:
            (h, w) lengths; infinite where there is no way.
        """
        length = np.full(self.free.shape, np.inf)
        cells = targets & self.free
        after = np.zeros(self.free.shape) if extra is None else extra
        cells = cells & np.isfinite(after)
        if not cells.any():
            return length
        count = int(self.free.sum())
        joined = (np.full(int(cells.sum()), count), self._number[cells])
        start = csr_matrix((after[cells] + 1e-9, joined), shape=(count + 1, count + 1))
        graph = self._graph.copy()
        graph.resize((count + 1, count + 1))
        length[self.free] = dijkstra(graph + start, directed=False, indices=count)[:-1]
        return length

    def joined(self, point: Array) -> Mask:
        """Cells (h, w) that can be reached from a point (2,) [m]."""
        _, labels = cv2.connectedComponents(self.free.astype(np.uint8), connectivity=4)
        return np.asarray(labels == labels[self.cell(point)])

    def _near(self, points: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        cell = np.floor((points + BORDER_M) / CELL_M).astype(np.int64)
        h, w = self.free.shape
        return np.clip(cell[:, 1], 0, h - 1), np.clip(cell[:, 0], 0, w - 1)

    def _edges(self) -> csr_matrix:
        h, w = self.free.shape
        starts, ends, weights = [], [], []
        for down, right in MOVES:
            left, skip = max(0, -right), max(0, right)
            first = (slice(0, h - down), slice(left, w - skip))
            second = (slice(down, h), slice(left + right, w - skip + right))
            both = self.free[first] & self.free[second]
            starts.append(self._number[first][both])
            ends.append(self._number[second][both])
            weights.append(np.full(int(both.sum()), CELL_M * np.hypot(down, right)))
        count = int(self.free.sum())
        joined = (np.concatenate(starts), np.concatenate(ends))
        return csr_matrix((np.concatenate(weights), joined), shape=(count, count))


def footprint(thing: HomeObject) -> Array:
    """Corners (4, 2) [m] of a thing's bounding box from above."""
    x, y, _ = thing.position
    a, b = 0.5 * thing.size[0], 0.5 * thing.size[1]
    c, s = np.cos(np.radians(thing.yaw_deg)), np.sin(np.radians(thing.yaw_deg))
    own = np.array([[-a, -b], [a, -b], [a, b], [-a, b]])
    return own @ np.array([[c, s], [-s, c]]) + (x, y)


def _corners(rect: tuple[float, float, float, float]) -> Array:
    x0, y0, x1, y1 = rect
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _fill(solid: NDArray[np.uint8], corners: Array, value: int) -> None:
    cells = (corners + BORDER_M) / CELL_M - 0.5
    fixed = np.round(cells * (1 << SHIFT)).astype(np.int32)
    cv2.fillPoly(solid, [fixed], value, shift=SHIFT)
