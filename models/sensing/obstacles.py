"""Depth image to obstacle points, free floor and the outline of what was visible.

Every pixel is lifted into `base_link` with the pinhole model p = d K^-1 [u v 1]^T
(d along the optical axis) and binned into a square grid around the robot. A bin
needs several pixels to count, fewer the farther away it is, which removes single
noisy pixels without losing far obstacles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.sensing.config import SensingConfig
from neural_brain.models.signals import RgbdFrame

Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class DepthView:
    """What one depth image says about the floor plane, in `base_link`.

    `obstacles` (n, 2), `free` (m, 2), `view_polygon` (k, 2), all [m]; `valid` is the
    share of pixels that carried a usable depth.
    """

    obstacles: Array
    free: Array
    view_polygon: Array
    valid: float


def pixel_rays(K: Array, shape: tuple[int, int]) -> Float32:
    """Direction (h, w, 3) of every pixel in the optical frame, with z = 1."""
    height, width = shape
    x = (np.arange(width) - K[0, 2]) / K[0, 0]
    y = (np.arange(height) - K[1, 2]) / K[1, 1]
    rays = np.ones((height, width, 3), np.float32)
    rays[:, :, 0] = x
    rays[:, :, 1] = y[:, None]
    return rays


def points_in_base(frame: RgbdFrame) -> Float32:
    """Position (h, w, 3) [m] of every pixel in `base_link`; NaN without depth."""
    depth = np.asarray(frame.depth, np.float32)
    known = np.isfinite(depth) & (depth > 0.0)
    depth = np.where(known, depth, np.float32(np.nan))
    rotation = frame.T_base_camera[:3, :3].T.astype(np.float32)
    rays = pixel_rays(frame.K, depth.shape) @ rotation
    return rays * depth[:, :, None] + frame.T_base_camera[:3, 3].astype(np.float32)


class DepthProjector:
    """Turns depth frames into obstacles and free floor.

    Args:
        config: heights, ranges and bins.
    """

    def __init__(self, config: SensingConfig) -> None:
        self.config = config
        self._cells = 2 * int(np.ceil(config.max_range_m / config.voxel_m)) + 2
        self._key: tuple[object, ...] = ()
        self._rays = np.zeros((0, 3), np.float32)

    def project(self, frame: RgbdFrame) -> DepthView:
        """Obstacles, free floor and view outline of one frame."""
        config, T_camera = self.config, frame.T_base_camera
        depth = np.asarray(frame.depth, np.float32)
        points, keep = self._lift(frame, depth)
        x, y, z = points
        height_ok = z < config.max_height_m
        outside = x * x + y * y > config.robot_radius_m**2
        solid = keep & outside & height_ok & (z > config.min_height_m)
        floor = keep & outside & (np.abs(z) < config.floor_tolerance_m)
        obstacles, occupied = self._thin(x[solid], y[solid], None)
        free, _ = self._thin(x[floor], y[floor], occupied)
        seen = (keep & outside & height_ok).reshape(depth.shape)[::2]
        half_x, half_y = (a.reshape(depth.shape)[::2].ravel() for a in (x, y))
        polygon = self._outline(half_x, half_y, seen, camera=T_camera[:2, 3])
        return DepthView(
            obstacles=obstacles,
            free=free,
            view_polygon=polygon,
            valid=float(keep.mean()) if keep.size else 0.0,
        )

    def _lift(
        self, frame: RgbdFrame, depth: Float32
    ) -> tuple[Float32, NDArray[np.bool_]]:
        """Points (3, h w) in `base_link` and which of them are usable."""
        key = (depth.shape, frame.K.tobytes())
        if key != self._key:
            rays = pixel_rays(frame.K, (depth.shape[0], depth.shape[1]))
            self._rays = np.ascontiguousarray(rays.reshape(-1, 3).T)
            self._key = key
        flat = depth.ravel()
        with np.errstate(invalid="ignore"):
            keep = (flat > self.config.min_range_m) & (flat < self.config.max_range_m)
        flat = np.where(keep, flat, np.float32(0.0))
        T = frame.T_base_camera.astype(np.float32)
        points = (T[:3, :3] @ self._rays) * flat + T[:3, 3:]
        return points, keep

    def _thin(
        self, x: Float32, y: Float32, occupied: NDArray[np.bool_] | None
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Mean point of each well-filled bin, without the `occupied` ones."""
        n, voxel = self._cells, self.config.voxel_m
        scale, shift = np.float32(1.0 / voxel), np.float32(n // 2)
        column = (x * scale + shift).astype(np.int32)
        row = (y * scale + shift).astype(np.int32)
        cell = row * n + column
        inside = (column >= 0) & (column < n) & (row >= 0) & (row < n)
        if not inside.all():
            cell, x, y = cell[inside], x[inside], y[inside]
        count = np.bincount(cell, minlength=n * n)
        hit = np.flatnonzero(count)
        sums = [np.bincount(cell, weights=w, minlength=n * n)[hit] for w in (x, y)]
        mean = np.stack(sums, axis=1) / count[hit, None]
        # A surface fills fewer pixels of a bin the farther it is: ask for less there.
        distance = np.maximum(np.hypot(mean[:, 0], mean[:, 1]), 2.0)
        most = self.config.min_points
        needed = np.clip(most * (2.0 / distance) ** 2, min(most, 2), most)
        good = count[hit] >= needed
        if occupied is not None:
            good &= ~occupied[hit]
        filled = np.zeros(n * n, np.bool_)
        filled[hit[good]] = True
        return mean[good], filled

    def _outline(
        self, x: Float32, y: Float32, seen: NDArray[np.bool_], *, camera: Array
    ) -> Array:
        """Near edge and far edge of the visible ground; a sector is a few columns."""
        width = seen.shape[1]
        radius = np.hypot(x - camera[0], y - camera[1]).reshape(seen.shape)
        near_row = np.argmin(np.where(seen, radius, np.float32(np.inf)), axis=0)
        far_row = np.argmax(np.where(seen, radius, np.float32(-1.0)), axis=0)
        columns = np.asarray(seen.any(axis=0))
        near: list[tuple[int, int]] = []
        far: list[tuple[int, int]] = []
        for part in np.array_split(np.arange(width), self.config.view_sectors):
            part = part[columns[part]]
            if part.size == 0:
                continue
            for rows, edge in ((near_row, near), (far_row, far)):
                middle = part[np.argsort(radius[rows[part], part])[part.size // 2]]
                edge.append((int(rows[middle]), int(middle)))
        ring = np.array(near + far[::-1], dtype=int).reshape(-1, 2)
        flat = ring[:, 0] * width + ring[:, 1]
        return np.stack((x[flat], y[flat]), axis=1).astype(float)
