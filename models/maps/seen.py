"""What the camera has looked at from close by: a grid of view counts in `map`."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.maps.correction import Correction

CELL_M = 0.1
START_M = 25.6
_FIXED_BITS = 4


class SeenGrid:
    """Counts frames per cell of 0.1 m; `tired` marks cells that looking did not help.

    Args:
        view_m: things farther away than this are not really seen [m].
    """

    def __init__(self, view_m: float) -> None:
        self.view_m = view_m
        half = round(0.5 * START_M / CELL_M)
        self._corner = np.array([-half, -half])  # cell number (x, y) of index 0
        self._count = np.zeros((2 * half, 2 * half), np.uint8)
        self._tired = np.zeros((2 * half, 2 * half), np.bool_)

    def add_view(self, polygon_map: Array, camera_map: Array) -> None:
        """Count one frame.

        Args:
            polygon_map: outline (k, 2) [m] of the floor that was in view.
            camera_map: where the camera was (2,) [m].
        """
        if len(polygon_map) < 3 or not np.all(np.isfinite(polygon_map)):
            return
        ray = polygon_map - camera_map
        length = np.maximum(np.hypot(ray[:, 0], ray[:, 1]), 1e-9)
        ray = ray * np.minimum(1.0, self.view_m / length)[:, None]
        outline = camera_map + ray
        self._cover(outline)
        cells = outline / CELL_M - self._corner - 0.5
        mask = np.zeros(self._count.shape, np.uint8)
        fixed = np.round(cells * (1 << _FIXED_BITS)).astype(np.int32)
        cv2.fillPoly(mask, [fixed], 1, shift=_FIXED_BITS)
        self._count = cv2.add(self._count, mask)

    def give_up(self, points: Array) -> None:
        """Mark cells at points (n, 2) [m]: looking there again is no use."""
        if len(points):
            self._cover(points)
            row, column = self._index(points)
            self._tired[row, column] = True

    def seen(self, points: Array, views: int) -> NDArray[np.bool_]:
        """Which points (..., 2) [m] were in at least that many frames, or gave up."""
        cell = np.floor(points / CELL_M).astype(np.int64) - self._corner
        h, w = self._count.shape
        inside = (cell >= 0).all(axis=-1) & (cell < [w, h]).all(axis=-1)
        row, column = np.clip(cell[..., 1], 0, h - 1), np.clip(cell[..., 0], 0, w - 1)
        known = (self._count[row, column] >= views) | self._tired[row, column]
        return np.asarray(inside & known)

    def cells(self, views: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Which cells were in so many frames: (h, w), and the first one's number (2,).

        The grid is as small as it can be, and empty if there are none.
        """
        known = self._count >= views
        row, column = np.nonzero(known)
        if not len(row):
            return np.zeros((0, 0), np.bool_), np.zeros(2, np.int64)
        part = known[row.min() : row.max() + 1, column.min() : column.max() + 1]
        corner = self._corner + np.array([column.min(), row.min()])
        return part.copy(), corner.astype(np.int64)

    def fill(
        self, cells: NDArray[np.bool_], corner: NDArray[np.int64], views: int
    ) -> None:
        """Count so many frames in cells as `cells` gives them."""
        row, column = np.nonzero(cells)
        if len(row):
            spots = np.stack([column, row], axis=1) + corner + 0.5
            centers = np.asarray(CELL_M * spots, np.float64)
            self._cover(centers)
            self._count[self._index(centers)] = views

    def move(self, correction: Correction) -> None:
        """Carry along what was seen when the map was mended."""
        row, column = np.nonzero((self._count > 0) | self._tired)
        if not len(row):
            return
        cells = np.stack([column, row], axis=1) + self._corner
        self._cover(correction.move(CELL_M * (cells + 0.5)))
        lower = CELL_M * self._corner
        count = correction.bend(self._count, lower, CELL_M)
        tired = correction.bend(self._tired, lower, CELL_M)
        self._count, self._tired = count.astype(np.uint8), tired > 0.5

    def _index(self, points: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        cell = np.floor(points / CELL_M).astype(np.int64) - self._corner
        return cell[:, 1], cell[:, 0]

    def _cover(self, points: Array) -> None:
        """Grow so that all points lie inside."""
        cell = np.floor(points / CELL_M).astype(np.int64) - self._corner
        size = np.array(self._count.shape)[::-1]
        before = np.maximum(0, -(cell.min(axis=0) - 2))
        after = np.maximum(0, cell.max(axis=0) + 3 - size)
        if not (before.any() or after.any()):
            return
        before, after = -(-before // 64) * 64, -(-after // 64) * 64
        pad = (
            (int(before[1]), int(after[1])),
            (int(before[0]), int(after[0])),
        )
        self._count = np.pad(self._count, pad)
        self._tired = np.pad(self._tired, pad)
        self._corner = self._corner - before
