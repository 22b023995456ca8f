"""Polygons on the floor: inside or outside, how far, and which cells they touch."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array

DISC_CORNERS = 24
FAR_CELLS = 1e6  # what lies farther off a grid is drawn there
_BITS = 4


def disc(center: Array, radius_m: float) -> Array:
    """Corners (24, 2) [m] of a polygon around a disc; no part of it is left out."""
    angles = np.arange(DISC_CORNERS) * (2.0 * np.pi / DISC_CORNERS)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(center) + radius_m / np.cos(np.pi / DISC_CORNERS) * ring


def area_m2(outline: Array) -> float:
    """Area of a polygon (n, 2) [m] that does not cross itself."""
    x, y = (outline - outline.mean(axis=0)).T
    return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def middle(outline: Array) -> Array:
    """Centre of area (2,) [m]; may lie outside of a bent polygon."""
    start = outline.mean(axis=0)
    x, y = (outline - start).T
    x1, y1 = np.roll(x, -1), np.roll(y, -1)
    cross = x * y1 - x1 * y
    if abs(cross.sum()) < 1e-12:
        return np.asarray(start)
    shift = np.array([((x + x1) * cross).sum(), ((y + y1) * cross).sum()])
    return np.asarray(start + shift / (3.0 * cross.sum()))


def inside(outline: Array, points: Array) -> NDArray[np.bool_]:
    """Which points (m, 2) [m] lie in a polygon (n, 2): even-odd rule."""
    a, b = outline, np.roll(outline, -1, axis=0)
    x, y = points[:, 0, None], points[:, 1, None]
    spans = (a[:, 1] > y) != (b[:, 1] > y)
    rise = b[:, 1] - a[:, 1]
    slope = (b[:, 0] - a[:, 0]) / np.where(rise == 0.0, 1.0, rise)
    left = x < a[:, 0] + slope * (y - a[:, 1])
    return np.asarray((spans & left).sum(axis=1) % 2 == 1)


def distance(outline: Array, points: Array) -> Array:
    """Signed distance (m,) of points (m, 2) from a polygon [m]; negative inside."""
    start = outline[None]
    along = (np.roll(outline, -1, axis=0) - outline)[None]
    gap = points[:, None] - start
    length2 = np.maximum((along * along).sum(axis=2), 1e-12)
    share = np.clip((gap * along).sum(axis=2) / length2, 0.0, 1.0)
    off = gap - share[..., None] * along
    apart = np.sqrt((off * off).sum(axis=2)).min(axis=1)
    return np.where(inside(outline, points), -apart, apart)


def crosses_itself(outline: Array) -> bool:
    """Whether edges that are no neighbours touch, or neighbours run back."""
    a, b = outline, np.roll(outline, -1, axis=0)
    n = len(a)
    along, ahead = b - a, np.roll(b - a, -1, axis=0)
    back = (np.abs(_cross(along, ahead)) < 1e-12) & ((along * ahead).sum(axis=1) < 0.0)
    if back.any():
        return True
    i, j = np.triu_indices(n, k=2)
    keep = ~((i == 0) & (j == n - 1))
    i, j = i[keep], j[keep]
    ends = (
        _side(a[i], b[i], a[j]),
        _side(a[i], b[i], b[j]),
        _side(a[j], b[j], a[i]),
        _side(a[j], b[j], b[i]),
    )
    low_i, high_i = np.minimum(a[i], b[i]), np.maximum(a[i], b[i])
    low_j, high_j = np.minimum(a[j], b[j]), np.maximum(a[j], b[j])
    boxes = ((low_i <= high_j) & (low_j <= high_i)).all(axis=1)
    meet = (ends[0] * ends[1] <= 0.0) & (ends[2] * ends[3] <= 0.0)
    return bool((meet & boxes).any())


def touched(
    outline: Array, origin: Array, resolution: float, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Cells (h, w) of a grid that a polygon (n, 2) [m] touches, to half a cell.

    Args:
        outline: corners in the frame of the grid.
        origin: lower corner (2,) [m] of cell (0, 0).
        resolution: size of a cell [m].
        shape: rows and columns.
    """
    cells = np.zeros(shape, np.uint8)
    corners = np.clip((outline - origin) / resolution - 0.5, -FAR_CELLS, FAR_CELLS)
    fixed = np.round(corners * (1 << _BITS)).astype(np.int32)
    cv2.fillPoly(cells, [fixed], 1, shift=_BITS)
    return cells > 0


def _side(a: Array, b: Array, point: Array) -> Array:
    """On which side of the line from a to b points lie: -1, 0 or 1."""
    return np.sign(_cross(b - a, point - a))


def _cross(u: Array, v: Array) -> Array:
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
