"""Scan-to-map matching: Gauss-Newton over point-to-line distances.

Every occupied cell keeps the mean of its hits; a labelled distance transform names
the nearest occupied cell of any point at once, and the spread of the cell means
around it gives the direction of the wall. The residual is the distance along the
wall's normal (Censi, "An ICP variant using a point-to-line metric", ICRA 2008), with
odometry as a Gaussian prior, so that a corridor's length is not invented.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, transform2, wrap
from neural_brain.models.maps.occupancy import OccupancyGrid

WINDOW = np.array([(i, j) for i in range(-2, 3) for j in range(-2, 3)])


@dataclass(frozen=True, kw_only=True)
class MatchConfig:
    """How a scan is laid onto the map."""

    point_spacing_m: float = param(0.06, "thinning of the scan", low=0.0, high=0.5)
    sigma_m: float = param(0.03, "spread of one point", low=0.005, high=0.2)
    reach_m: float = param(0.5, "farthest pair at the start", low=0.1, high=2.0)
    final_reach_m: float = param(0.15, "farthest pair at the end", low=0.05, high=1.0)
    iterations: int = param(6, "Gauss-Newton steps", low=1, high=50)
    near_m: float = param(0.12, "a point agrees within", low=0.03, high=0.5)
    min_points: int = param(25, "fewest pairs", low=5, high=500)
    search_m: float = param(0.4, "half width of the search", low=0.0, high=2.0)
    search_rad: float = param(0.3, "half angle of the search", low=0.0, high=3.2)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Match:
    """Result: `pose_map_base` (3,), `covariance` (3, 3), and how well it fits.

    `agreement` is the share of points near an occupied cell, among those that fall
    where the map knows something; `known` is that number over all points.
    """

    pose_map_base: Array
    covariance: Array
    agreement: float
    known: float


class ScanMatcher:
    """Finds the pose at which a scan fits the map."""

    def __init__(self, config: MatchConfig) -> None:
        self.config = config

    def match(
        self, grid: OccupancyGrid, points: Array, guess: Array, sigma: Array
    ) -> Match | None:
        """Match points (n, 2) [m] in `base_link` around a guess (3,).

        Args:
            grid: the map.
            points: lidar hits.
            guess: pose_map_base from odometry.
            sigma: standard deviation (3,) [m, m, rad] of the guess.

        Returns:
            None if the map or the scan is too empty to say anything.
        """
        field = self._field(grid, points, guess)
        if field is None:
            return None
        pose, hessian = self._descend(field, points, guess, sigma)
        agreement, known = field.score(transform2(pose, points), self.config.near_m)
        if agreement < 0.75 and self.config.search_m > 0.0:
            start = self._search(field, points, guess)
            other, other_hessian = self._descend(field, points, start, sigma)
            score = field.score(transform2(other, points), self.config.near_m)
            if score[0] > agreement + 0.05:
                pose, hessian, (agreement, known) = other, other_hessian, score
        return Match(
            pose_map_base=pose,
            covariance=np.asarray(np.linalg.inv(hessian), dtype=np.float64),
            agreement=agreement,
            known=known,
        )

    def score(self, grid: OccupancyGrid, points: Array, pose: Array) -> float:
        """Agreement of points (n, 2) in `base_link` at a pose, without moving it."""
        field = self._field(grid, points, pose)
        if field is None:
            return 0.0
        return field.score(transform2(pose, points), self.config.near_m)[0]

    def _field(self, grid: OccupancyGrid, points: Array, guess: Array) -> _Field | None:
        if len(points) < self.config.min_points:
            return None
        field = _Field.around(grid, transform2(guess, points), self.config.reach_m)
        if field is None or field.count < self.config.min_points:
            return None
        return field

    def _descend(
        self, field: _Field, points: Array, guess: Array, sigma: Array
    ) -> tuple[Array, Array]:
        """Gauss-Newton; returns pose (3,) and the information matrix (3, 3)."""
        c = self.config
        pose = np.array(guess, dtype=np.float64)
        prior = np.diag(1.0 / np.square(sigma))
        reaches = np.geomspace(c.reach_m, c.final_reach_m, 3)
        for k in range(c.iterations):
            reach = reaches[min(k, len(reaches) - 1)]
            hessian, gradient = _normal_equations(field, points, pose, reach, c.sigma_m)
            offset = pose - guess
            offset[2] = wrap(offset[2])
            hessian = hessian + prior
            step = -np.linalg.solve(hessian, gradient + prior @ offset)
            pose = pose + step
            pose[2] = wrap(pose[2])
            small = abs(step[0]) + abs(step[1]) < 1e-3 and abs(step[2]) < 5e-4
            if small and k >= len(reaches) - 1:
                break
        return pose, hessian

    def _search(self, field: _Field, points: Array, guess: Array) -> Array:
        """Coarse correlative search (Olson, ICRA 2009) around the guess."""
        c = self.config
        few = points[:: max(1, len(points) // 60)]
        near = np.exp(-0.5 * np.square(field.distance / 0.15)).astype(np.float32)
        shifts = np.arange(-c.search_m, c.search_m + 0.05, 0.1)
        dx, dy = (a.ravel() for a in np.meshgrid(shifts, shifts))
        best, best_score = guess, -1.0
        for turn in np.arange(-c.search_rad, c.search_rad + 0.02, 0.04):
            placed = transform2(np.array([*guess[:2], guess[2] + turn]), few)
            cells_x, cells_y = field.cells(placed)
            x = cells_x[None, :] + np.round(dx / field.resolution).astype(int)[:, None]
            y = cells_y[None, :] + np.round(dy / field.resolution).astype(int)[:, None]
            h, w = near.shape
            sums = near[np.clip(y, 0, h - 1), np.clip(x, 0, w - 1)].sum(axis=1)
            k = int(np.argmax(sums))
            if sums[k] > best_score:
                best_score = float(sums[k])
                best = guess + np.array([dx[k], dy[k], turn])
        best[2] = wrap(best[2])
        return best


def crossing(grid: OccupancyGrid, points: Array, pose: Array) -> float:
    """Share of the beams to points (n, 2) in `base_link` that pass through walls."""
    reach = np.hypot(points[:, 0], points[:, 1])
    far = points[reach > 0.8][:: max(1, len(points) // 90)]
    if len(far) == 0:
        return 0.0
    reach = np.hypot(far[:, 0], far[:, 1])
    steps = np.linspace(0.3, 1.0, 40)[None, :] * (1.0 - 0.25 / reach)[:, None]
    beams = far[:, None, :] * steps[:, :, None]
    cells = grid.cells_of(transform2(pose, beams.reshape(-1, 2)))
    inside = grid.inside(cells)
    cells = np.clip(cells, 0, np.array(grid.shape) - 1)
    wall = inside & (grid.lidar[cells[:, 0], cells[:, 1]] > 100)
    return float(np.mean(wall.reshape(len(far), -1).any(axis=1)))


def _normal_equations(
    field: _Field, points: Array, pose: Array, reach: float, sigma_m: float
) -> tuple[Array, Array]:
    """Weighted sums J'WJ (3, 3) and J'Wr (3,) of all pairs within reach [m]."""
    placed = transform2(pose, points)
    target, normal, slack, distance = field.pair(placed)
    difference = placed - target
    arm = placed - pose[:2]
    robust = (distance < reach) / (1.0 + np.square(2.0 * distance / reach))
    robust /= sigma_m**2
    tangent = np.stack([-normal[:, 1], normal[:, 0]], axis=1)
    axis = np.concatenate([normal, tangent])
    weight = np.concatenate([robust, robust * slack])
    jacobian = np.empty((len(axis), 3))
    jacobian[:, :2] = axis
    arm = np.concatenate([arm, arm])
    jacobian[:, 2] = axis[:, 1] * arm[:, 0] - axis[:, 0] * arm[:, 1]
    difference = np.concatenate([difference, difference])
    residual = axis[:, 0] * difference[:, 0] + axis[:, 1] * difference[:, 1]
    weighted = (jacobian * weight[:, None]).T
    return weighted @ jacobian, weighted @ residual


class _Field:
    """Nearest occupied cell, wall direction and distance in a window of the map."""

    def __init__(
        self, grid: OccupancyGrid, window: tuple[slice, slice], corner: Array
    ) -> None:
        self.resolution = grid.resolution
        self.corner = corner
        occupied = grid.occupied(window) & (grid.hit_count[window] > 0)
        self.count = int(np.count_nonzero(occupied))
        self.known = grid.lidar[window] != 0
        if self.count == 0:
            return
        distance, labels = cv2.distanceTransformWithLabels(
            (~occupied).astype(np.uint8),
            cv2.DIST_L2,
            5,
            labelType=cv2.DIST_LABEL_PIXEL,
        )
        self.distance = distance * self.resolution
        flat = np.flatnonzero(occupied)
        self._order = np.zeros(self.count + 1, np.int64)
        self._order[labels.ravel()[flat]] = np.arange(self.count)
        self._labels = labels
        self._cells = np.stack([flat // occupied.shape[1], flat % occupied.shape[1]])
        self._occupied = occupied
        self._local = grid.hit_mean[window]
        self._mean = np.zeros((self.count, 2))
        self._normal = np.zeros((self.count, 2))
        self._slack = np.full(self.count, -1.0)  # -1: not looked at yet

    @classmethod
    def around(cls, grid: OccupancyGrid, points: Array, reach: float) -> _Field | None:
        """The field that covers points (n, 2) in `map` and a margin [m]."""
        low = grid.cells_of(points.min(axis=0)[None] - reach)[0]
        high = grid.cells_of(points.max(axis=0)[None] + reach)[0]
        low, high = np.maximum(low, 0), np.minimum(high + 1, grid.shape)
        if np.any(high - low < 4):
            return None
        window = slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))
        corner = grid.origin + grid.resolution * low[::-1]
        return cls(grid, window, corner)

    def cells(self, points: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Columns and rows of points, clipped to the window."""
        index = np.floor((points - self.corner) / self.resolution).astype(np.int64)
        h, w = self.distance.shape
        return np.clip(index[:, 0], 0, w - 1), np.clip(index[:, 1], 0, h - 1)

    def pair(self, points: Array) -> tuple[Array, Array, Array, Array]:
        """Nearest wall point, its normal, slack along the wall, distance [m]."""
        columns, rows = self.cells(points)
        index = self._order[self._labels[rows, columns]]
        new = np.unique(index[self._slack[index] < 0.0])
        if len(new):
            self._look_at(new)
        target = self._mean[index]
        distance = np.hypot(*(points - target).T)
        return target, self._normal[index], self._slack[index], distance

    def _look_at(self, index: NDArray[np.int64]) -> None:
        """Work out point and wall direction of some occupied cells, once."""
        rows, columns = self._cells[:, index]
        self._normal[index], self._slack[index] = _walls(
            rows, columns, self._occupied, self._local
        )
        mean = np.stack([columns, rows], axis=1) + self._local[rows, columns]
        self._mean[index] = self.corner + self.resolution * mean

    def score(self, points: Array, near_m: float) -> tuple[float, float]:
        """Share of agreeing points among the known ones; known over all."""
        columns, rows = self.cells(points)
        near = self.distance[rows, columns] < near_m
        known = near | self.known[rows, columns]
        total = int(np.count_nonzero(known))
        agreement = np.count_nonzero(near) / total if total else 0.0
        return float(agreement), total / len(points)


