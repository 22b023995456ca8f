"""Rooms: the free space cut at its doors.

Distance-transform segmentation (Bormann et al., "Room segmentation: survey,
implementation, and analysis", ICRA 2016): basins of the clearance, with the necks
between them as doors. Things that stand free in a room are first taken out, so that
a table does not cut a room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.maps.basins import borders, flood
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.runs import Labels, runs_of
from neural_brain.models.signals import RoomGrid

AROUND = np.array(
    [
        [r * np.cos(a), r * np.sin(a)]
        for r in (0.3, 0.6, 0.9)
        for a in np.arange(0.0, 2.0 * np.pi, np.pi / 4.0)
    ]
)  # [m] where the floor beside a thing may be seen
Borders = dict[tuple[int, int], tuple[float, tuple[int, int]]]


@dataclass(frozen=True, kw_only=True)
class RoomConfig:
    """How rooms are told apart."""

    cell_m: float = param(0.05, "resolution of the segmentation", low=0.02, high=0.5)
    door_m: float = param(1.1, "wider necks are no doors", low=0.4, high=3.0)
    min_door_m: float = param(0.5, "narrower gaps are no doors", low=0.1, high=3.0)
    persistence_m: float = param(0.08, "narrowing that parts", low=0.0, high=1.0)
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
        self._regions: dict[int, tuple[Array, float]] | None = None
        self._seen: tuple[NDArray[Any], ...] = ()  # of which the labels were made
        self._made: Labels | None = None

    def update(self, grid: OccupancyGrid) -> None:
        """Segment the lidar layer and carry the old numbers over."""
        factor = max(1, round(self.config.cell_m / grid.resolution))
        window = _known(grid.lidar, factor)
        if window is None:
            return
        free, solid = _coarse(grid.lidar[window], factor)
        self.cell_m = factor * grid.resolution
        origin = grid.origin + grid.resolution * np.array(
            [window[1].start, window[0].start]
        )
        seen = (free, solid, np.append(origin, self.cell_m))
        if self._made is self.labels and all(map(np.array_equal, seen, self._seen)):
            return  # it would come out the same
        free = self._without_islands(free, solid)
        clearance = cv2.distanceTransform(free, cv2.DIST_L2, 5) * self.cell_m
        basins = flood(
            clearance,
            door_m=self.config.door_m + self.cell_m,
            persistence_m=self.config.persistence_m,
        )
        necks = borders(basins, clearance)
        labels = self._merge_small(basins, necks)
        self.labels, self.origin = self._old_numbers(labels, origin), origin
        self.doors = self._find_doors(borders(self.labels, clearance))
        self._seen, self._made = seen, self.labels
        self._regions = None

    def view(self) -> RoomGrid:
        """The labels as they are published; arrays are replaced, never changed."""
        return RoomGrid(labels=self.labels, origin=self.origin, resolution=self.cell_m)

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
        if self._regions is None:
            self._regions = self._measure()
        return self._regions

    def rooms_near(self, points: Array) -> NDArray[np.int32]:
        """Room (n,) of things (n, 2) [m]; furniture hides its floor: look around it."""
        points = np.asarray(points).reshape(-1, 2)
        found = self.room_of(points)
        reach = np.abs(AROUND).max() + self.cell_m
        high = self.origin + self.cell_m * np.array(self.labels.shape[::-1])
        near = np.all((points > self.origin - reach) & (points < high + reach), axis=1)
        left = np.flatnonzero(near & (found == 0))
        for offset in AROUND:
            found[left] = self.room_of(points[left] + offset)
            left = left[found[left] == 0]
        return found

    def forget_measures(self) -> None:
        """The labels were changed from outside: measure the regions anew."""
        self._regions = None

    def _measure(self) -> dict[int, tuple[Array, float]]:
        runs = runs_of(self.labels)
        label, length = runs.values(self.labels), runs.lengths
        row, column = np.divmod(runs.starts, self.labels.shape[1])
        count = runs.count(label)
        count[0] = 0
        x = np.bincount(label, weights=length * (2 * column + length - 1) // 2)
        y = np.bincount(label, weights=length * row)
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
        touched[labels[solid > 0]] = True
        small = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
        tiny = stats[:, cv2.CC_STAT_AREA] <= 4
        fill = (small <= limit) & (touched | tiny)
        fill[0] = False  # label 0 is the free space itself
        return (free | fill[labels]).astype(np.uint8)

    def _merge_small(self, basins: Labels, necks: Borders) -> Labels:
        """Regions of basins: small ones join the widest neighbour or vanish."""
        runs = runs_of(basins)
        basin = runs.values(basins)
        area = runs.count(basin) * self.cell_m**2
        into = np.arange(len(area))
        for (a, b), _ in sorted(necks.items(), key=lambda item: -item[1][0]):
            a, b = into[a], into[b]
            if a != b and min(area[a], area[b]) < self.config.min_area_m2:
                into[into == b] = a
                area[a] += area[b]
        into[area[into] < self.config.min_area_m2] = 0
        into[0] = 0
        kept, dense = np.unique(into, return_inverse=True)
        if kept[0] != 0:
            dense = dense + 1
        return runs.fill(dense.astype(np.int32)[basin])

    def _old_numbers(self, labels: Labels, origin: Array) -> Labels:
        """Regions with the number of the old room that each overlaps most, or new."""
        shift = np.round((self.origin - origin) / self.cell_m).astype(int)
        before = _shifted(self.labels, shift, labels.shape)
        runs = runs_of(labels, before)
        region_of, old = runs.values(labels), runs.values(before)
        names = np.zeros(int(region_of.max()) + 1, np.int32)
        both = (region_of > 0) & (old > 0)
        width = self.next_id
        keys = region_of[both].astype(np.int64) * width + old[both]
        pairs, pair_of = np.unique(keys, return_inverse=True)
        votes = np.bincount(pair_of, weights=runs.lengths[both])
        taken: set[int] = set()
        for k in np.argsort(-votes, kind="stable"):
            region, number = divmod(int(pairs[k]), width)
            if names[region] == 0 and number not in taken:
                names[region] = number
                taken.add(number)
        for region in range(1, len(names)):
            if names[region] == 0:
                names[region] = self.next_id
                self.next_id += 1
        return runs.fill(names[region_of])

    def _find_doors(self, necks: Borders) -> tuple[Door, ...]:
        """The widest spot of every neck between two rooms."""
        return tuple(
            Door(
                rooms=key,
                xy=self.origin + self.cell_m * (np.array([column, row]) + 0.5),
                width_m=2.0 * width - self.cell_m,
            )
            for key, (width, (row, column)) in sorted(necks.items())
            if 2.0 * width - self.cell_m >= self.config.min_door_m
        )


def _known(lidar: NDArray[np.int16], factor: int) -> tuple[slice, slice] | None:
    """The part of the grid that holds anything, aligned to coarse cells."""
    seen = lidar != 0
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if len(rows) == 0:
        return None
    r0, c0 = (int(k[0]) // factor * factor for k in (rows, columns))
    r1, c1 = (-(-(int(k[-1]) + 1) // factor) * factor for k in (rows, columns))
    return slice(r0, min(r1, lidar.shape[0])), slice(c0, min(c1, lidar.shape[1]))


def _coarse(
    lidar: NDArray[np.int16], factor: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Free and occupied masks of the lidar layer, reduced by a factor."""
    if factor == 1:
        return (lidar < 0).astype(np.uint8), (lidar > 0).astype(np.uint8)
    h, w = (size // factor * factor for size in lidar.shape)
    blocks = lidar[:h, :w].reshape(h // factor, factor, w // factor, factor)
    solid = blocks.max(axis=(1, 3)) > 0
    free = (blocks.min(axis=(1, 3)) < 0) & ~solid
    return free.astype(np.uint8), solid.astype(np.uint8)


def _shifted(labels: Labels, shift: Array, shape: tuple[int, ...]) -> Labels:
    """Labels moved by (columns, rows) onto a grid of another shape."""
    moved = np.zeros(shape, np.int32)
    x, y = int(shift[0]), int(shift[1])
    (h, w), (oh, ow) = shape, labels.shape
    r0, c0, r1, c1 = max(0, y), max(0, x), min(h, y + oh), min(w, x + ow)
    if r1 > r0 and c1 > c0:
        moved[r0:r1, c0:c1] = labels[r0 - y : r1 - y, c0 - x : c1 - x]
    return moved
