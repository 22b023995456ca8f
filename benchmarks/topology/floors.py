"""Floors of any area, with furnished rooms and doors, as a lidar would map them."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps import GridConfig, OccupancyGrid

ROOM_M = np.array([5.0, 4.0])  # from wall to wall
WALL_M, DOOR_M = 0.1, 0.9
OPEN = 0.7  # share of the walls between two rooms that have a door
EMPTY, SOLID = -200, 350  # log odds in hundredths
MARGIN_M = 2.0  # unknown, around the floor


def floor_grid(area_m2: float, rng: np.random.Generator) -> OccupancyGrid:
    """A square floor: rows of rooms with a few things, doors in most of the walls."""
    columns, rows = (max(1, round(np.sqrt(area_m2) / m)) for m in ROOM_M.tolist())
    extent = np.array([columns, rows]) * ROOM_M
    start_m = float(extent.max()) + 2.0 * MARGIN_M
    config = GridConfig(start_size_m=start_m, max_size_m=max(start_m, 10.0) + 20.0)
    grid = OccupancyGrid(config)
    corner = -0.5 * extent
    _fill(grid, corner - 0.5 * WALL_M, corner + extent + 0.5 * WALL_M, SOLID)
    for k in range(rows * columns):
        _furnish(grid, corner + np.array([k % columns, k // columns]) * ROOM_M, rng)
    for k in range(rows * columns):
        row, column = divmod(k, columns)
        low = corner + np.array([column, row]) * ROOM_M
        if column > 0 and rng.random() < OPEN:
            _cut_door(grid, low, 1, rng)
        if row > 0 and rng.random() < OPEN:
            _cut_door(grid, low, 0, rng)
    grid.restore(grid.arrays())  # publishes what was drawn
    return grid


def _furnish(grid: OccupancyGrid, low: Array, rng: np.random.Generator) -> None:
    """One room from its lower corner (2,) [m] on."""
    _fill(grid, low + 0.5 * WALL_M, low + ROOM_M - 0.5 * WALL_M, EMPTY)
    for _ in range(int(rng.integers(2, 5))):
        size = rng.uniform(0.3, 1.2, 2)
        at = low + rng.uniform(0.9, ROOM_M - 0.9 - size)
        _fill(grid, at, at + size, SOLID)


def _cut_door(
    grid: OccupancyGrid, low: Array, axis: int, rng: np.random.Generator
) -> None:
    """A gap in the wall that runs along an axis from a corner (2,) [m] on."""
    at = np.array(low)
    at[axis] += rng.uniform(0.5, ROOM_M[axis] - DOOR_M - 0.5)
    half = np.full(2, WALL_M)
    half[axis] = 0.0
    size = np.zeros(2)
    size[axis] = DOOR_M
    _fill(grid, at - half, at + size + half, EMPTY)


def _fill(grid: OccupancyGrid, low: Array, high: Array, value: int) -> None:
    """Set the lidar's log odds in a box between two corners (2,) [m]."""
    (row, column), (last_row, last_column) = grid.cells_of(
        np.stack([low, high]) + 1e-6
    ).tolist()
    grid.lidar[row:last_row, column:last_column] = value
