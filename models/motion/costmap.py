"""Where the base can be: clearance of every cell and what driving there costs.

Clearance is the distance to the nearest occupied cell (exact Euclidean distance
transform); cost grows where it is small, as in layered costmaps (Lu, Hershberger and
Smart, IROS 2014). Unknown cells cannot be driven on. Where the base has driven before
it fits, even if the grid, a cell off, shows less room than it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import touched
from neural_brain.models.signals import GridView, Route


@dataclass(frozen=True, kw_only=True)
class CostmapConfig:
    """How far to keep from things."""

    margin_m: float = param(0.01, "kept beyond the footprint", low=0.0, high=0.5)
    comfort_m: float = param(0.55, "clearance beyond which space is free of cost",
                             low=0.1, high=2.0)  # fmt: skip
    narrow_cost: float = param(3.0, "extra cost per metre at the narrowest",
                               low=0.0, high=100.0)  # fmt: skip
    occupied: int = param(55, "cells from here on are obstacles", low=10, high=100)
    unknown_m: float = param(0.15, "kept from unknown cells", low=0.0, high=1.0)
    plan_resolution_m: float = param(0.1, "cell size of plans", low=0.02, high=0.5)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Costmap:
    """Clearance and cost in `map`, fine (as the grid) and coarse (for plans).

    Attributes:
        origin: lower corner (2,) [m]. resolution: fine cell [m].
        clearance: (h, w) float32 distance to the nearest obstacle [m].
        passable: (h, w) where the centre of the base may be.
        step: fine cells along a coarse cell.
        coarse_cost: (h', w') cost per metre, inf where the base may not be.
        coarse_xy: (h', w', 2) the best spot in every coarse cell [m].
    """

    origin: Array
    resolution: float
    clearance: NDArray[np.float32]
    passable: NDArray[np.bool_]
    step: int
    coarse_cost: NDArray[np.float32]
    coarse_xy: Array
    comfort_m: float
    narrow_cost: float

    def clearance_at(self, points: Array) -> NDArray[np.float32]:
        """Clearance [m] at points (n, 2) [m]; 0 where the base may not be."""
        rows, columns, inside = self.fine_cells(points)
        value = np.where(
            self.passable[rows, columns], self.clearance[rows, columns], np.float32(0)
        )
        return np.where(inside, value, np.float32(0))

    def cost_at(self, points: Array) -> Array:
        """Cost per metre at points (n, 2) [m]; inf where the base may not be."""
        clearance = self.clearance_at(points)
        cost = narrow_cost(clearance, self.comfort_m, self.narrow_cost)
        return np.where(clearance > 0.0, cost, np.inf)

    def fine_cells(
        self, points: Array
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Rows, columns (clipped) and which of points (n, 2) lie inside."""
        cell = np.floor((points - self.origin) / self.resolution).astype(np.int64)
        h, w = self.passable.shape
        inside = np.asarray(((cell >= 0) & (cell < [w, h])).all(axis=-1))
        return (
            np.clip(cell[..., 1], 0, h - 1),
            np.clip(cell[..., 0], 0, w - 1),
            inside,
        )

    def coarse_cells(self, points: Array) -> NDArray[np.int64]:
        """Coarse row and column (n, 2) of points (n, 2) [m], clipped to the map."""
        size = self.resolution * self.step
        cell = np.floor((points - self.origin) / size).astype(np.int64)[..., ::-1]
        return np.clip(cell, 0, np.array(self.coarse_cost.shape) - 1)


