"""One home for the nav-memory benchmark: frames, questions, and what each writer finds.

Every writer takes the same patches of the same frames in the same order. Whether an
answer is right is judged by the true places of the home's things.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES, COLOURS
from neural_brain.models.maps import FeatureConfig, FeatureMap, Patches
from neural_brain.models.maps.patches import (
    SIDE,
    Float32,
    frame_patches,
    region_feature,
    word_feature,
)
from neural_brain.models.sensing import NetDetector, SensingConfig
from neural_brain.models.sensing.obstacles import DepthProjector
from neural_brain.models.signals import Percepts, RgbdFrame
from neural_brain.sim.datasets import TourFrame, labelled_frames, tour_frames
from neural_brain.sim.homes import HomeSpec, generate_home
from neural_brain.sim.homes.changed import moved_things

HIT_M = 1.0  # an answer this near to the thing's centre is right
ANSWERS = 3  # answers that may be tried
SEEN_PIXELS = 40  # a thing with fewer pixels in every frame was not seen
VIEW_PIXELS = 150  # a photo shows at least so many
VIEW_FRAMES = 60
FRAME_S = 0.75  # from one frame to the next
DENSE = 3  # frames that the robot's own camera takes meanwhile
OTHER_DAY = 1_000_000  # seeds of the tour after the change


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One frame for the writers.

    `things` (n,) is the number of the thing that fills each patch, 0 = none; `percepts`
    are what the brain's landmarks are made of; `cutting_ms` of CPU went into patches;
    the frame is kept only where its depth is needed later.
    """

    patches: Patches
    things: NDArray[np.int64]
    pose: NDArray[np.float64]
    percepts: Percepts
    cutting_ms: float = 0.0
    frame: RgbdFrame | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """A feature to look for, and the ids of the things that are right answers.

    `category` and `colour` say the same to landmarks; a category of "" asks nothing.
    """

    feature: Float32
    right: frozenset[int]
    category: str = ""
    colour: str = ""


@dataclass(kw_only=True)
class Trial:
    """A home, two days in it, and questions in words and by photo.

    `camera_day` is the first day again with as many frames as the robot's camera takes.
    """

    home: HomeSpec
    later: HomeSpec
    moved: frozenset[int]
    first_day: list[Sight]
    second_day: list[Sight]
    camera_day: list[Sight] = field(default_factory=list)
    words: list[Question] = field(default_factory=list)
    photos: list[Question] = field(default_factory=list)

    @property
    def area_m2(self) -> float:
        """Floor area of all rooms [m2]."""
        return sum(room.area_m2 for room in self.home.rooms)


def make_trial(seed: int, net: NetDetector, *, change: float = 0.3) -> Trial:
    """Drive through a home on two days and note what there is to ask."""
    home = generate_home(seed)
    later, moved = moved_things(home, change, np.random.default_rng([seed, 0xC4A]))
    first, seen = sights(tour_frames(home, seed), net)
    second, _ = sights(tour_frames(later, seed + OTHER_DAY, 1), net, keep=True)
    camera = tour_frames(home, seed, dense=DENSE)
    trial = Trial(
        home=home,
        later=later,
        moved=moved,
        first_day=first,
        second_day=second,
        camera_day=sights(camera, net, period_s=FRAME_S / DENSE)[0],
    )
    trial.words = word_questions(home, seen)
    trial.photos = photo_questions(seed, seen, net)
    return trial


def sights(
    frames: Iterable[TourFrame],
    net: NetDetector,
    *,
    keep: bool = False,
    period_s: float = FRAME_S,
) -> tuple[list[Sight], set[int]]:
    """Frames as patches and percepts, and the ids of the things that were seen."""
    found: list[Sight] = []
    seen: set[int] = set()
    projector = DepthProjector(SensingConfig())
    for k, tour in enumerate(frames):
        sight = _sight(tour, net, projector, stamp=k * period_s)
        frame = tour.labelled.frame if keep else None
        found.append(replace(sight, frame=frame))
        near = tour.labelled.things.items()
        seen |= {
            number - 1
            for number, thing in near
            if thing.pixels >= SEEN_PIXELS
            and float(np.linalg.norm(thing.center_base[:2])) < 5.0
        }
    return found, seen


def _sight(
    tour: TourFrame, net: NetDetector, projector: DepthProjector, *, stamp: float
) -> Sight:
    frame = tour.labelled.frame
    classes, probability = net.segment(frame)
    view = projector.project(frame)
    percepts = Percepts(
        stamp=stamp,
        pose_odom_base=tour.pose,
        obstacles=view.obstacles,
        free=view.free,
        objects=net.describe(frame, classes, probability),
        view_polygon=view.view_polygon,
    )
    began = time.process_time()
    patches = frame_patches(frame, classes, probability, tour.pose)
    took = time.process_time() - began
    return Sight(
        patches=patches,
        things=_fillers(tour.labelled.instances)[patches.index],
        pose=tour.pose,
        percepts=percepts,
        cutting_ms=1e3 * took,
    )


