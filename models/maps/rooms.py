"""Rooms: the free space cut at its narrow necks.

Distance-transform segmentation with a watershed (Bormann et al., "Room segmentation:
survey, implementation, and analysis", ICRA 2016): basins of the clearance that are
deeper than half a door grow until they meet; they meet in the doors. Things that
stand free in a room are first taken out, so that a table does not cut a room.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.maps.occupancy import OccupancyGrid

Labels = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class RoomConfig:
    """How rooms are told apart."""

    cell_m: float = param(0.1, "resolution of the segmentation", low=0.05, high=0.5)
    door_m: float = param(1.05, "necks narrower than this are doors", low=0.4, high=3.0)
    island_m: float = param(1.9, "free-standing things up to here", low=0.0, high=5.0)
    min_area_m2: float = param(2.0, "smaller regions are no rooms", low=0.2, high=50.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Door:
    """A neck between two rooms: middle (2,) [m] in `map` and width [m]."""

    rooms: tuple[int, int]
    xy: Array
    width_m: float


class RoomMap:
    """Room label of every coarse cell; numbers stay the same while rooms grow.

    Attributes:
        labels: (h, w) room number, 0 = none.
        origin: lower corner (2,) [m] of cell (0, 0) in `map`.
        doors: necks between rooms.
    """

    def __init__(self, config: RoomConfig) -> None:
        self.config = config
        self.cell_m = config.cell_m
        self.labels: Labels = np.zeros((1, 1), np.int32)
        self.origin = np.zeros(2)
        self.doors: tuple[Door, ...] = ()
        self.next_id = 1

    def update(self, grid: OccupancyGrid) -> None:
        """Segment the lidar layer and carry the old numbers over."""
        factor = max(1, round(self.config.cell_m / grid.resolution))
        free, solid = _coarse(grid, factor)
        self.cell_m = factor * grid.resolution
        free = self._without_islands(free, solid)
        clearance = cv2.distanceTransform(free, cv2.DIST_L2, 5) * self.cell_m
        basins, necks = self._basins(free, clearance)
        basins = self._merge_small(basins, necks)
        old, old_origin = self.labels, self.origin
        self.origin = grid.origin.copy()
        names = self._old_numbers(basins, old, old_origin)
        self.labels = names[basins]
        self.doors = self._find_doors(necks, clearance, names, basins)

    def room_of(self, points: Array) -> NDArray[np.int32]:
        """Room number (n,) of points (n, 2) [m] in `map`; 0 = none."""
        points = np.asarray(points).reshape(-1, 2)
        cell = np.floor((points - self.origin) / self.cell_m).astype(int)
        h, w = self.labels.shape
        inside = np.all((cell >= 0) & (cell < [w, h]), axis=1)
        cell = np.clip(cell, 0, [w - 1, h - 1])
        found = np.where(inside, self.labels[cell[:, 1], cell[:, 0]], 0)
        return found.astype(np.int32)

    def regions(self) -> dict[int, tuple[Array, float]]:
        """Centre (2,) [m] and area [m2] by room number."""
        rows, columns = np.nonzero(self.labels)
        label = self.labels[rows, columns]
        count = np.bincount(label, minlength=1)
        x = np.bincount(label, weights=columns)
        y = np.bincount(label, weights=rows)
        found: dict[int, tuple[Array, float]] = {}
        for k in np.flatnonzero(count):
            cell = np.array([x[k], y[k]]) / count[k] + 0.5
            center = self.origin + self.cell_m * cell
            found[int(k)] = (center, float(count[k] * self.cell_m**2))
        return found

    def _without_islands(
        self, free: NDArray[np.uint8], solid: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        """Free space with small free-standing things (and their inside) filled."""
        limit = self.config.island_m / self.cell_m
        count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - free)
        touched = np.zeros(count, bool)
        touched[np.unique(labels[solid > 0])] = True
        small = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
        tiny = stats[:, cv2.CC_STAT_AREA] <= 4
        fill = (small <= limit) & (touched | tiny)
        fill[0] = False  # label 0 is the free space itself
        return (free | fill[labels]).astype(np.uint8)

    def _basins(
        self, free: NDArray[np.uint8], clearance: NDArray[np.float32]
    ) -> tuple[Labels, list[tuple[int, int, int, int]]]:
        """Watershed labels (0 outside) and neck cells (row, column, a, b)."""
        seeds = (clearance > 0.5 * self.config.door_m).astype(np.uint8)
        count, markers = cv2.connectedComponents(seeds)
        markers = markers.astype(np.int32)
        markers[(free == 0)] = count  # one marker for everything outside
        depth = np.clip(255.0 - clearance * 100.0, 0.0, 255.0).astype(np.uint8)
        image = cv2.cvtColor(depth, cv2.COLOR_GRAY2BGR)
        ridge = cv2.watershed(image, markers.copy())
        ridge[free == 0] = count
        inner = np.where((ridge == count) | (ridge == -1), 0, ridge)
        necks = _necks(ridge, count)
        for row, column, a, _ in necks:  # give the dividing line to one side
            inner[row, column] = a
        return inner.astype(np.int32), necks

    def _merge_small(
        self, basins: Labels, necks: list[tuple[int, int, int, int]]
    ) -> Labels:
        """Join regions that are too small with the neighbour of the longest border."""
        limit = self.config.min_area_m2 / self.cell_m**2
        count = np.bincount(basins.ravel())
        border: dict[tuple[int, int], int] = {}
        for _, _, a, b in necks:
            key = (min(a, b), max(a, b))
            border[key] = border.get(key, 0) + 1
        into = np.arange(len(count))
        for k in sorted(range(1, len(count)), key=lambda k: count[k]):
            if count[k] >= limit:
                break
            near = {
                a + b - k: length for (a, b), length in border.items() if k in (a, b)
            }
            into[k] = max(near, key=lambda n: near[n]) if near else 0
            count[into[k]] += count[k]
        for _ in range(4):  # follow chains
            into = into[into]
        into[count < limit] = 0
        merged: Labels = into[basins].astype(np.int32)
        return merged

    def _old_numbers(self, basins: Labels, old: Labels, old_origin: Array) -> Labels:
        """Number for every basin: the old room that it overlaps most, or a new one."""
        shift = np.round((old_origin - self.origin) / self.cell_m).astype(int)
        before = np.zeros_like(basins)
        h, w = before.shape
        oh, ow = old.shape
        r0, c0 = max(0, shift[1]), max(0, shift[0])
        r1, c1 = min(h, shift[1] + oh), min(w, shift[0] + ow)
        if r1 > r0 and c1 > c0:
            part = old[r0 - shift[1] : r1 - shift[1], c0 - shift[0] : c1 - shift[0]]
            before[r0:r1, c0:c1] = part
        names = np.zeros(int(basins.max()) + 1, np.int32)
        both = (basins > 0) & (before > 0)
        pairs, votes = np.unique(
            np.stack([basins[both], before[both]]), axis=1, return_counts=True
        )
        taken: set[int] = set()
        for k in np.argsort(-votes):
            basin, number = int(pairs[0, k]), int(pairs[1, k])
            if names[basin] == 0 and number not in taken:
                names[basin] = number
                taken.add(number)
        for basin in np.unique(basins[basins > 0]):
            if names[basin] == 0:
                names[basin] = self.next_id
                self.next_id += 1
        return names

    def _find_doors(
        self,
        necks: list[tuple[int, int, int, int]],
        clearance: NDArray[np.float32],
        names: Labels,
        basins: Labels,
    ) -> tuple[Door, ...]:
        best: dict[tuple[int, int], tuple[float, int, int]] = {}
        h, w = basins.shape
        for row, column, _, _ in necks:
            r0, r1 = max(0, row - 1), min(h, row + 2)
            around = basins[r0:r1, max(0, column - 1) : min(w, column + 2)]
            rooms = sorted({int(names[k]) for k in np.unique(around)} - {0})
            if len(rooms) != 2:
                continue
            key = (rooms[0], rooms[1])
            if clearance[row, column] > best.get(key, (0.0,))[0]:
                best[key] = (float(clearance[row, column]), row, column)
        return tuple(
            Door(
                rooms=key,
                xy=self.origin + self.cell_m * (np.array([column, row]) + 0.5),
                width_m=2.0 * half,
            )
            for key, (half, row, column) in sorted(best.items())
        )


def _coarse(
    grid: OccupancyGrid, factor: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Free and occupied masks of the lidar layer, reduced by a factor."""
    h, w = (size // factor * factor for size in grid.shape)
    blocks = grid.lidar[:h, :w].reshape(h // factor, factor, w // factor, factor)
    solid = blocks.max(axis=(1, 3)) > 0
    free = (blocks.min(axis=(1, 3)) < 0) & ~solid
    return free.astype(np.uint8), solid.astype(np.uint8)


def _necks(ridge: Labels, outside: int) -> list[tuple[int, int, int, int]]:
    """Cells of the dividing lines that touch two different basins."""
    found = []
    h, w = ridge.shape
    for row, column in np.argwhere(ridge == -1):
        r0, c0 = max(0, row - 1), max(0, column - 1)
        around = ridge[r0 : min(h, row + 2), c0 : min(w, column + 2)]
        sides = [int(k) for k in np.unique(around) if k > 0 and k != outside]
        if len(sides) >= 2:
            found.append((int(row), int(column), sides[0], sides[1]))
    return found
