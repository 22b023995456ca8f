"""Where the robot can stand and drive in a home: a coarse grid of free cells.

A cell is blocked when its centre is nearer than the clearance to any obstacle. All
sums are whole millimetres, so that the result is the same on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from neural_brain.sim.homes.plan import IntRect

CELL = 50
CLEARANCE = 360
REACH = 660
"""A robot centre within this distance of an object's centre can touch it [mm]."""

Mask = NDArray[np.bool_]
Window = tuple[slice, slice]


class FreeSpace:
    """Blocked cells of a home; row i, column j is centred at (j, i) * 50 + 25 mm."""

    def __init__(self, size: tuple[int, int], walls: list[IntRect]) -> None:
        self.shape = (size[1] // CELL + 1, size[0] // CELL + 1)
        self.blocked: Mask = np.zeros(self.shape, bool)
        outside = [
            (-CLEARANCE, -1000, 0, size[1] + 1000),
            (size[0], -1000, size[0] + CLEARANCE, size[1] + 1000),
            (-1000, -CLEARANCE, size[0] + 1000, 0),
            (-1000, size[1], size[0] + 1000, size[1] + CLEARANCE),
        ]
        for rect in [*outside, *walls]:
            self.add(rect)

    def add(self, rect: IntRect) -> None:
        """Block the cells around an obstacle."""
        window = self.window(rect, CLEARANCE)
        self.blocked[window] |= self._near(rect, window, CLEARANCE)

    def window(self, rect: IntRect, margin: int) -> Window:
        """The cells around a rectangle."""
        x0, y0, x1, y1 = rect
        rows = slice(max(0, (y0 - margin) // CELL), max(0, (y1 + margin) // CELL + 1))
        columns = slice(
            max(0, (x0 - margin) // CELL), max(0, (x1 + margin) // CELL + 1)
        )
        return rows, columns

    def near(self, x: int, y: int, distance: int) -> tuple[Window, Mask]:
        """The cells whose centres lie within a distance of a point."""
        point = (x, y, x, y)
        window = self.window(point, distance)
        return window, self._near(point, window, distance)

    def keeps_joined(self, room: IntRect, rect: IntRect, points: list[IntRect]) -> bool:
        """Whether the room's doorways stay joined when an obstacle is added.

        Args:
            room: the room that gets the obstacle.
            rect: the obstacle.
            points: doorways (rectangles) that must stay joined.
        """
        window = self.window(room, 400)
        blocked = self.blocked[window] | self._near(rect, window, CLEARANCE)
        labels, _ = ndimage.label(~blocked)
        seen = set()
        for x0, y0, x1, y1 in points:
            row = (y0 + y1) // 2 // CELL - window[0].start
            column = (x0 + x1) // 2 // CELL - window[1].start
            seen.add(int(labels[row, column]))
        return 0 not in seen and len(seen) == 1

    def joined_to(self, x: int, y: int) -> Mask:
        """All cells that can be driven to from a point."""
        labels, _ = ndimage.label(~self.blocked)
        here = labels[y // CELL, x // CELL]
        return np.asarray((labels == here) & (here > 0))

    def _near(self, rect: IntRect, window: Window, distance: int) -> Mask:
        x0, y0, x1, y1 = rect
        rows = range(*window[0].indices(self.shape[0]))
        columns = range(*window[1].indices(self.shape[1]))
        y = np.arange(rows.start, rows.stop, dtype=np.int64) * CELL + CELL // 2
        x = np.arange(columns.start, columns.stop, dtype=np.int64) * CELL + CELL // 2
        dy = np.maximum(np.maximum(y0 - y, y - y1), 0)
        dx = np.maximum(np.maximum(x0 - x, x - x1), 0)
        return np.asarray(dy[:, None] ** 2 + dx[None, :] ** 2 < distance**2)
