"""Where a scan lies in a map within a wide window, and whether only there.

Multi-resolution correlative matching (Olson, ICRA 2009; branch and bound as in Hess et
al., ICRA 2016): a node of the search is a square of positions at one heading; its score
in a map of the best values around every cell is at least that of every position in
it. Nodes below the wanted score are dropped, the rest are cut into four. All peaks are
kept, so that a second place that fits as well is seen.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array, transform2, wrap
from neural_brain.models.maps.occupancy import OccupancyGrid

CELL_M = 0.1
BLUR_M = 0.1  # spread of a wall
LEVELS = 4  # a node of the top is 2^(LEVELS - 1) cells wide
POINTS = 160  # of the scan are used
FARTHEST_M = 10.0
MOST_NODES = 4000  # kept on a level
SLICE = 300_000  # look-ups in one slice
APART_M, APART_RAD = 0.7, 0.35  # peaks farther apart are two places


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """The best pose (3,) and its score, and the score of the best other place, 0..1."""

    pose: Array
    score: float
    rival: float


class Likelihood:
    """Walls of a grid, smeared, at falling resolution.

    Args:
        grid: the map.
    """

    def __init__(self, grid: OccupancyGrid) -> None:
        rows, columns = np.nonzero(grid.lidar > 0)
        centers = np.stack([columns, rows], axis=1) + 0.5
        points = grid.origin + grid.resolution * centers
        border = 8
        self.corner = points.min(axis=0) - border * CELL_M
        size = np.ceil((points.max(axis=0) - self.corner) / CELL_M).astype(int) + border
        walls = np.zeros((size[1], size[0]), np.uint8)
        cells = np.floor((points - self.corner) / CELL_M).astype(int)
        walls[cells[:, 1], cells[:, 0]] = 1
        distance = cv2.distanceTransform(1 - walls, cv2.DIST_L2, 5) * CELL_M
        base = np.exp(-0.5 * np.square(distance / BLUR_M)).astype(np.float32)
        self.levels = [base]
        for level in range(1, LEVELS):
            self.levels.append(_best_ahead(self.levels[-1], 1 << (level - 1)))

    def scores(
        self, level: int, x: NDArray[np.int64], y: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Mean value (n,) at cells (n, k); outside is 0."""
        values = self.levels[level]
        h, w = values.shape
        inside = (x >= 0) & (x < w) & (y >= 0) & (y < h)
        found = values[np.clip(y, 0, h - 1), np.clip(x, 0, w - 1)]
        return np.asarray((found * inside).mean(axis=1))


def correlate(
    likelihood: Likelihood,
    points: Array,
    guess: Array,
    window: tuple[float, float],
    least: float,
) -> Generator[None, None, Peaks | None]:
    """Search, one slice per `next`.

    Args:
        likelihood: the map.
        points: hits (n, 2) [m] in the robot's frame.
        guess: pose (3,) in the middle of the window.
        window: half width [m] and half angle [rad].
        least: scores below are of no interest, 0..1.

    Returns:
        The peaks, or None if nothing reaches the score.
    """
    near = points[np.hypot(points[:, 0], points[:, 1]) < FARTHEST_M]
    if len(near) < 20:
        return None
    few = near[np.linspace(0, len(near) - 1, min(POINTS, len(near))).astype(int)]
    turns = _turns(few, window[1])
    cells = np.array(
        [
            np.floor(
                (transform2(np.array([*guess[:2], guess[2] + turn]), few)
                 - likelihood.corner) / CELL_M
            )
            for turn in turns
        ]
    ).astype(np.int64)  # fmt: skip
    top = LEVELS - 1
    reach = int(np.ceil(window[0] / CELL_M))
    shifts = np.arange(-reach, reach + 1, 1 << top)
    nodes = np.array(
        [(t, x, y) for t in range(len(turns)) for x in shifts for y in shifts]
    )
    for level in range(top, -1, -1):
        if level < top:
            half = 1 << level
            corners = np.array([(0, 0), (0, half), (half, 0), (half, half)])
            nodes = np.repeat(nodes, 4, axis=0)
            nodes[:, 1:] += np.tile(corners, (len(nodes) // 4, 1))
        scores = yield from _score(likelihood, level, nodes, cells)
        keep = np.flatnonzero(scores >= least)
        if len(keep) == 0:
            return None
        keep = keep[np.argsort(-scores[keep], kind="stable")[:MOST_NODES]]
        nodes, scores = nodes[keep], scores[keep]
    return _peaks(nodes, scores, guess, turns)


def _score(
    likelihood: Likelihood,
    level: int,
    nodes: NDArray[np.int64],
    cells: NDArray[np.int64],
) -> Generator[None, None, NDArray[np.float32]]:
    """Scores (n,) of nodes (n, 3): heading, shift x, shift y; sliced."""
    found = []
    step = max(1, SLICE // cells.shape[1])
    for start in range(0, len(nodes), step):
        part = nodes[start : start + step]
        x = cells[part[:, 0], :, 0] + part[:, 1:2]
        y = cells[part[:, 0], :, 1] + part[:, 2:3]
        found.append(likelihood.scores(level, x, y))
        yield
    return np.concatenate(found)


def _turns(points: Array, half_angle: float) -> Array:
    """Headings to try, so fine that the farthest points move by a cell."""
    far = max(2.0, float(np.percentile(np.hypot(points[:, 0], points[:, 1]), 90)))
    count = int(np.ceil(half_angle / (CELL_M / far)))
    return np.linspace(-half_angle, half_angle, 2 * count + 1)


def _peaks(
    nodes: NDArray[np.int64], scores: NDArray[np.float32], guess: Array, turns: Array
) -> Peaks:
    """Best pose and best other place of the leaves, which are sorted by score."""
    apart = CELL_M * np.hypot(nodes[:, 1] - nodes[0, 1], nodes[:, 2] - nodes[0, 2])
    turned = turns[nodes[:, 0]] - turns[nodes[0, 0]]
    turned = np.abs((turned + np.pi) % (2.0 * np.pi) - np.pi)
    others = scores[(apart > APART_M) | (turned > APART_RAD)]
    pose = np.array(guess, dtype=np.float64)
    pose[:2] += CELL_M * nodes[0, 1:]
    pose[2] = wrap(float(pose[2] + turns[nodes[0, 0]]))
    return Peaks(
        pose=pose,
        score=float(scores[0]),
        rival=float(others[0]) if len(others) else 0.0,
    )


def _best_ahead(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """The best of a cell and those `step` cells further in x, y and both."""
    padded = np.pad(values, ((0, step), (0, step)))
    across = np.maximum(padded[:, :-step], padded[:, step:])
    best: NDArray[np.float32] = np.maximum(across[:-step], across[step:])
    return best
