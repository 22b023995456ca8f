from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.maps.consolidation import (
    Consolidation,
    ConsolidationConfig,
    log_worth,
    resting,
)
from neural_brain.models.maps.landmarks import LandmarkConfig, LandmarkMap
from neural_brain.models.maps.sightings import Sighting, Sightings
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import MotionStatus, ObjectPercept, Percepts

IDLE = ConsolidationConfig(idle_s=1.0)


def track(number, category, xy, **more) -> Track:
    values = {
        "id": number,
        "center": np.array([*xy, 0.4]),
        "covariance": 0.01 * np.eye(3),
        "size": np.array([2.0, 0.9, 0.8]),
        "categories": {category: 9.0},
        "colours": {"grey": 3.0},
        "log_odds": 3.0,
        "count": 20,
        "first_seen": 0.0,
        "last_seen": 100.0,
        "near": 1.0,
        "far": 3.0,
        "told": True,
        **more,
    }
    return Track(**values)


def landmarks_of(*tracks) -> LandmarkMap:
    landmarks = LandmarkMap(LandmarkConfig())
    for item in tracks:
        landmarks.tracks[item.id] = item
    landmarks.next_id = 100
    return landmarks


def rest(consolidation, landmarks, seconds=10.0, start=200.0):
    told = []
    for k in range(int(seconds / 0.05)):
        told += consolidation.step(start + 0.05 * k, True, landmarks)
    return told


def saw(consolidation, *frames):
    for frame in frames:
        names = tuple(name for name, _ in frame)
        xy = np.array([xy for _, xy in frame], float)
        consolidation.sightings.frames.append(Sighting(names=names, xy=xy))


def test_a_sofa_seen_from_both_sides_becomes_one():
    landmarks = landmarks_of(
        track(1, "sofa", (0.0, 0.0)), track(2, "sofa", (1.2, 0.1), count=8)
    )
    consolidation = Consolidation(IDLE)
    saw(consolidation, [("sofa", (0.1, 0.0))], [("sofa", (1.1, 0.0))])
    (news,) = rest(consolidation, landmarks)
    assert list(landmarks.tracks) == [1]
    assert landmarks.tracks[1].count == 28
    assert news[1] == "tidied my map: 1 things joined, 0 dropped"
    assert len(landmarks.landmarks()) == 1


def test_two_that_were_seen_together_stay_two():
    chairs = [
        track(1, "chair", (0.0, 0.0), size=np.full(3, 0.6)),
        track(2, "chair", (0.35, 0.0), size=np.full(3, 0.6)),
    ]
    landmarks = landmarks_of(*chairs)
    consolidation = Consolidation(IDLE)
    saw(consolidation, [("chair", (0.0, 0.0)), ("chair", (0.35, 0.0))])
    told = rest(consolidation, landmarks)
    assert set(landmarks.tracks) == {1, 2}
    assert consolidation.refused == 1
    assert not told
    assert landmarks.tracks[1].center[0] == 0.0  # as it was before
    assert landmarks.tracks[1].count == 20
    assert [m.center_map[0] for m in landmarks.landmarks()] == [0.0, 0.35]


@pytest.mark.parametrize(
    "change",
    [
        {"categories": {"bed": 9.0}},
        {"colours": {"red": 3.0}},
        {"center": np.array([2.5, 0.0, 0.4])},
        {"center": np.array([0.5, 0.0, 2.0])},
    ],
)
def test_what_differs_is_not_joined(change):
    other = replace(track(2, "box", (0.5, 0.0)), **change)
    landmarks = landmarks_of(track(1, "box", (0.0, 0.0)), other)
    rest(Consolidation(IDLE), landmarks)
    assert set(landmarks.tracks) == {1, 2}


