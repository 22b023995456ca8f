"""Where the ball is, from actions and pictures alone: dead reckoning held to the grid.

An extended Kalman filter. The measured motion predicts; wall distances correct it, as
walls stand on lines 2 m apart (their heading modulo 90 degrees and their place modulo
2 m); which line it is follows from the prediction. A ball is held off walls that the
map knows, so that pushing against one does not count as way.

The frame is the player's own: it begins in the middle of cell (0, 0), as every ball
does in Memory Maze, and its x axis is one of the four directions of the walls.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.memory_maze.kinematics import RADIUS_M, Motion, predict
from neural_brain.benchmarks.memory_maze.sight import AHEAD_M, ANGLES, CELL_M
from neural_brain.benchmarks.memory_maze.snap import CLOSE_M, spread
from neural_brain.models.geometry import Array, wrap
from neural_brain.models.signals import GridView

START = np.array([0.5 * CELL_M, 0.5 * CELL_M])
STEP_SIGMA = np.array([0.02, 0.02, np.deg2rad(0.4)])  # of a free step
BUMP_SIGMA = np.array([0.2, 0.2, np.deg2rad(3.0)])  # of one that touches a wall
LIKE_ONE = 12.0  # beams of one picture err together: so many count as one
FAR_M = 7.0  # farther beams correct nothing
SURE_M = 5.0  # nearer ones end so exactly that they can say that the pose is wrong
GATE, APART = 3.0, 2.0  # spreads: of a beam that counts, of the other kind of line
FEWEST = 8
ROUNDS = 3
PARTS = 4  # of a step, each held off the walls
ENOUGH = 20  # beams that can tell whether the pose is right
POOR = 0.45  # mean agreement of beams below which it is searched
GOOD = 0.75  # agreement that a found pose must have
PRICE_PER_M, PRICE_PER_RAD = 0.2, 0.3  # agreement that being off the prediction costs
BETTER = 0.2  # agreement that a found pose must have above the predicted one
FOUND_SIGMA = np.array([0.1, 0.1, np.deg2rad(2.0)])
FLOOR_M = 0.03


class PoseFilter:
    """Pose (3,) [m, m, rad] in the player's own frame, with covariance (3, 3)."""

    def __init__(self, ranges: Array) -> None:
        self.motion = Motion.at(np.array([*START, start_heading(ranges)]))
        self.covariance = np.diag(np.square([0.03, 0.03, np.deg2rad(2.0)]))
        self.lost = 0  # looks in a row that fit nowhere
        self._before = self.pose.copy()
        self._descend(ranges)

    @property
    def pose(self) -> Array:
        """The best guess."""
        return self.motion.pose[0]

    @property
    def spread_m(self) -> float:
        """Standard deviation of the place [m]."""
        return float(np.sqrt(0.5 * np.trace(self.covariance[:2, :2])))

    def predict(self, action: int, walls: GridView) -> None:
        """One action, held off the walls that the map knows."""
        self._before = self.pose.copy()
        after = predict(self.motion, np.array([action]))
        way = after.pose[0, :2] - self.pose[:2]
        spot = self.pose[:2]
        for _ in range(PARTS):
            spot = hold_off(spot + way / PARTS, walls)
        bumped = bool(np.hypot(*(spot - after.pose[0, :2])) > 0.02)
        sigma = BUMP_SIGMA if bumped else STEP_SIGMA
        heading = after.pose[0, 2]
        self.motion = Motion(
            pose=np.array([[*spot, heading]]),
            speed=after.speed * (0.3 if bumped else 1.0),
            turn=after.turn,
        )
        self.covariance = self.covariance + np.diag(np.square(sigma))

    def correct(self, ranges: Array, walls: GridView) -> None:
        """Lay beams (76,) [m] onto the grid; search around when they do not fit.

        What touches a corner is turned by it, which no prediction knows. Then poses
        between the last and the predicted one are tried, and farther ones the longer
        none fits.
        """
        self._descend(ranges)
        share, used = agreement(ranges, self.pose[None], walls)
        if used < ENOUGH or share[0] >= POOR:
            self.lost = 0
            return
        tries = self._around(min(self.lost, 4))
        scores, _ = agreement(ranges, tries, walls)
        away = np.hypot(*(tries[:, :2] - self.pose[:2]).T)
        turned = np.abs(tries[:, 2] - self.pose[2])
        worth = scores - PRICE_PER_M * away - PRICE_PER_RAD * turned
        best = int(np.argmax(worth))
        if scores[best] >= GOOD and worth[best] >= share[0] + BETTER:
            self._move(tries[best])
            self.covariance = np.diag(np.square(FOUND_SIGMA))
            self._descend(ranges)
            self.lost = 0
        else:
            self.lost += 1

    def _around(self, lost: int) -> Array:
        """Poses (n, 3) to try, more and farther ones the longer it is lost."""
        reach = 0.15 * (1 + lost)
        grid = np.linspace(-reach, reach, 3 + 2 * lost)
        turns = np.deg2rad(np.arange(-50.0, 51.0, 2.0))
        shares = np.array([0.0, 0.5, 1.0])
        spots = self._before[:2] + shares[:, None] * (self.pose[:2] - self._before[:2])
        place = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
        places = (spots[:, None] + place[None]).reshape(-1, 2)
        return np.concatenate(
            [
                np.repeat(places, len(turns), axis=0),
                np.tile(self.pose[2] + turns, len(places))[:, None],
            ],
            axis=1,
        )

    def _move(self, pose: Array) -> None:
        moved = np.array([[pose[0], pose[1], wrap(float(pose[2]))]])
        self.motion = Motion(pose=moved, speed=self.motion.speed, turn=self.motion.turn)

    def _descend(self, ranges: Array) -> None:
        pose = self.pose.copy()
        before = np.linalg.inv(self.covariance)
        information = before
        for _ in range(ROUNDS):
            gap, slope, sigma = grid_gaps(ranges, pose)
            if len(gap) < FEWEST:
                return
            weight = 1.0 / (LIKE_ONE * np.square(sigma))
            information = before + (slope * weight[:, None]).T @ slope
            pull = before @ (pose - self.pose) + (slope * weight[:, None]).T @ gap
            pose = pose - np.linalg.solve(information, pull)
        self._move(pose)
        self.covariance = np.linalg.inv(information)


