"""How the robot came from one keyframe to the next, by its recent scans alone.

The localiser lays scans onto the whole map, also onto parts that were drawn long ago
with another drift; then the way between two keyframes holds a jump that was not driven.
A pose graph needs the way itself. So every keyframe is matched once more, against a
small map of the few keyframes before it, as in the local maps of Cartographer (Hess et
al., ICRA 2016).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.matching import Match, ScanMatcher
from neural_brain.models.maps.occupancy import GridConfig, OccupancyGrid
from neural_brain.models.maps.scan_points import ScanPoints, in_map

MEMBERS = 8  # keyframes that the small map keeps when it is drawn anew
RANGE_M = 15.0  # farther hits are left out of the small map
TRUST = 10.0  # factor on the matcher's covariance, whose points are not independent
FLOOR_M, FLOOR_RAD = 0.006, 0.004  # least spread of a step
FIT, KNOWN = 0.6, 0.3  # a step must fit so well to count as matched


class Chain:
    """The last keyframes in a frame of their own.

    Args:
        config: of the grid.
        matcher: lays a scan onto the small map.
    """

    def __init__(self, config: GridConfig, matcher: ScanMatcher) -> None:
        self._config = replace(
            config,
            start_size_m=max(config.start_size_m, 25.6),
            max_range_m=min(config.max_range_m, RANGE_M),
        )
        self._matcher = matcher
        self.reset()

    def reset(self) -> None:
        """The way is broken: the next keyframe begins a new chain."""
        self._members: list[tuple[Array, ScanPoints]] = []
        self._grid: OccupancyGrid | None = None

    def add(
        self, points: ScanPoints, thinned: Array, guesses: list[Array], sigma: Array
    ) -> tuple[Array, Array] | None:
        """Put a keyframe at the end.

        Args:
            points: its scan in `base_link`.
            thinned: hits (n, 2) [m] of it for matching.
            guesses: how it may have moved, poses (3,) in the frame of the keyframe
                before; the best fit decides.
            sigma: standard deviation (3,) of odometry since the last keyframe.

        Returns:
            Pose (3,) in the frame of the keyframe before, and its covariance (3, 3);
            None for the first of a chain.
        """
        step = None
        pose = np.zeros(3)
        if self._members and self._grid is not None:
            last = self._members[-1][0]
            pose, covariance = self._place(thinned, last, guesses, sigma)
            step = compose2(inverse2(last), pose), turned(covariance, -last[2])
        self._members.append((pose, points))
        if self._grid is None or len(self._members) >= 2 * MEMBERS:
            self._draw_anew()
        else:
            self._grid.add_scan(in_map(self._near(points), pose))
        return step

    def _place(
        self, thinned: Array, last: Array, guesses: list[Array], sigma: Array
    ) -> tuple[Array, Array]:
        """Pose and covariance in the chain, from the guess that fits best."""
        best, best_fit = None, -1.0
        if self._grid is None:
            return _judge(None, compose2(last, guesses[0]), sigma)
        for moved in guesses:
            guess = compose2(last, moved)
            match = self._matcher.match(self._grid, thinned, guess, sigma)
            if match is not None and match.agreement * match.known > best_fit:
                best, best_fit = match, match.agreement * match.known
        return _judge(best, compose2(last, guesses[0]), sigma)

    def _draw_anew(self) -> None:
        """Keep the last keyframes, in the frame of the newest."""
        back = inverse2(self._members[-1][0])
        self._members = [
            (compose2(back, pose), points) for pose, points in self._members[-MEMBERS:]
        ]
        self._grid = OccupancyGrid(self._config)
        for pose, points in self._members:
            self._grid.add_scan(in_map(self._near(points), pose))

    def _near(self, points: ScanPoints) -> ScanPoints:
        apart = np.hypot(*(points.hits - points.origin).T)
        return replace(points, hits=points.hits[apart <= self._config.max_range_m])


def _judge(match: Match | None, guess: Array, sigma: Array) -> tuple[Array, Array]:
    """Pose and covariance of a step: of the match, or of the guess if it misfits."""
    if match is None or match.agreement < FIT or match.known < KNOWN:
        return guess, np.diag(np.square(3.0 * sigma))
    floor = np.diag(np.square([FLOOR_M, FLOOR_M, FLOOR_RAD]))
    return match.pose_map_base, TRUST * match.covariance + floor


def turned(covariance: Array, angle: float) -> Array:
    """Covariance (3, 3) of x, y, yaw in axes that are turned back by an angle [rad]."""
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(R @ covariance @ R.T)
