"""Loop closure: keeps keyframes, finds loops, mends the graph and redraws the map.

All of it is work in slices: `step` does a few milliseconds and returns. A loop that
would bend the map must agree with another one; what comes out of the graph is drawn and
looked at before it is taken over, else the loops are forgotten again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, compose2, inverse2, wrap
from neural_brain.models.maps.chain import Chain
from neural_brain.models.maps.consistency import agree, largest_clique
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.keyframes import KeyframeConfig, Keyframes
from neural_brain.models.maps.loop_search import LoopConfig, LoopSearch
from neural_brain.models.maps.matching import ScanMatcher, crossing
from neural_brain.models.maps.occupancy import GridConfig, OccupancyGrid
from neural_brain.models.maps.pose_graph import Edge, GraphProblem
from neural_brain.models.maps.redraw import draw, points_of
from neural_brain.models.maps.scan_points import ScanPoints, thin
from neural_brain.models.maps.spread import Spreads
from neural_brain.models.signals import LaserScan

SAME_M, SAME_RAD = 0.1, 0.06  # ways that differ by less are one
ALIKE_M = 1.5  # loops whose changes of the map differ by less say the same
DOUBTED = 0.2  # loops that count less than this in the solution are forgotten
LOOKED_AT = 12  # keyframes around the loops by which the new map is judged
SPARE = 20  # newest keyframes that are never thinned out
LATE = 40  # keyframes more than allowed, until a search has ended
REFUSED = 50  # refused loops that are remembered


@dataclass(frozen=True, kw_only=True)
class ClosureConfig:
    """Loop closure as a whole."""

    enabled: bool = param(True, "keep keyframes and close loops")
    keyframes: KeyframeConfig = field(default_factory=KeyframeConfig)
    loops: LoopConfig = field(default_factory=LoopConfig)
    support: int = param(2, "loops that must agree to bend the map", low=1, high=10)
    small_m: float = param(0.12, "loops below do not move the map", low=0.0, high=1.0)
    pending: int = param(25, "a loop waits for company, keyframes", low=1, high=1000)
    pause: int = param(2, "keyframes between vain searches", low=1, high=100)
    slices: int = param(2, "of work in a step", low=1, high=50)
    redraw_m: float = param(0.05, "the map is redrawn from", low=0.01, high=1.0)
    redraw_rad: float = param(0.01, "the map is redrawn from", low=0.001, high=1.0)
    weight: int = param(2, "scans that a keyframe counts for", low=1, high=10)
    sound_min: float = param(0.6, "fit less crossed walls then", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Closure:
    """A mended map, ready to be taken over: the grid, what moved, how many loops."""

    grid: OccupancyGrid
    correction: Correction
    loops: int


class LoopCloser:
    """Keyframes and what is done with them.

    Args:
        config: all of it.
        grid: how grids are drawn.
        matcher: lays scans onto grids.

    Attributes:
        keys: keyframes and edges.
        searches: how many searches ended with which verdict.
        anchor: number of the newest keyframe, 0 = none.
    """

    def __init__(
        self, config: ClosureConfig, grid: GridConfig, matcher: ScanMatcher
    ) -> None:
        self.config = config
        self.keys = Keyframes(config.keyframes)
        self.searches: dict[str, int] = {}
        self.anchor = 0
        self._grid = grid
        self._matcher = matcher
        self._chain = Chain(grid, matcher)
        self._search = LoopSearch(config.loops, grid, matcher)
        self._pending: list[Edge] = []
        self._refused: deque[Array] = deque(maxlen=REFUSED)
        self._work: Generator[None, None, Closure | None] | None = None
        self._last: tuple[Array, Array] | None = None
        self._searched = 0
        self._now: OccupancyGrid | None = None

    def break_off(self) -> None:
        """The way from the last keyframe is not known any more (lost, carried away)."""
        self._chain.reset()
        self._last = None

    def note(
        self,
        scan: LaserScan,
        points: ScanPoints,
        thinned: Array,
        *,
        pose: Array,
        odom: Array,
        sigma: Array,
    ) -> None:
        """Take a scan that was mapped; far enough from the last one it is kept.

        Args:
            scan: as measured.
            points: the same in `base_link`.
            thinned: its hits (n, 2) [m] for matching.
            pose: pose_map_base (3,) at which it was mapped.
            odom: pose_odom_base (3,) at its stamp.
            sigma: standard deviation (3,) of odometry over the way between keyframes.
        """
        if not self.config.enabled:
            return
        if self._last is not None and not self.keys.far_from(self._last[1], odom):
            return
        before = self.anchor
        frame = self.keys.add(pose, scan)
        self.anchor = frame.id
        step = self._chain.add(points, thinned, self._moved(pose, odom), sigma)
        if step is not None:
            self._join(before, frame.id, *step)
        elif len(self.keys.frames) > 1:
            self._tie(frame.id)
        self._last = np.array(pose), np.array(odom)
        if len(self.keys.frames) > self.config.keyframes.most + LATE:
            self._work = None  # a search that takes so long is broken off
            self._searched = self.anchor
        while self._work is None:
            dropped = self.keys.thin_out(SPARE)
            if dropped is None:
                return
            self._pending = [
                e for e in self._pending if dropped not in (e.first, e.second)
            ]

    def step(self, grid: OccupancyGrid) -> Closure | None:
        """Some slices of work; a closure when there is one to be taken over.

        Args:
            grid: the map as it is.
        """
        self._now = grid
        for _ in range(self.config.slices):
            if self._work is None:
                new = self.anchor > self._searched
                if not new or self.anchor not in self.keys.frames:
                    return None
                self._work = self._look(self.anchor)
            try:
                next(self._work)
            except StopIteration as end:
                self._work = None
                closure: Closure | None = end.value
                return closure
        return None

    def take_over(self, closure: Closure) -> None:
        """Make the poses of a closure the poses of the keyframes."""
        correction = closure.correction
        self._refused.clear()
        for number, pose in zip(correction.numbers, correction.after, strict=True):
            self.keys.frames[number].pose = np.array(pose)
        if self._last is not None and self.anchor in correction.numbers:
            change = correction.change_of(self.anchor, self._last[0])
            self._last = compose2(change, self._last[0]), self._last[1]

    def restore(self, arrays: dict[str, NDArray[Any]], next_id: int) -> None:
        """Continue from `arrays()`; the way to the next keyframe is not known."""
        self.keys.restore(arrays, next_id)
        self.recalled()

    def recalled(self) -> None:
        """The keyframes are of an older session: begin behind them."""
        self.anchor = max(self.keys.frames, default=0)
        self._searched = self.anchor

    def _moved(self, pose: Array, odom: Array) -> list[Array]:
        """The way (3,) from the last keyframe by the map, and by odometry if other.

        The map's may hold a jump onto walls that were drawn long ago.
        """
        if self._last is None:
            return [np.zeros(3)]
        last_pose, last_odom = self._last
        by_map = compose2(inverse2(last_pose), pose)
        by_odom = compose2(inverse2(last_odom), odom)
        gap = compose2(inverse2(by_map), by_odom)
        same = np.hypot(*gap[:2]) < SAME_M and abs(gap[2]) < SAME_RAD
        return [by_map] if same else [by_map, by_odom]

    def _join(self, first: int, second: int, pose: Array, covariance: Array) -> None:
        self.keys.edges.append(
            Edge(first=first, second=second, pose=pose, covariance=covariance)
        )

    def _tie(self, number: int) -> None:
        """Join the first keyframe after a break with the nearest one, as mapped."""
        here = self.keys.frames[number].pose
        others = [k for k in self.keys.frames if k != number]
        gaps = [np.hypot(*(self.keys.frames[k].pose - here)[:2]) for k in others]
        first = others[int(np.argmin(gaps))]
        start = self.keys.frames[first].pose
        self.keys.edges.append(
            Edge(
                first=first,
                second=number,
                pose=compose2(inverse2(start), here),
                covariance=np.diag([0.05**2, 0.05**2, 0.02**2]),
                loop=True,
            )
        )

    def _look(self, number: int) -> Generator[None, None, Closure | None]:
        """Search a loop to a keyframe; with enough loops, close."""
        loop = yield from self._search.run(self.keys, number)
        verdict = self._search.verdict
        self.searches[verdict] = self.searches.get(verdict, 0) + 1
        self._searched = number
        self._pending = [
            e for e in self._pending if number - e.second <= self.config.pending
        ]
        if loop is None:
            if verdict != "nothing near":
                self._searched += self.config.pause
            return None
        if self._bends(loop) <= self.config.small_m:
            self.keys.edges.append(loop)  # the map has it so already
            return None
        taken = yield from self._company(loop)
        if not taken:
            self._pending.append(loop)
            return None
        self._pending = [e for e in self._pending if not any(e is t for t in taken)]
        closure = yield from self._close(taken)
        return closure

    def _company(self, loop: Edge) -> Generator[None, None, list[Edge]]:
        """The loops that may be taken together with a new one, or none."""
        numbers = list(self.keys.frames)
        loops = [*self._pending[-7:], loop]
        n = len(loops)
        joined = np.zeros((n, n), bool)
        for k, a in enumerate(loops):
            ways = (
                Spreads(numbers, self.keys.edges, a.first),
                Spreads(numbers, self.keys.edges, a.second),
            )
            for m in range(k + 1, n):
                joined[k, m] = joined[m, k] = agree(a, loops[m], *ways)
            yield
        chosen = [loops[k] for k in largest_clique(joined, n - 1)]
        # What was refused before needs more company each time, so that a mistake that
        # is made again and again does not slip through once.
        mine = self._meaning(loop)
        again = sum(_alike(mine, other) for other in self._refused)
        return chosen if len(chosen) >= self.config.support + 2 * again else []

    def _meaning(self, loop: Edge) -> Array:
        """Pose (3,) by which the loop says that the map around its end is wrong."""
        first, second = (self.keys.frames[k].pose for k in (loop.first, loop.second))
        return compose2(compose2(first, loop.pose), inverse2(second))

    def _refuse(self, taken: list[Edge], why: str) -> None:
        self._count(why)
        self._refused.append(self._meaning(taken[-1]))

    def _bends(self, loop: Edge) -> float:
        """How far a loop's end lies from where the map has it [m]."""
        first, second = (self.keys.frames[k].pose for k in (loop.first, loop.second))
        gap = compose2(inverse2(second), compose2(first, loop.pose))
        return float(np.hypot(*gap[:2]) + abs(gap[2]))

    def _close(self, taken: list[Edge]) -> Generator[None, None, Closure | None]:
        """Solve the graph with new loops; draw and look if the map changes."""
        numbers, before = list(self.keys.frames), self.keys.poses()
        edges = [*self.keys.edges, *taken]
        problem = GraphProblem(numbers, edges)
        solution = yield from problem.steps(before)
        doubted = {
            id(edge)
            for edge, weight in zip(edges, solution.weights, strict=True)
            if edge.loop and weight < DOUBTED
        }
        known = {id(edge) for edge in taken}
        if known <= doubted or solution.chi2 > problem.cost(before):
            self._refuse(taken, "doubted")
            return None
        kept = [edge for edge in edges if id(edge) not in doubted]
        turn = np.abs([wrap(float(a)) for a in (solution.poses - before)[:, 2]])
        moved = np.hypot(*(solution.poses - before)[:, :2].T)
        c = self.config
        if moved.max() < c.redraw_m and turn.max() < c.redraw_rad:
            self._adopt(edges, kept)
            return None
        after = {k: pose for k, pose in zip(numbers, solution.poses, strict=True)}
        grid = OccupancyGrid(self._grid)
        drawn = [(self.keys.frames[k], after[k]) for k in numbers]
        yield from draw(grid, drawn, weight=c.weight)
        ends = [k for edge in taken for k in (edge.first, edge.second)]
        sound = yield from self._sound(grid, after, ends)
        if not sound:
            self._refuse(taken, "spoils the map")
            return None
        # Keyframes that came while this was worked out move with the newest before.
        change = compose2(after[numbers[-1]], inverse2(before[-1]))
        late = [f for k, f in self.keys.frames.items() if k not in after]
        for frame in late:
            after[frame.id] = compose2(change, frame.pose)
        yield from draw(grid, [(f, after[f.id]) for f in late], weight=c.weight)
        self._adopt(edges, kept)
        everyone = list(self.keys.frames)
        for number in everyone:
            if number not in after:
                after[number] = compose2(change, self.keys.frames[number].pose)
        correction = Correction(
            numbers=tuple(everyone),
            before=self.keys.poses(),
            after=np.array([after[k] for k in everyone]),
        )
        return Closure(grid=grid, correction=correction, loops=len(taken))

    def _adopt(self, considered: list[Edge], kept: list[Edge]) -> None:
        """Edges of the solution, and those that came while it was worked out."""
        old = {id(edge) for edge in considered}
        new = [edge for edge in self.keys.edges if id(edge) not in old]
        self.keys.edges = [*kept, *new]

    def _sound(
        self, grid: OccupancyGrid, after: dict[int, Array], ends: list[int]
    ) -> Generator[None, None, bool]:
        """Whether scans around the loops' ends fit the new map.

        Where they do not fit the old one any better, which has its walls twice, the new
        one is not worse.
        """
        at = np.array([after[k][:2] for k in ends])
        gaps = {k: float(np.hypot(*(at - p[:2]).T).min()) for k, p in after.items()}
        nearest = sorted(gaps, key=lambda k: (gaps[k], k))[:LOOKED_AT]
        looks = []
        for k in nearest:
            frame = self.keys.frames[k]
            hits = points_of(frame, self._grid).hits
            hits = thin(hits, self._matcher.config.point_spacing_m)
            old = self._now or grid
            looks.append(
                [
                    self._matcher.score(g, hits, pose) - crossing(g, hits, pose)
                    for g, pose in ((grid, after[k]), (old, frame.pose))
                ]
            )
            yield
        now, before = np.mean(looks, axis=0)
        return bool(now >= min(self.config.sound_min, before))

    def _count(self, what: str) -> None:
        self.searches[what] = self.searches.get(what, 0) + 1


def _alike(a: Array, b: Array) -> bool:
    """Whether two changes of the map (3,) are nearly the same."""
    gap = a - b
    return bool(np.hypot(gap[0], gap[1]) < ALIKE_M and abs(wrap(float(gap[2]))) < 0.3)