@pytest.mark.parametrize(
    ("x", "category", "left"),
    [(0.4, "table", {1}), (1.6, "table", {1, 2}), (0.4, "box", {1, 2})],
)
def test_parts_of_furniture_that_were_seen_together_are_joined(x, category, left):
    whole = track(1, category, (0.0, 0.0))
    part = track(2, category, (x, 0.0), rivals={1: 12}, size=np.full(3, 0.5))
    landmarks = landmarks_of(whole, part)
    consolidation = Consolidation(IDLE)
    saw(consolidation, [(category, (0.0, 0.0)), (category, (x, 0.0))])
    rest(consolidation, landmarks)
    assert set(landmarks.tracks) == left


def test_confused_names_are_joined():
    sofa = track(1, "sofa", (0.0, 0.0), categories={"sofa": 9.0, "bed": 1.0})
    landmarks = landmarks_of(sofa, track(2, "bed", (0.3, 0.0), categories={"bed": 3.0}))
    rest(Consolidation(IDLE), landmarks)
    assert landmarks.tracks[1].category == "sofa"
    assert set(landmarks.tracks) == {1}


def test_stale_and_unconfirmed_ones_go_unless_seen_lately():
    landmarks = landmarks_of(
        track(1, "mug", (0.0, 0.0), told=False, count=1, last_seen=0.0),
        track(2, "mug", (9.0, 0.0), told=False, count=1, last_seen=0.0),
        track(3, "mug", (18.0, 0.0), told=False, count=1, last_seen=190.0),
        track(4, "mug", (27.0, 0.0), last_seen=0.0),
        track(5, "mug", (36.0, 0.0), told=False, count=1, last_seen=1e9),
    )
    consolidation = Consolidation(IDLE)
    saw(consolidation, [("mug", (9.1, 0.0))])
    rest(consolidation, landmarks)
    assert set(landmarks.tracks) == {2, 3, 4, 5}


@pytest.mark.parametrize("idle", [True, False])
def test_what_was_not_seen_for_longest_goes_when_there_are_too_many(idle):
    tracks = [track(k, "mug", (9.0 * k, 0.0), last_seen=100.0 - k) for k in range(95)]
    tracks[0].told = False  # never confirmed, and not seen lately
    tracks[94].told, tracks[94].last_seen = False, 350.0  # may yet be confirmed
    landmarks = landmarks_of(*tracks)
    consolidation = Consolidation(replace(IDLE, landmarks=90))
    news = list(consolidation.step(400.0, idle, landmarks))
    assert set(landmarks.tracks) == {*range(1, 89), 94}
    assert news[0][0] == "forgotten"
    assert list(consolidation.step(400.1, idle, landmarks)) == []


@pytest.mark.parametrize(
    "surer",
    [
        {"log_odds": 3.9, "last_seen": 90.0},
        {"count": 300, "last_seen": 90.0},
        {"categories": {"mug": 9.0, "bowl": 0.1}, "last_seen": 90.0},
        {"last_seen": 110.0},
    ],
)
def test_of_two_things_the_surer_one_stays_when_there_are_too_many(surer):
    common = {
        "log_odds": 0.0, "count": 7, "categories": {"mug": 5.0, "bowl": 4.0},
        "last_seen": 100.0,
    }  # fmt: skip
    kept = [track(k, "mug", (9.0 * k, 0.0), last_seen=350.0) for k in range(9)]
    worse = track(20, "mug", (0.0, 9.0), **common)
    better = track(21, "mug", (9.0, 9.0), **{**common, **surer})
    landmarks = landmarks_of(worse, *kept, better)
    list(Consolidation(replace(IDLE, landmarks=10)).step(400.0, False, landmarks))
    assert set(landmarks.tracks) == {*range(9), 21}


def test_a_sure_thing_of_yesterday_goes_before_a_weak_one_of_today():
    day = 86_400.0
    kept = [track(k, "mug", (9.0 * k, 0.0), last_seen=day) for k in range(9)]
    old = track(20, "mug", (0.0, 9.0), log_odds=4.0, count=10_000, last_seen=0.0)
    weak = track(21, "mug", (9.0, 9.0), log_odds=0.5, count=6, last_seen=day - 600.0)
    landmarks = landmarks_of(old, *kept, weak)
    list(Consolidation(replace(IDLE, landmarks=10)).step(day, False, landmarks))
    assert set(landmarks.tracks) == {*range(9), 21}


