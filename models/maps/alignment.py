"""How two maps of one home lie to each other: by things of one name, and by walls.

Guesses come from pairs of landmarks that are equally far apart in both maps, and from
the search that also finds a lost robot. Each is refined by laying the walls of one map
onto the other, and judged both ways. The best counts only if enough is known in both
maps (more when no things confirm it), the walls agree there, and no other way of laying
them fits as well.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, compose2, inverse2, transform2, wrap
from neural_brain.models.maps.landmarks import LandmarkMap
from neural_brain.models.maps.matching import MatchConfig, ScanMatcher
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.relocaliser import HEADINGS, PER_STEP, Relocaliser
from neural_brain.models.signals import Landmark

MIN_OVERLAP_M2 = 8.0  # floor and walls that both maps know
WALLS_ALONE_M2 = 25.0  # the same when fewer than two things confirm it
SAME_M = 0.5  # things of one name this near are one
MIN_AGREEMENT = 0.75  # share of the walls there that both maps have
RIVAL_M, RIVAL_RAD = 0.6, 0.3  # guesses farther apart than this differ
MOST_POINTS = 1500
MOST_GUESSES = 6
APART_M = 1.5  # landmarks of a pair are at least so far apart
SIGMA = np.array([0.3, 0.3, 0.08])


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """A way of laying map b onto map a.

    Attributes:
        pose_a_b: pose (3,) of frame b in frame a.
        agreement: share of the walls that both have, where both know something; the
            worse of the two directions.
        overlap_m2: area that both know.
        things: landmarks of b that lie on one of their name in a.
    """

    pose_a_b: Array
    agreement: float
    overlap_m2: float
    things: int

    @property
    def needed_m2(self) -> float:
        """Area that both must know for this to be believed."""
        return MIN_OVERLAP_M2 if self.things >= 2 else WALLS_ALONE_M2

    @property
    def score(self) -> float:
        """How much speaks for it: area known in both, less what disagrees."""
        return self.overlap_m2 * (self.agreement - 0.5)

    def near(self, other: Alignment) -> bool:
        """Whether another way is nearly the same."""
        return _near(self.pose_a_b, other.pose_a_b)


def align(
    grid_a: OccupancyGrid,
    landmarks_a: LandmarkMap,
    grid_b: OccupancyGrid,
    landmarks_b: LandmarkMap,
) -> Alignment:
    """The pose of map b in map a.

    Raises:
        MapFileError: if the maps cannot be laid onto each other safely; says why.
    """
    work = aligning(grid_a, landmarks_a, grid_b, landmarks_b)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return _choose(end.value)


def aligning(
    grid_a: OccupancyGrid,
    landmarks_a: LandmarkMap,
    grid_b: OccupancyGrid,
    landmarks_b: LandmarkMap,
) -> Generator[None, None, list[Alignment]]:
    """All ways of laying map b onto map a, the best first; one guess per `next`.

    Raises:
        MapFileError: if one of the maps has hardly any walls.
    """
    walls_a, walls_b = wall_points(grid_a), wall_points(grid_b)
    if len(walls_a) < 25 or len(walls_b) < 25:
        raise MapFileError(
            "One of the maps has hardly any walls, so the maps cannot be laid onto "
            "each other. Explore more with both robots, then merge again."
        )
    things = landmarks_a.landmarks(), landmarks_b.landmarks()
    ways = []
    guesses = by_landmarks(*things)
    yield
    guesses += yield from _by_walls(grid_a, walls_b)
    for guess in guesses:
        yield
        pose, agreement = _refine((grid_a, walls_a), (grid_b, walls_b), guess)
        ways.append(
            Alignment(
                pose_a_b=pose,
                agreement=agreement,
                overlap_m2=_overlap(grid_a, grid_b, pose),
                things=int(_shared(_same_names(*things), *things, pose).sum()),
            )
        )
    return sorted(ways, key=lambda way: -way.score)


def wall_points(grid: OccupancyGrid) -> Array:
    """Where walls are (n, 2) [m], evenly thinned."""
    rows, columns = np.nonzero((grid.lidar > 0) & (grid.hit_count > 0))
    cells = np.stack([columns, rows], axis=1) + grid.hit_mean[rows, columns]
    points = grid.origin + grid.resolution * cells
    return np.asarray(points[:: max(1, len(points) // MOST_POINTS)], dtype=np.float64)


def by_landmarks(a: Sequence[Landmark], b: Sequence[Landmark]) -> list[Array]:
    """Poses (3,) of b in a at which most landmarks fall on one of their name."""
    xy_a, xy_b = _places(a), _places(b)
    same = _same_names(a, b)
    order = np.argsort(same.sum(axis=1), kind="stable")
    rare = [int(k) for k in order if same[k].any()][:25]
    ranked = []
    for k, m in combinations(rare, 2):
        ahead = xy_b[m] - xy_b[k]
        if np.hypot(*ahead) < APART_M:
            continue
        for i in np.flatnonzero(same[k])[:4]:
            for j in np.flatnonzero(same[m])[:4]:
                there = xy_a[j] - xy_a[i]
                if abs(np.hypot(*there) - np.hypot(*ahead)) > 0.3:
                    continue
                yaw = np.arctan2(there[1], there[0]) - np.arctan2(ahead[1], ahead[0])
                pose = np.array([0.0, 0.0, wrap(float(yaw))])
                pose[:2] = 0.5 * (xy_a[i] + xy_a[j])
                pose[:2] -= transform2(pose * [0, 0, 1], 0.5 * (xy_b[k] + xy_b[m]))
                ranked.append((int(_shared(same, a, b, pose).sum()), pose))
    ranked.sort(key=lambda item: -item[0])
    return _different([pose for _, pose in ranked])[: MOST_GUESSES - 1]


def _same_names(a: Sequence[Landmark], b: Sequence[Landmark]) -> NDArray[np.bool_]:
    """Which landmarks of b (rows) have the name and colour of which of a (columns)."""
    table = [[(p.category, p.colour) == (q.category, q.colour) for p in a] for q in b]
    return np.array(table, dtype=bool).reshape(len(b), len(a))


def _shared(
    same: NDArray[np.bool_],
    a: Sequence[Landmark],
    b: Sequence[Landmark],
    pose: Array,
) -> NDArray[np.bool_]:
    """Which landmarks of b lie on one of their name in a, if b lies at a pose (3,)."""
    apart = transform2(pose, _places(b))[:, None] - _places(a)[None]
    return np.any(same & (np.hypot(apart[..., 0], apart[..., 1]) < SAME_M), axis=1)


def _different(poses: list[Array]) -> list[Array]:
    """Poses that are not nearly the same as an earlier one."""
    kept: list[Array] = []
    for pose in poses:
        if not any(_near(pose, other) for other in kept):
            kept.append(pose)
    return kept


def _near(pose: Array, other: Array) -> bool:
    apart = compose2(inverse2(pose), other)
    return bool(np.hypot(*apart[:2]) < RIVAL_M and abs(apart[2]) < RIVAL_RAD)


def _by_walls(
    grid_a: OccupancyGrid, walls_b: Array
) -> Generator[None, None, list[Array]]:
    """The pose found by sliding the walls of b over a, also turned by quarters."""
    anchor = np.append(np.median(walls_b, axis=0), 0.0)
    points = transform2(inverse2(anchor), walls_b)
    search = Relocaliser()
    for _ in range(-(-HEADINGS // PER_STEP)):
        yield
        pose = search.step(grid_a, points)
        if pose is not None:
            return [
                compose2(compose2(pose, np.array([0.0, 0.0, turn])), inverse2(anchor))
                for turn in (0.0, 0.5 * np.pi, np.pi, -0.5 * np.pi)
            ]
    return []


def _refine(
    a: tuple[OccupancyGrid, Array], b: tuple[OccupancyGrid, Array], guess: Array
) -> tuple[Array, float]:
    """Pose of b in a near a guess, and the worse of both shares of agreeing walls.

    Each map is given with its wall points (n, 2) [m].
    """
    (grid_a, walls_a), (grid_b, walls_b) = a, b
    anchor = np.append(np.median(walls_b, axis=0), 0.0)
    points = transform2(inverse2(anchor), walls_b)  # turns about its middle
    matcher = ScanMatcher(MatchConfig(iterations=20))
    match = matcher.match(grid_a, points, compose2(guess, anchor), SIGMA)
    if match is None:
        return guess, 0.0
    pose = compose2(match.pose_map_base, inverse2(anchor))
    back = matcher.score(grid_b, walls_a, inverse2(pose))
    return pose, min(match.agreement, back)


def _overlap(grid_a: OccupancyGrid, grid_b: OccupancyGrid, pose: Array) -> float:
    """Area [m2] that the lidar knows in both maps."""
    rows, columns = np.nonzero(grid_b.lidar)
    centers = np.stack([columns, rows], axis=1) + 0.5
    points = grid_b.origin + grid_b.resolution * centers
    cells = grid_a.cells_of(transform2(pose, points))
    cells = cells[grid_a.inside(cells)]
    known = np.count_nonzero(grid_a.lidar[cells[:, 0], cells[:, 1]])
    return float(known * grid_b.resolution**2)


def _choose(ways: list[Alignment]) -> Alignment:
    """The best way, if it is good enough and the only one.

    Raises:
        MapFileError: if not.
    """
    best = ways[0] if ways else None
    if best is None or best.overlap_m2 < best.needed_m2:
        area, things = (best.overlap_m2, best.things) if best else (0.0, 0)
        raise MapFileError(
            f"The maps share only {area:.1f} m2 and {things} things; at least "
            f"{MIN_OVERLAP_M2:.0f} m2 with two things or {WALLS_ALONE_M2:.0f} m2 of "
            "walls alone are needed to lay them onto each other. Let one robot "
            "explore more of what the other knows, then merge again."
        )
    if best.agreement < MIN_AGREEMENT:
        raise MapFileError(
            f"The walls of the maps agree by {100 * best.agreement:.0f} % where both "
            f"know something; at least {100 * MIN_AGREEMENT:.0f} % are needed. Are "
            "they of one home? If so, explore more of what both know."
        )
    for other in ways[1:]:
        if other.score > 0.8 * best.score and not other.near(best):
            raise MapFileError(
                "The maps fit onto each other in two ways, as happens in homes with "
                "rooms of one shape. Let both robots see more rooms and more things, "
                "then merge again."
            )
    return best


def _places(landmarks: Sequence[Landmark]) -> Array:
    return np.array([mark.center_map[:2] for mark in landmarks]).reshape(-1, 2)