def make_costmap(
    grid: GridView,
    config: CostmapConfig,
    radius_m: float,
    extra: Array | None = None,
    keep_out: tuple[Array, ...] = (),
    *,
    routes: Sequence[Route] = (),
) -> Costmap:
    """Costmap of a grid for a round base.

    Args:
        grid: occupancy.
        config: distances to keep.
        radius_m: radius of the base [m].
        extra: more obstacle points (n, 2) [m] in `map`, such as a fresh scan.
        keep_out: outlines (n, 2) [m] in `map` that the base must not overlap.
        routes: ways that were driven.
    """
    full = grid.cells >= config.occupied
    if extra is not None and len(extra):
        cell = np.floor((extra - grid.origin) / grid.resolution).astype(np.int64)
        h, w = full.shape
        keep = (cell >= 0).all(axis=1) & (cell < [w, h]).all(axis=1)
        full[cell[keep, 1], cell[keep, 0]] = True
    closed = _closed(grid, keep_out)
    full |= closed
    clearance = _clearance(full, grid.resolution)
    unknown = (grid.cells < 0).astype(np.uint8)
    reach = round(config.unknown_m / grid.resolution)
    if reach > 0:
        size = 2 * reach + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        unknown = cv2.dilate(unknown, kernel)
    room = radius_m + config.margin_m
    passable = (clearance >= room) & (unknown == 0)
    if routes:  # they may pass nearer to things, but never nearer to a keep-out area
        driven = driven_cells(routes, grid) & (clearance >= radius_m - grid.resolution)
        if closed.any():
            driven &= _clearance(closed, grid.resolution) >= room
        passable |= driven
    step = max(1, round(config.plan_resolution_m / grid.resolution))
    cost, xy = _coarsen(clearance, passable, step, grid, config)
    return Costmap(
        origin=np.asarray(grid.origin, dtype=np.float64),
        resolution=grid.resolution,
        clearance=clearance,
        passable=passable,
        step=step,
        coarse_cost=cost,
        coarse_xy=xy,
        comfort_m=config.comfort_m,
        narrow_cost=config.narrow_cost,
    )


def _clearance(full: NDArray[np.bool_], resolution: float) -> NDArray[np.float32]:
    """Distance [m] of every cell to the nearest full one."""
    cells = cv2.distanceTransform((~full).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(cells * np.float32(resolution), np.float32)


def driven_cells(routes: Sequence[Route], grid: GridView) -> NDArray[np.bool_]:
    """Cells (h, w) of a grid within one cell of routes."""
    mask = np.zeros(grid.cells.shape, np.uint8)
    for route in routes:
        cells = (np.asarray(route.way) - grid.origin) / grid.resolution - 0.5
        cells = np.clip(cells, -1e4, 1e4)
        fixed = np.round(cells * 16.0).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(mask, [fixed], False, 1, thickness=3, shift=4)
    return mask > 0


def _closed(grid: GridView, keep_out: tuple[Array, ...]) -> NDArray[np.bool_]:
    """Cells of keep-out areas and those beside them, for what a cell cannot resolve."""
    cells = np.zeros(grid.cells.shape, bool)
    for outline in keep_out:
        cells |= touched(outline, grid.origin, grid.resolution, cells.shape)
    if not cells.any():
        return cells
    return cv2.dilate(cells.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def narrow_cost(
    clearance: NDArray[np.float32], comfort_m: float, extra: float
) -> NDArray[np.float32]:
    """Cost per metre: 1 in the open, quadratically more below the comfortable."""
    lack = np.clip(1.0 - clearance / comfort_m, 0.0, 1.0)
    return np.asarray(1.0 + extra * 4.0 * lack * lack, dtype=np.float32)


def _coarsen(
    clearance: NDArray[np.float32],
    passable: NDArray[np.bool_],
    step: int,
    grid: GridView,
    config: CostmapConfig,
) -> tuple[NDArray[np.float32], Array]:
    """The best fine cell of each block stands for the block."""
    h, w = (size // step for size in clearance.shape)
    value = np.where(passable, clearance, np.float32(-1.0))[: h * step, : w * step]
    blocks = value.reshape(h, step, w, step).transpose(0, 2, 1, 3).reshape(h, w, -1)
    best = np.argmax(blocks, axis=2)
    top = np.take_along_axis(blocks, best[:, :, None], axis=2)[:, :, 0]
    cost = narrow_cost(top, config.comfort_m, config.narrow_cost)
    cost = np.where(top > 0.0, cost, np.float32(np.inf))
    rows = np.arange(h)[:, None] * step + best // step
    columns = np.arange(w)[None, :] * step + best % step
    xy = (np.stack([columns, rows], axis=2) + 0.5) * grid.resolution + grid.origin
    return cost.astype(np.float32), xy