def agreement(ranges: Array, poses: Array, walls: GridView) -> tuple[Array, int]:
    """How well beams end on grid lines, and on cells that are not known to be free.

    Args:
        ranges: (76,) [m].
        poses: (n, 3) to judge.
        walls: the maze in whole cells.

    Returns:
        Mean agreement (n,), 0 to 1, and the number of beams that it rests on.
    """
    use = np.isfinite(ranges) & (ranges < SURE_M) & (ranges > CLOSE_M)
    way, angle = ranges[use], poses[:, 2:] + ANGLES[use]
    if len(way) == 0:
        return np.zeros(len(poses)), 0
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=2)
    ahead = AHEAD_M * np.stack([np.cos(poses[:, 2]), np.sin(poses[:, 2])], axis=1)
    end = (poses[:, :2] + ahead)[:, None] + way[:, None] * direction
    gap = end - CELL_M * np.round(end / CELL_M)
    ratio = np.abs(gap) / (spread(way)[:, None] * np.abs(direction) + FLOOR_M)
    fit = np.exp(-0.5 * np.square(ratio.min(axis=2)))
    beyond = end + 0.15 * direction
    cell = np.floor((beyond - walls.origin) / walls.resolution).astype(np.int64)
    h, w = walls.cells.shape
    inside = (cell >= 0).all(axis=2) & (cell < [w, h]).all(axis=2)
    cell = np.clip(cell, 0, [w - 1, h - 1])
    free = inside & (walls.cells[cell[..., 1], cell[..., 0]] == 0)
    return np.where(free, 0.0, fit).mean(axis=1), len(way)


def grid_gaps(ranges: Array, pose: Array) -> tuple[Array, Array, Array]:
    """How far the ends of beams are off the nearest line of the kind that fits them.

    Returns:
        Gaps (k,) [m], their slopes (k, 3) by the pose, spreads (k,) [m].
    """
    use = np.isfinite(ranges) & (ranges < FAR_M) & (ranges > CLOSE_M)
    way, angle = ranges[use], pose[2] + ANGLES[use]
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    ahead = AHEAD_M * np.array([np.cos(pose[2]), np.sin(pose[2])])
    arm = ahead + way[:, None] * direction
    end = pose[:2] + arm
    gap = end - CELL_M * np.round(end / CELL_M)
    sigma = spread(way)[:, None] * np.abs(direction) + FLOOR_M
    ratio = np.abs(gap) / sigma
    kind = np.argmin(ratio, axis=1)
    rows = np.arange(len(kind))
    mine, other = ratio[rows, kind], ratio[rows, 1 - kind]
    good = (mine < GATE) & (other > APART * np.maximum(mine, 0.5))
    slope = np.zeros((len(kind), 3))
    slope[rows, kind] = 1.0
    slope[:, 2] = np.where(kind == 0, -arm[:, 1], arm[:, 0])
    return gap[rows, kind][good], slope[good], sigma[rows, kind][good]


def start_heading(ranges: Array) -> float:
    """The heading within a quarter turn [rad] at which most beams end on lines."""
    headings = np.deg2rad(np.arange(0.0, 90.0, 0.5))
    scores = [_fit(ranges, np.array([*START, heading])) for heading in headings]
    return float(headings[int(np.argmax(scores))])


def _fit(ranges: Array, pose: Array) -> float:
    gap, _, sigma = grid_gaps(ranges, pose)
    return float(np.exp(-0.5 * np.square(gap / sigma)).sum())


def hold_off(spot: Array, walls: GridView) -> NDArray[np.float64]:
    """The spot (2,) [m] moved so that a ball there enters no wall of the map."""
    side = CELL_M
    here = np.floor(spot / side).astype(int)
    moved = np.array(spot, dtype=np.float64)
    for step in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
        corner = (here + step) * side
        if _is_wall(walls, corner + 0.5 * side):
            near = np.clip(moved, corner, corner + side)
            away = moved - near
            gap = float(np.hypot(*away))
            if 1e-9 < gap < RADIUS_M:
                moved = near + away * (RADIUS_M / gap)
    return moved


def _is_wall(walls: GridView, spot: Array) -> bool:
    column, row = np.floor((spot - walls.origin) / walls.resolution).astype(int)
    h, w = walls.cells.shape
    return bool(0 <= row < h and 0 <= column < w and walls.cells[row, column] > 50)