def test_what_is_new_and_what_was_not_seen_for_years_has_a_rank():
    new = track(1, "mug", (0.0, 0.0), last_seen=1e12)
    aged = [track(k, "mug", (9.0, 0.0), last_seen=-1e9 * k) for k in (1, 2)]
    worth = [log_worth(item, 400.0) for item in (new, *aged)]
    assert np.all(np.isfinite(worth)) and worth == sorted(worth, reverse=True)
    assert worth[1] > worth[2]


def test_nothing_is_done_before_the_rest_or_after_it():
    def two():
        return landmarks_of(
            track(1, "sofa", (0.0, 0.0)), track(2, "sofa", (1.2, 0.1), count=8)
        )

    landmarks, consolidation = two(), Consolidation(IDLE)
    for k in range(200):  # a task comes every half second
        list(consolidation.step(0.05 * k, k % 10 != 0, landmarks))
    assert len(landmarks.tracks) == 2
    landmarks, consolidation = two(), Consolidation(replace(IDLE, active=False))
    rest(consolidation, landmarks)
    assert len(landmarks.tracks) == 2


def test_one_step_changes_one_thing():
    tracks = []
    for k in range(5):
        tracks.append(track(2 * k + 1, "sofa", (9.0 * k, 0.0)))
        tracks.append(track(2 * k + 2, "sofa", (9.0 * k + 1.0, 0.0), count=5))
    landmarks, consolidation = landmarks_of(*tracks), Consolidation(IDLE)
    before = len(landmarks.tracks)
    for k in range(100):
        list(consolidation.step(0.05 * k, True, landmarks))
        assert before - len(landmarks.tracks) in (0, 1)
        before = len(landmarks.tracks)
    assert before == 5


def test_a_base_that_moves_or_works_does_not_rest(make_body):
    body = make_body(0.0, np.zeros(3))
    done = MotionStatus(id=1, state="done")
    assert resting(done, body)
    assert not resting(MotionStatus(id=1, state="running"), body)
    assert not resting(done, make_body(0.0, np.zeros(3), (-0.1, 0.0)))
    assert not resting(done, make_body(0.0, np.zeros(3), (np.nan, 0.0)))


def percepts(t, *xy) -> Percepts:
    objects = tuple(
        ObjectPercept(
            category="mug",
            colour="red",
            confidence=0.9,
            center_base=np.array([*at, 0.5]),
            size=np.full(3, 0.1),
        )
        for at in xy
    )
    return Percepts(
        stamp=t,
        pose_odom_base=np.zeros(3),
        obstacles=np.zeros((0, 2)),
        free=np.zeros((0, 2)),
        objects=objects,
        view_polygon=np.zeros((0, 2)),
    )


def test_the_log_is_bounded_and_takes_only_what_is_sure():
    log = Sightings()
    for k in range(1000):
        log.note(percepts(0.2 * k, (1.0, 0.0)), np.array([1.0, 0.0, np.pi / 2]))
    log.note(percepts(900.0), np.zeros(3))
    log.note(percepts(901.0, (np.nan, 0.0)), np.zeros(3))
    assert len(log.frames) == 300
    assert np.allclose(log.frames[-1].xy, [[1.0, 1.0]])


def test_recall_wants_a_landmark_of_its_own_for_each():
    log = Sightings()
    log.note(percepts(0.0, (1.0, 0.0), (1.3, 0.0)), np.zeros(3))
    small = {"size": np.full(3, 0.1)}
    one, two = (
        track(1, "mug", (1.1, 0.0), **small),
        track(2, "mug", (1.4, 0.0), **small),
    )
    assert log.recall([one], {"mug"}) == (1, 2)
    assert log.recall([one, two], {"mug"}) == (2, 2)
    assert log.recall([one, two], {"ball"}) == (0, 0)
    assert log.recall([], {"mug"}) == (0, 2)
