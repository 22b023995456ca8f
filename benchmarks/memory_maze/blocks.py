"""The maze's own structure laid over the grid: 2 m cells that are wall or free whole.

Declared prior knowledge: walls fill whole cells of 2 m. A cell of which enough was
seen empty is free to its edges, one whose edge was hit is wall all through, and both
are told apart by whichever has more evidence (summed log odds; of a wall only an edge
is ever seen, so hits count more, and one look from a wrong pose opens no wall).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.memory_maze.sight import CELL_M
from neural_brain.models.maps import OccupancyGrid
from neural_brain.models.signals import GridView

FREE, WALL, UNKNOWN = 0, 100, -1
ENOUGH_FREE = 0.12  # share of a cell
ENOUGH_HIT = 0.03
EDGE = 3.0  # weight of a hit against what was seen empty


def block_view(grid: OccupancyGrid) -> GridView:
    """The grid with whole cells of the maze, cropped to what is known and one more."""
    side = round(CELL_M / grid.resolution)
    cells, origin = _aligned(grid.lidar, grid.origin, grid.resolution, side)
    h, w = (n // side for n in cells.shape)
    tiles = cells.reshape(h, side, w, side)
    free = (tiles < 0).mean(axis=(1, 3))
    hit = (tiles > 0).mean(axis=(1, 3))
    empty = -np.minimum(tiles, 0).sum(axis=(1, 3))
    solid = EDGE * np.maximum(tiles, 0).sum(axis=(1, 3))
    state = np.full((h, w), UNKNOWN, np.int8)
    state[(free >= ENOUGH_FREE) & (empty >= solid)] = FREE
    state[(hit >= ENOUGH_HIT) & (solid > empty)] = WALL
    rows, columns = np.nonzero(state != UNKNOWN)
    if len(rows) == 0:
        rows = columns = np.array([0])
    low = np.maximum([rows.min() - 1, columns.min() - 1], 0)
    high = np.minimum([rows.max() + 2, columns.max() + 2], [h, w])
    state = state[low[0] : high[0], low[1] : high[1]]
    return GridView(
        cells=np.repeat(np.repeat(state, side, axis=0), side, axis=1),
        origin=origin + CELL_M * low[::-1],
        resolution=grid.resolution,
        version=grid.version,
    )


def _aligned(
    cells: NDArray[np.int16], origin: NDArray[np.float64], size: float, side: int
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Cells that begin and end on edges of the maze's cells, and their new corner."""
    number = np.round(origin / size).astype(np.int64)  # (x, y) of the first cell
    skip = (-number) % side
    part = cells[skip[1] :, skip[0] :]
    h, w = (n - n % side for n in part.shape)
    return part[:h, :w], (number + skip) * size
