"""Coordinate map: log-odds occupancy from lidar and depth on a growing grid.

Two layers are kept apart because the sensors see different things: the lidar sees
its own plane far and exactly, the camera sees table tops and low things that the
lidar passes under or over. Only a sensor's own evidence (or time, for depth) clears
its layer; the published grid holds the worse of the two (Moravec and Elfes 1985).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, inverse2, transform2
from neural_brain.models.maps.scan_points import ScanPoints
from neural_brain.models.signals import GridView

UNIT = 100.0  # log odds are stored as int16 in hundredths
LOWEST, HIGHEST = -300, 400
CHUNK = 64  # cells by which the grid grows
FIXED_POINT_BITS = 4


@dataclass(frozen=True, kw_only=True)
class GridConfig:
    """How the coordinate map is kept; evidence in log odds."""

    resolution_m: float = param(0.05, "cell size", low=0.02, high=0.2)
    start_size_m: float = param(12.8, "width of the first grid", low=2.0, high=1000.0)
    max_size_m: float = param(200.0, "grid never grows beyond", low=10.0, high=1000.0)
    hit: float = param(0.85, "lidar: something here", low=0.1, high=3.0)
    miss: float = param(0.4, "lidar: seen empty", low=0.05, high=3.0)
    clamp_free: float = param(2.0, "most that empty can weigh", low=0.5, high=3.0)
    clamp_occupied: float = param(3.5, "most that a hit can weigh", low=0.5, high=4.0)
    depth_hit: float = param(0.6, "depth: something here", low=0.05, high=3.0)
    depth_miss: float = param(0.5, "depth: floor seen empty", low=0.05, high=3.0)
    depth_fade_s: float = param(600.0, "depth fades to 1/e in", low=1.0, high=1e6)
    clear_range_m: float = param(8.0, "beams clear up to here", low=1.0, high=50.0)
    max_range_m: float = param(25.0, "hits are used up to here", low=1.0, high=200.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class OccupancyGrid:
    """Occupancy of the plane in `map`; row = y, column = x.

    Attributes:
        origin: lower corner (2,) [m] of cell (0, 0).
        lidar, depth: log odds (h, w) int16 in hundredths, 0 = unknown.
        hit_count: lidar hits a cell had (h, w), saturated.
        hit_mean: mean hit point (h, w, 2) [m] relative to `origin` corner of its cell.
    """

    def __init__(self, config: GridConfig) -> None:
        self.config = config
        self.resolution = config.resolution_m
        cells = max(CHUNK, round(config.start_size_m / self.resolution))
        half = (cells // 2) * self.resolution
        self.origin = np.array([-half, -half])
        shape = (cells, cells)
        self.lidar = np.zeros(shape, np.int16)
        self.depth = np.zeros(shape, np.int16)
        self.hit_count = np.zeros(shape, np.uint8)
        self.hit_mean = np.zeros((*shape, 2), np.float32)
        self.version = 0
        self._cells = np.full(shape, -1, np.int8)
        self._view: GridView | None = None
        self._percent = _percent_table()
        self._faded_at: float | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.lidar.shape[0], self.lidar.shape[1]

    def cells_of(self, points: Array) -> NDArray[np.int64]:
        """Cell (row, column) of points (n, 2) [m] in `map`; may lie outside."""
        index = np.floor((points - self.origin) / self.resolution).astype(np.int64)
        return index[:, ::-1]

    def inside(self, cells: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which cells (n, 2) lie in the grid."""
        h, w = self.shape
        rows, columns = cells[:, 0], cells[:, 1]
        return (rows >= 0) & (rows < h) & (columns >= 0) & (columns < w)

    def add_scan(self, points: ScanPoints, weight: int = 1) -> None:
        """Fuse one scan whose points are in `map`; `weight` counts it several times."""
        seen = np.concatenate([points.outline, points.hits, points.origin[None]])
        if not self._grow_to(seen):
            return
        window = self._window(seen)
        rows, columns = window
        corner = self.origin + self.resolution * np.array([columns.start, rows.start])
        mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), "u1")
        outline = (points.outline - corner) / self.resolution - 0.5
        fixed = np.round(outline * (1 << FIXED_POINT_BITS)).astype(np.int32)
        cv2.fillPoly(mask, [fixed], 1, shift=FIXED_POINT_BITS)
        hit = self.cells_of(points.hits)
        mask[hit[:, 0] - rows.start, hit[:, 1] - columns.start] = 2
        c = self.config
        change = np.array([0, -c.miss, c.hit]) * (UNIT * weight)
        layer = self.lidar[window]
        layer += change.astype(np.int16)[mask]
        low, high = round(-c.clamp_free * UNIT), round(c.clamp_occupied * UNIT)
        np.clip(layer, low, high, out=layer)
        self._remember_hits(points.hits, hit)
        self._refresh(window)

    def add_depth(self, t: float, obstacles: Array, free: Array) -> None:
        """Fuse depth obstacles (n, 2) and empty floor (m, 2), both [m] in `map`."""
        self._fade_depth(t)
        seen = np.concatenate([obstacles, free])
        if len(seen) == 0 or not self._grow_to(seen):
            return
        window = self._window(seen)
        rows, columns = window
        change = np.zeros(
            (rows.stop - rows.start, columns.stop - columns.start), np.int16
        )
        c = self.config
        for points, amount in ((free, -c.depth_miss), (obstacles, c.depth_hit)):
            cell = self.cells_of(points)
            change[cell[:, 0] - rows.start, cell[:, 1] - columns.start] = amount * UNIT
        layer = self.depth[window]
        layer += change
        low, high = round(-c.clamp_free * UNIT), round(c.clamp_occupied * UNIT)
        np.clip(layer, low, high, out=layer)
        self._refresh(window)

    def occupied(self, window: tuple[slice, slice]) -> NDArray[np.bool_]:
        """Cells of a window that the lidar holds for occupied."""
        return self.lidar[window] > 0

    def view(self) -> GridView:
        """The grid as it is published; the same object until something changes."""
        if self._view is None or self._view.version != self.version:
            self._view = GridView(
                cells=self._cells.copy(),
                origin=self.origin.copy(),
                resolution=self.resolution,
                version=self.version,
            )
        return self._view

    def absorb(self, other: OccupancyGrid, pose_map_other: Array) -> bool:
        """Add the evidence of another grid whose frame has a pose (3,) in `map`.

        Returns:
            False, and nothing is changed, if the grid would exceed its largest size.
        """
        known = (other.lidar != 0) | (other.depth != 0)
        rows, columns = np.nonzero(known)
        if len(rows) == 0:
            return True
        corners = np.stack([columns, rows], axis=1) + 0.5
        points = transform2(pose_map_other, other.origin + other.resolution * corners)
        if not self._grow_to(points):
            return False
        window = self._window(points)
        y, x = np.mgrid[window[0], window[1]]
        centers = np.stack([x.ravel(), y.ravel()], axis=1) + 0.5
        centers = self.origin + self.resolution * centers
        cell = other.cells_of(transform2(inverse2(pose_map_other), centers))
        inside = other.inside(cell)
        cell = np.where(inside[:, None], cell, 0)
        c = self.config
        low, high = round(-c.clamp_free * UNIT), round(c.clamp_occupied * UNIT)
        for mine, theirs in ((self.lidar, other.lidar), (self.depth, other.depth)):
            more = np.where(inside, theirs[cell[:, 0], cell[:, 1]], np.int16(0))
            layer = mine[window]
            more = more.reshape(layer.shape)
            both = np.clip(layer + more, low, high)
            even = (both == 0) & (more != 0)  # 0 would say that nobody looked
            np.copyto(layer, np.where(even, np.sign(more), both))
        self._absorb_hits(other, pose_map_other)
        self._refresh(window)
        return True

    def take_depth(self, depth: NDArray[np.int16], other: OccupancyGrid) -> None:
        """Continue another grid: its place among versions, and a depth layer for it.

        Args:
            depth: cells (h, w) as of the other grid.
            other: grid of the same resolution.
        """
        self.version += other.version + 1
        self._faded_at = other._faded_at
        rows, columns = np.nonzero(depth)
        corners = np.stack([columns, rows], axis=1) + 0.5
        points = other.origin + other.resolution * corners
        if len(points) == 0 or not self._grow_to(points):
            return
        cells = self.cells_of(points)
        self.depth[cells[:, 0], cells[:, 1]] = depth[rows, columns]
        self._refresh(self._window(points))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that must be kept to continue later."""
        return {
            "lidar": self.lidar.copy(),
            "depth": self.depth.copy(),
            "hit_count": self.hit_count.copy(),
            "hit_mean": self.hit_mean.astype(np.float16),
            "origin": self.origin.copy(),
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Continue from `arrays()`; the caller has checked types and shapes."""
        self.origin = np.array(arrays["origin"], dtype=np.float64)
        self.lidar = np.array(arrays["lidar"], dtype=np.int16)
        self.depth = np.array(arrays["depth"], dtype=np.int16)
        self.hit_count = np.array(arrays["hit_count"], dtype=np.uint8)
        self.hit_mean = np.array(arrays["hit_mean"], dtype=np.float32)
        self._cells = np.full(self.shape, -1, np.int8)
        self._refresh((slice(0, self.shape[0]), slice(0, self.shape[1])))

    def _remember_hits(self, hits: Array, cells: NDArray[np.int64]) -> None:
        """Running mean of the hit points of every cell: structure below cell size."""
        flat = cells[:, 0] * self.shape[1] + cells[:, 1]
        unique, inverse = np.unique(flat, return_inverse=True)
        count = np.bincount(inverse)
        local = (hits - self.origin) / self.resolution - cells[:, ::-1]
        mean = self.hit_mean.reshape(-1, 2)
        before = self.hit_count.ravel()[unique].astype(np.float64)
        for axis in (0, 1):
            total = np.bincount(inverse, weights=local[:, axis])
            old = mean[unique, axis]
            mean[unique, axis] = (old * before + total) / (before + count)
        self.hit_count.reshape(-1)[unique] = np.minimum(before + count, 40)

    def _absorb_hits(self, other: OccupancyGrid, pose: Array) -> None:
        rows, columns = np.nonzero((other.hit_count > 0) & (other.lidar > 0))
        cells = np.stack([columns, rows], axis=1) + other.hit_mean[rows, columns]
        hits = transform2(pose, other.origin + other.resolution * cells)
        hits = np.repeat(hits, np.minimum(other.hit_count[rows, columns], 10), axis=0)
        self._remember_hits(hits, self.cells_of(hits))

    def _fade_depth(self, t: float) -> None:
        """Depth evidence loses weight with time, so that what left fades away."""
        if self._faded_at is None or t < self._faded_at:
            self._faded_at = t
        if t - self._faded_at >= self.config.depth_fade_s / 50.0:
            keep = np.exp(-(t - self._faded_at) / self.config.depth_fade_s)
            self.depth = (self.depth * keep).astype(np.int16)
            self._faded_at = t
            self._refresh((slice(0, self.shape[0]), slice(0, self.shape[1])))

    def _refresh(self, window: tuple[slice, slice]) -> None:
        lidar = self._percent[self.lidar[window] - LOWEST]
        depth = self._percent[self.depth[window] - LOWEST]
        np.maximum(lidar, depth, out=self._cells[window])
        self.version += 1

    def _window(self, points: Array) -> tuple[slice, slice]:
        cells = self.cells_of(points)
        low = np.maximum(cells.min(axis=0) - 1, 0)
        high = np.minimum(cells.max(axis=0) + 2, self.shape)
        return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))

    def _grow_to(self, points: Array) -> bool:
        """Make all points lie inside; False if that would exceed the largest size."""
        if not np.all(np.isfinite(points)):
            return False
        cells = self.cells_of(points)
        low, high = cells.min(axis=0), cells.max(axis=0)
        before = np.where(low < 2, -((low - 2) // CHUNK) * CHUNK, 0)
        over = high - np.array(self.shape) + 3
        after = np.where(over > 0, -(-over // CHUNK) * CHUNK, 0)
        if not (before.any() or after.any()):
            return True
        size = np.array(self.shape) + before + after
        if np.any(size * self.resolution > self.config.max_size_m):
            return False
        pad = ((int(before[0]), int(after[0])), (int(before[1]), int(after[1])))
        self.lidar = np.pad(self.lidar, pad)
        self.depth = np.pad(self.depth, pad)
        self.hit_count = np.pad(self.hit_count, pad)
        self.hit_mean = np.pad(self.hit_mean, (*pad, (0, 0)))
        self._cells = np.pad(self._cells, pad, constant_values=-1)
        self.origin = self.origin - self.resolution * before[::-1]
        self.version += 1
        return True


def _percent_table() -> NDArray[np.int8]:
    """Probability in per cent for every stored log odd; 0 means unknown (-1)."""
    log_odds = np.arange(LOWEST, HIGHEST + 1) / UNIT
    percent = np.round(100.0 / (1.0 + np.exp(-log_odds)))
    percent[-LOWEST] = -1
    return percent.astype(np.int8)
