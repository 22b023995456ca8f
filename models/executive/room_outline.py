"""The room around the robot as the outline of an area."""

from __future__ import annotations

import cv2
import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps.areas import MOST_CORNERS
from neural_brain.models.maps.outlines import crosses_itself
from neural_brain.models.signals import RoomGrid

COARSER = (1.0, 2.0, 3.0, 5.0, 8.0)  # cells by which corners may be off, tried in turn
SHADOW_M = 0.5  # half of the width of what belongs to a room though nobody saw it
NEAR_M = 0.5  # a robot in a doorway is in the room that is so near


def room_at(grid: RoomGrid | None, point: Array) -> int:
    """Number of the room at or nearest to a point (2,) [m], 0 if none is near."""
    if grid is None or not np.all(np.isfinite(point)):
        return 0
    rows, columns = np.nonzero(grid.labels)
    if len(rows) == 0:
        return 0
    centers = grid.origin + grid.resolution * (np.stack([columns, rows], axis=1) + 0.5)
    apart = np.hypot(*(centers - point).T)
    k = int(np.argmin(apart))
    return int(grid.labels[rows[k], columns[k]]) if apart[k] < NEAR_M else 0


def room_outline(grid: RoomGrid | None, number: int) -> Array | None:
    """Corners (n, 2) [m] in `map` around a room, None if it has no usable outline.

    Narrow strips that were not seen yet, behind furniture, belong to it.
    """
    if grid is None or number <= 0:
        return None
    reach = round(SHADOW_M / grid.resolution)
    border = reach + 1
    mask = np.pad((grid.labels == number).astype(np.uint8), border)
    size = (2 * reach + 1, 2 * reach + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea, default=None)
    if largest is None or cv2.contourArea(largest) < 4.0:
        return None
    shapes = [cv2.approxPolyDP(largest, off, True) for off in COARSER]
    for shape in (*shapes, cv2.convexHull(largest)):
        cells = shape.reshape(-1, 2).astype(np.float64) - border
        outline = grid.origin + grid.resolution * (cells + 0.5)
        if 3 <= len(outline) <= MOST_CORNERS and not crosses_itself(outline):
            return np.asarray(outline)
    return None