def word_questions(home: HomeSpec, seen: set[int]) -> list[Question]:
    """One question "colour category" for every kind of thing that was seen."""
    kinds: dict[tuple[str, str], set[int]] = {}
    for thing in home.objects:
        kinds.setdefault((thing.category, thing.colour), set()).add(thing.id)
    return [
        Question(
            feature=word_feature(category, colour),
            right=frozenset(ids),
            category=category,
            colour=colour,
        )
        for (category, colour), ids in sorted(kinds.items())
        if ids & seen
    ]


def photo_questions(seed: int, seen: set[int], net: NetDetector) -> list[Question]:
    """A photo of every seen thing from a place that was not on the tour, cut out."""
    asked: dict[int, Question] = {}
    for labelled in labelled_frames(seed, VIEW_FRAMES, close_ups=1.0):
        classes, probability = net.segment(labelled.frame)
        instances = labelled.instances[1::2, 1::2]
        for number, thing in labelled.things.items():
            known = number - 1 in seen and number not in asked
            if known and thing.pixels >= VIEW_PIXELS:
                mask = instances == number
                view = region_feature(labelled.frame, classes, probability, mask)
                category, colour = words_of(view)
                asked[number] = Question(
                    feature=view,
                    right=frozenset({number - 1}),
                    category=category,
                    colour=colour,
                )
    return [asked[number] for number in sorted(asked)]


def words_of(feature: Float32) -> tuple[str, str]:
    """Category and colour that a feature (DIMENSION,) shows most, "" for no thing."""
    shares, tints = np.split(feature, [len(CATEGORIES)])
    thing = 1 + int(np.argmax(shares[1:]))
    category = CATEGORIES[thing] if shares[thing] > 0.0 else ""
    return category, COLOURS[int(np.argmax(tints))]


def fill(trial: Trial, config: FeatureConfig) -> tuple[FeatureMap, list[int]]:
    """A map after the first day, and the thing that each slot shows (0 = none)."""
    features = FeatureMap(config, np.random.default_rng(trial.home.seed))
    shown: list[int] = []
    for sight in trial.first_day:
        note(shown, features.write(sight.patches), sight.things)
    return features, shown


def note(shown: list[int], slots: NDArray[np.intp], things: NDArray[np.int64]) -> None:
    """Keep the list of what the slots show up to date after a frame was written."""
    for slot, thing in zip(slots.tolist(), things.tolist(), strict=True):
        if slot == len(shown):
            shown.append(thing)
        elif slot >= 0:
            shown[slot] = thing


def recall(features: FeatureMap, questions: list[Question], home: HomeSpec) -> float:
    """Share of the questions with a right answer among the first three."""
    hits = []
    for question in questions:
        places = [place.xyz for place in features.query(question.feature, ANSWERS)]
        answers = np.array(places).reshape(-1, 3)
        hits.append(nearest_m(answers, question, home) <= HIT_M)
    return float(np.mean(hits)) if hits else float("nan")


def nearest_m(
    answers: NDArray[np.float64], question: Question, home: HomeSpec
) -> float:
    """How near the best of the answers (n, 3) [m] is to a right thing; inf if none."""
    right = np.array([home.objects[k].center[:2] for k in sorted(question.right)])
    apart = np.linalg.norm(answers[:, None, :2] - right, axis=2)
    return float(apart.min(initial=np.inf))


def change_day(
    trial: Trial, config: FeatureConfig, *, forget: bool
) -> tuple[float, float]:
    """Stale share and recall of moved things after the second day.

    An entry is stale when it shows a moved thing farther than 1 m from where that now
    is; the share is of all entries that show moved things.
    """
    features, shown = fill(trial, config)
    for sight in trial.second_day:
        if forget and sight.frame is not None:
            for old, new in features.forget_seen_through(sight.frame, sight.pose):
                shown[new] = shown[old]
            del shown[features.store.size :]
        note(shown, features.write(sight.patches), sight.things)
    numbers = np.array(shown, dtype=int) - 1
    moved = np.flatnonzero(np.isin(numbers, sorted(trial.moved)))
    centers = np.array([thing.center[:2] for thing in trial.later.objects])
    xy = features.store.places(moved)[:, :2]
    gaps = np.hypot(*(xy - centers[numbers[moved]]).T)
    stale = float(np.mean(gaps > HIT_M)) if len(moved) else 0.0
    asked = [q for q in trial.words if q.right <= trial.moved]
    return stale, recall(features, asked, trial.later)


def _fillers(instances: NDArray[np.int32]) -> NDArray[np.int64]:
    """Instance number that fills more than half of each patch (n,), 0 = none."""
    side = 2 * SIDE
    rows, columns = (size // side for size in instances.shape)
    cut = instances[: rows * side, : columns * side]
    flat = cut.reshape(rows, side, columns, side).transpose(0, 2, 1, 3)
    flat = np.sort(flat.reshape(rows * columns, side * side), axis=1)
    middle = flat[:, side * side // 2]  # whatever has more than half is the median
    share = (flat == middle[:, None]).mean(axis=1)
    return np.where(share > 0.5, middle, 0).astype(np.int64)
