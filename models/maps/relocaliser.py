"""Finding the robot anywhere in the map, a few headings at a time.

The scan is drawn as a small picture per heading and slid over the map's smoothed
walls by correlation, on a coarse grid. The work is spread over many calls, so that
no single step is late. A scan that reaches beyond the map fits best where the most
walls are, which need not be where the robot is: so other places come out, too.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array, transform2, wrap
from neural_brain.models.maps.occupancy import OccupancyGrid

CELL_M = 0.15  # size of a coarse cell
HEADINGS = 60  # directions of a full turn
PER_STEP = 10  # directions tried in one call
MAX_POINT_M = 8.0  # points farther away are left out of the picture
PER_HEADING = 3  # places kept of a heading
PLACES = 6  # that come out of a search
APART_M, APART_RAD = 0.7, 0.35  # places nearer to each other are one


class Relocaliser:
    """Search over all positions and headings; `step` until it returns a pose.

    Attributes:
        places: poses (3,) of the last search that ended, the best first.
    """

    def __init__(self) -> None:
        self.places: list[Array] = []
        self.reset()

    def reset(self) -> None:
        """Start the search anew."""
        self._next = 0
        self._peaks: list[tuple[float, Array]] = []
        self._points: Array | None = None
        self._walls: NDArray[np.float32] | None = None
        self._origin = np.zeros(2)

    def step(self, grid: OccupancyGrid, points: Array) -> Array | None:
        """Try the next headings for the scan that began the search.

        Args:
            grid: the map.
            points: hits (n, 2) [m] in `base_link`; only used when a search begins.

        Returns:
            The best pose_map_base (3,) once all headings were tried, else None. The
            robot should not have moved far since the search began.
        """
        if self._points is None:
            near = np.hypot(points[:, 0], points[:, 1]) < MAX_POINT_M
            self._points = points[near]
            self._walls, self._origin = _coarse_walls(grid)
        if self._walls is None or len(self._points) < 20:
            self.reset()
            return None
        for _ in range(PER_STEP):
            self._try(2.0 * np.pi * self._next / HEADINGS)
            self._next += 1
        if self._next < HEADINGS:
            return None
        self.places = _best_places(self._peaks)
        self.reset()
        return self.places[0] if self.places else None

    def _try(self, yaw: float) -> None:
        turned = transform2(np.array([0.0, 0.0, yaw]), self._points)  # type: ignore[arg-type]
        index = np.floor(turned / CELL_M).astype(int)
        low = index.min(axis=0)
        size = index.max(axis=0) - low + 1
        picture = np.zeros((size[1], size[0]), np.float32)
        picture[index[:, 1] - low[1], index[:, 0] - low[0]] = 1.0
        walls = self._walls
        border = int(max(size))
        padded = cv2.copyMakeBorder(
            walls, border, border, border, border, cv2.BORDER_CONSTANT, value=0.0
        )
        fit = cv2.matchTemplate(padded, picture, cv2.TM_CCORR) / picture.sum()
        for _ in range(PER_HEADING):
            _, score, _, (column, row) = cv2.minMaxLoc(fit)
            cell = np.array([column, row]) - border - low
            xy = self._origin + CELL_M * cell
            self._peaks.append((score, np.array([xy[0], xy[1], yaw])))
            around = int(APART_M / CELL_M)
            top, left = max(0, row - around), max(0, column - around)
            fit[top : row + around + 1, left : column + around + 1] = 0.0


def _best_places(peaks: list[tuple[float, Array]]) -> list[Array]:
    """The best poses (3,) that are apart from each other."""
    kept: list[Array] = []
    for _, pose in sorted(peaks, key=lambda peak: -peak[0]):
        if not any(same_place(pose, other) for other in kept):
            kept.append(pose)
        if len(kept) == PLACES:
            break
    return kept


def same_place(a: Array, b: Array) -> bool:
    """Whether two poses (3,) are so near to each other that they are one place."""
    near = np.hypot(a[0] - b[0], a[1] - b[1]) < APART_M
    return bool(near and abs(wrap(float(a[2] - b[2]))) < APART_RAD)


def _coarse_walls(
    grid: OccupancyGrid,
) -> tuple[NDArray[np.float32] | None, Array]:
    """Smoothed walls on the coarse grid, and the corner of its cell (0, 0) [m]."""
    rows, columns = np.nonzero(grid.lidar > 0)
    if len(rows) < 20:
        return None, np.zeros(2)
    scale = grid.resolution / CELL_M
    low = np.array([columns.min(), rows.min()])
    x = ((columns - low[0]) * scale).astype(int)
    y = ((rows - low[1]) * scale).astype(int)
    walls = np.zeros((y.max() + 1, x.max() + 1), np.float32)
    walls[y, x] = 1.0
    walls = np.minimum(1.0, cv2.GaussianBlur(walls, (3, 3), 0.8) * 2.0)
    return walls, grid.origin + grid.resolution * low
