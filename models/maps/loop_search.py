"""Looking whether the robot is at a place that it has seen before, and proving it.

Old keyframes come into question when they may be near by what is known of the way (the
covariance gate) and when that way is unsure enough that a loop would tell something.
They are drawn as a small map of their own; the recent scans are looked for in all of
the gate, and a loop comes out only if they fit, fit nowhere else in the gate, fit both
ways, cross no walls, and do not contradict the way.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, compose2, inverse2, transform2
from neural_brain.models.maps.chain import TRUST, turned
from neural_brain.models.maps.consistency import mahalanobis
from neural_brain.models.maps.correlative import Likelihood, Peaks, correlate
from neural_brain.models.maps.keyframes import Keyframes
from neural_brain.models.maps.matching import Match, ScanMatcher, crossing
from neural_brain.models.maps.occupancy import GridConfig, OccupancyGrid
from neural_brain.models.maps.pose_graph import Edge
from neural_brain.models.maps.redraw import draw, points_of
from neural_brain.models.maps.scan_points import thin
from neural_brain.models.maps.spread import Spreads, chained

SIGMA = np.array([0.2, 0.2, 0.08])  # of the coarse match, as a prior of the fine one
QUERY_SPACING_M = 0.1
FLOOR = np.diag(np.square([0.015, 0.015, 0.004]))  # least spread of a loop
SIZE_M = 25.6  # first size of the small map


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """When a place counts as recognised."""

    apart: int = param(10, "keyframes between the ends, at least", low=3, high=1000)
    unsure_m: float = param(0.05, "spread from which it is worth it", low=0.0, high=5.0)
    reach_m: float = param(3.0, "old keyframes so near", low=0.5, high=20.0)
    tied_m: float = param(
        1.0, "none is sought where a sure one is so near", low=0.0, high=20.0
    )
    window_m: float = param(8.0, "half the search at most", low=0.5, high=30.0)
    gate_sigma: float = param(3.0, "half the search in spreads", low=1.0, high=10.0)
    members: int = param(14, "old keyframes drawn", low=2, high=100)
    recent: int = param(5, "new keyframes looked for", low=1, high=20)
    score: float = param(0.5, "coarse fit, at least", low=0.1, high=1.0)
    rival_share: float = param(0.9, "another place may fit so well", low=0.1, high=1.0)
    agree: float = param(0.75, "fine fit both ways, at least", low=0.1, high=1.0)
    known: float = param(0.5, "of the scan lies in the old map", low=0.1, high=1.0)
    crossing_share: float = param(
        0.1, "beams through walls, at most", low=0.0, high=1.0
    )
    chi2_max: float = param(
        16.3, "contradiction to the way, at most", low=1.0, high=1e3
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class LoopSearch:
    """Finds loops to one keyframe.

    Args:
        config: what counts.
        grid: how small maps are drawn.
        matcher: for the fine fit.

    Attributes:
        verdict: how the last search ended, in a word.
    """

    def __init__(
        self, config: LoopConfig, grid: GridConfig, matcher: ScanMatcher
    ) -> None:
        self.config = config
        self._grid = grid
        self._matcher = matcher
        self.verdict = ""

    def run(self, keys: Keyframes, number: int) -> Generator[None, None, Edge | None]:
        """Search, one slice per `next`; returns the loop or None."""
        self.verdict = "nothing near"
        numbers, poses = list(keys.frames), keys.poses()
        spreads = Spreads(numbers, keys.edges, number)
        yield
        old = self._in_gate(numbers, poses, spreads)
        if old is None:
            return None
        middle, near = old
        predicted, covariance = spreads.relative(middle)
        chosen = yield from self._side(keys, numbers, middle, near)
        here = keys.frames[number].pose
        relative = {
            k: compose2(inverse2(keys.frames[middle].pose), keys.frames[k].pose)
            for k in chosen
        }
        grid = yield from self._draw(keys, relative)
        guess = inverse2(predicted)  # pose of the new keyframe in the middle one
        recent = self._recent(keys, numbers, number, spreads)
        query = self._query(keys, recent, here)
        spread = np.sqrt(np.maximum(np.linalg.eigvalsh(covariance[:2, :2]), 0.0)).max()
        c = self.config
        window = (
            float(np.clip(c.gate_sigma * spread, 0.4, c.window_m)),
            float(np.clip(c.gate_sigma * np.sqrt(covariance[2, 2]), 0.1, np.pi)),
        )
        self.verdict = "no fit"
        if not np.any(grid.lidar > 0):
            return None
        peaks = yield from correlate(Likelihood(grid), query, guess, window, c.score)
        yield
        if peaks is None:
            return None
        match = self._fits(grid, keys, number, peaks)
        if match is None:
            return None
        back = yield from self._fits_back(keys, relative, recent, match.pose_map_base)
        if not back:
            return None
        edge = self._edge(keys, middle, number, relative, match)
        error, spread_all = _contradiction(spreads, edge)
        if mahalanobis(error, spread_all) > c.chi2_max:
            self.verdict = "contradicts the way"
            return None
        self.verdict = "found"
        return edge

    def _in_gate(
        self, numbers: list[int], poses: Array, spreads: Spreads
    ) -> tuple[int, list[int]] | None:
        """The likeliest old keyframe, and all that may be near."""
        c = self.config
        row = spreads.start
        gap = np.hypot(*(poses[:, :2] - poses[row, :2]).T)
        sigma = spreads.sigma
        far = np.abs(np.arange(len(numbers)) - row) >= c.apart
        if np.any(far & (sigma < c.unsure_m) & (gap <= c.tied_m)):
            return None  # a loop would tell nothing new
        reach = c.reach_m + np.minimum(c.gate_sigma * sigma, c.window_m)
        good = far & np.isfinite(sigma) & (sigma >= c.unsure_m) & (gap <= reach)
        if not good.any():
            return None
        rows = np.flatnonzero(good)
        order = rows[np.argsort(gap[rows], kind="stable")]
        return numbers[order[0]], [numbers[k] for k in order]

    def _side(
        self, keys: Keyframes, numbers: list[int], middle: int, near: list[int]
    ) -> Generator[None, None, list[int]]:
        """Old keyframes whose place beside the middle one is sure, nearest first."""
        spreads = Spreads(numbers, keys.edges, middle)
        yield
        sure = [
            k
            for k in near
            if spreads.sigma[spreads.row[k]] < 4.0 * self.config.unsure_m
        ]
        at = keys.frames[middle].pose[:2]
        sure.sort(key=lambda k: float(np.hypot(*(keys.frames[k].pose[:2] - at))))
        return sorted(sure[: self.config.members])

    def _draw(
        self, keys: Keyframes, poses: dict[int, Array]
    ) -> Generator[None, None, OccupancyGrid]:
        config = _small(self._grid)
        grid = OccupancyGrid(config)
        frames = [(keys.frames[k], pose) for k, pose in poses.items()]
        yield from draw(grid, frames)
        return grid

    def _recent(
        self, keys: Keyframes, numbers: list[int], number: int, spreads: Spreads
    ) -> list[int]:
        """The newest keyframes before one whose place beside it is sure."""
        row = spreads.row[number]
        first = max(0, row - self.config.recent + 1)
        near = np.flatnonzero(
            spreads.sigma[first : row + 1] < 2.0 * self.config.unsure_m
        )
        return [numbers[first + int(k)] for k in near]

    def _query(self, keys: Keyframes, recent: list[int], here: Array) -> Array:
        """Hits (n, 2) [m] of recent keyframes in the frame of the newest."""
        hits = []
        for k in recent:
            frame = keys.frames[k]
            relative = compose2(inverse2(here), frame.pose)
            hits.append(transform2(relative, points_of(frame, self._grid).hits))
        return thin(np.concatenate(hits), QUERY_SPACING_M)

    def _fits(
        self, grid: OccupancyGrid, keys: Keyframes, number: int, peaks: Peaks
    ) -> Match | None:
        """The fine fit of the newest scan, if it is good and the only one."""
        c = self.config
        if peaks.rival > c.rival_share * peaks.score:
            self.verdict = "two places fit"
            return None
        hits = points_of(keys.frames[number], self._grid).hits
        hits = thin(hits, self._matcher.config.point_spacing_m)
        match = self._matcher.match(grid, hits, peaks.pose, SIGMA)
        if match is None or match.agreement < c.agree or match.known < c.known:
            self.verdict = "fits badly"
            return None
        if crossing(grid, hits, match.pose_map_base) > c.crossing_share:
            self.verdict = "crosses walls"
            return None
        return match

    def _fits_back(
        self,
        keys: Keyframes,
        relative: dict[int, Array],
        recent: list[int],
        pose: Array,
    ) -> Generator[None, None, bool]:
        """Whether the nearest old scan fits the recent ones as well."""
        c = self.config
        here = keys.frames[recent[-1]].pose
        around = {
            k: compose2(pose, compose2(inverse2(here), keys.frames[k].pose))
            for k in recent
        }
        grid = yield from self._draw(keys, around)
        nearest = min(
            relative, key=lambda k: float(np.hypot(*(relative[k] - pose)[:2]))
        )
        hits = points_of(keys.frames[nearest], self._grid).hits
        hits = thin(hits, self._matcher.config.point_spacing_m)
        agreement = self._matcher.score(grid, hits, relative[nearest])
        through = crossing(grid, hits, relative[nearest])
        if agreement < c.agree or through > c.crossing_share:
            self.verdict = "does not fit back"
            return False
        return True

    def _edge(
        self,
        keys: Keyframes,
        middle: int,
        number: int,
        relative: dict[int, Array],
        match: Match,
    ) -> Edge:
        """The loop, from the old keyframe that lies nearest."""
        pose = match.pose_map_base
        first = min(relative, key=lambda k: float(np.hypot(*(relative[k] - pose)[:2])))
        covariance = turned(TRUST * match.covariance + FLOOR, -relative[first][2])
        return Edge(
            first=first,
            second=number,
            pose=compose2(inverse2(relative[first]), pose),
            covariance=covariance,
            loop=True,
        )


def _contradiction(spreads: Spreads, edge: Edge) -> tuple[Array, Array]:
    """Where way and loop together lead (3,), and how unsure that is (3, 3)."""
    pose, covariance = spreads.relative(edge.first)
    return compose2(pose, edge.pose), chained(covariance, pose, edge)


def _small(config: GridConfig) -> GridConfig:
    """A grid that starts small."""
    return replace(config, start_size_m=min(SIZE_M, config.max_size_m))