def _walls(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    occupied: NDArray[np.bool_],
    local: NDArray[np.float32],
) -> tuple[Array, Array]:
    """Wall normal (n, 2) and slack (n,) at occupied cells.

    The normal is the weak direction of the cell means within two cells; the slack
    grows from 0 on a straight wall to 1 where there is no direction.
    """
    h, w = occupied.shape
    y = np.clip(rows[:, None] + WINDOW[:, 0], 0, h - 1)
    x = np.clip(columns[:, None] + WINDOW[:, 1], 0, w - 1)
    weight = occupied[y, x].astype(np.float64)
    means = local[y, x]
    dx = (x - columns[:, None]) + means[..., 0]
    dy = (y - rows[:, None]) + means[..., 1]
    total = weight.sum(axis=1)
    mx = np.einsum("ij,ij->i", weight, dx) / total
    my = np.einsum("ij,ij->i", weight, dy) / total
    dx, dy = dx - mx[:, None], dy - my[:, None]
    wdx = weight * dx
    xx = np.einsum("ij,ij->i", wdx, dx) / total
    yy = np.einsum("ij,ij->i", weight * dy, dy) / total
    xy = np.einsum("ij,ij->i", wdx, dy) / total
    angle = 0.5 * np.arctan2(2.0 * xy, xx - yy)  # strong direction: along the wall
    half, root = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    floor = 0.16  # (0.4 cells)^2: below this a spread says nothing
    slack = np.square((half - root + floor) / (half + root + floor))
    return np.stack([-np.sin(angle), np.cos(angle)], axis=1), slack
