"""What the brain's own landmarks find again, asked the same as a feature map.

Percepts of the very frames and poses that fill the feature map are fused as
`CognitiveMap` does it, and asked by the rules of the executive: first what fits as
said, then what is likely, then anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.feature_recall import (
    ANSWERS,
    HIT_M,
    Question,
    Sight,
    nearest_m,
)
from neural_brain.models.categories import FURNITURE
from neural_brain.models.executive import ExecutiveConfig, FieldCache, Situation
from neural_brain.models.executive.candidates import (
    ANY,
    CLOSE,
    EXACT,
    LIKELY,
    candidates,
)
from neural_brain.models.geometry import transform2
from neural_brain.models.maps import (
    FeatureMap,
    GridConfig,
    LandmarkConfig,
    LandmarkMap,
    OccupancyGrid,
    PlaceConfig,
    PlaceGraph,
    RoomConfig,
    RoomMap,
    line_of_sight,
)
from neural_brain.models.maps.plain import to_plain
from neural_brain.models.memory.codec import pack_data
from neural_brain.models.signals import Goal, MapState
from neural_brain.sim.homes import HomeSpec

TIDY_EVERY = 3  # frames between two searches for duplicates: about 2 s
Points = NDArray[np.float64]
Finder = Callable[[Question], Points]
"""Places (n, 3) [m] that answer a question, best first."""


@dataclass(kw_only=True)
class Known:
    """Landmarks, the grid that says what hides them, and where the robot is (3,)."""

    landmarks: LandmarkMap
    grid: OccupancyGrid
    pose: Points

    @property
    def file_bytes(self) -> int:
        """What the landmarks cost in a memory file, which is compressed."""
        graph, rooms = PlaceGraph(PlaceConfig()), RoomMap(RoomConfig())
        plain = to_plain(self.landmarks, graph, rooms, ())
        return len(pack_data({"landmarks": plain["landmarks"]})[0])


def nothing_known(config: LandmarkConfig) -> Known:
    """Before the first frame."""
    landmarks = LandmarkMap(config)
    grid = OccupancyGrid(GridConfig())
    return Known(landmarks=landmarks, grid=grid, pose=np.zeros(3))


def remember(known: Known, sights: Iterable[Sight], since_s: float = 0.0) -> None:
    """Fuse the frames of a tour that begins at a time [s]."""
    for k, sight in enumerate(sights):
        seen, pose = sight.percepts, sight.pose
        points = (transform2(pose, part) for part in (seen.obstacles, seen.free))
        known.grid.add_depth(since_s + seen.stamp, *points)
        sight_line = partial(line_of_sight, known.grid.view())
        known.landmarks.update(seen, pose, sight_line)
        known.pose = pose
        if k % TIDY_EVERY == 0:
            known.landmarks.merge_duplicates()


def landmark_finder(known: Known, limit: int = ANSWERS) -> Finder:
    """Answers in the order in which the executive would try them."""
    config = ExecutiveConfig()
    state = MapState(
        stamp=0.0,
        pose_map_odom=np.zeros(3),
        covariance=np.eye(3),
        localised=True,
        grid=known.grid.view(),
        places=(),
        passages=(),
        rooms=(),
        landmarks=known.landmarks.landmarks(),
    )
    situation = Situation(
        t=0.0, state=state, pose=known.pose, status=None, fields=FieldCache(config)
    )

    def find(question: Question) -> Points:
        goal = Goal(
            words="",
            action="find",
            category=question.category,
            colour=question.colour,
        )
        found: dict[int, Points] = {}
        large = question.category in FURNITURE
        for misfit in (EXACT, LIKELY, *((CLOSE,) if large else ()), ANY):
            for thing in candidates(goal, situation, config, misfit=misfit):
                found.setdefault(thing.id, thing.center_map)
        return np.array(list(found.values())[:limit]).reshape(-1, 3)

    return find


def feature_finder(features: FeatureMap, limit: int = ANSWERS) -> Finder:
    """The places that look most like it."""

    def find(question: Question) -> Points:
        places = features.query(question.feature, limit)
        return np.array([place.xyz for place in places]).reshape(-1, 3)

    return find


def first_then(first: Finder, then: Finder, *, fewer_than: int = ANSWERS) -> Finder:
    """What one finds, then other places of the second if that was too little.

    Args:
        first: is always asked.
        then: is asked if the first finds `fewer_than` so many.
        fewer_than: answers that are enough.
    """

    def find(question: Question) -> Points:
        found = first(question)
        if len(found) >= fewer_than:
            return found
        for place in then(question):
            apart = np.hypot(*(found[:, :2] - place[:2]).T)
            if len(found) < ANSWERS and apart.min(initial=np.inf) > HIT_M:
                found = np.vstack([found, place])
        return found

    return find


def share_found(find: Finder, questions: list[Question], home: HomeSpec) -> float:
    """Share of the questions with a right answer among the first three."""
    hits = [nearest_m(find(q)[:ANSWERS], q, home) <= HIT_M for q in questions]
    return float(np.mean(hits)) if hits else float("nan")


def believing_all(known: Known) -> Known:
    """The same with what was not seen often enough to be believed yet."""
    landmarks = LandmarkMap(known.landmarks.config)
    for key, track in known.landmarks.tracks.items():
        landmarks.tracks[key] = replace(track, told=True)
    return replace(known, landmarks=landmarks)
