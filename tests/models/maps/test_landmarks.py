import numpy as np
import pytest

from neural_brain.models.maps import LandmarkConfig, LandmarkMap, name_room
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import Landmark, ObjectPercept, Percepts

VIEW = np.array([[0.2, 0.0], [4.0, -3.0], [4.0, 3.0]])
HERE = np.zeros(3)


def seen(category, x, y, *, colour="", confidence=0.8, z=0.5, size=0.2):
    return ObjectPercept(
        category=category,
        colour=colour,
        confidence=confidence,
        center_base=np.array([x, y, z]),
        size=np.full(3, size),
    )


def frame(*objects, t=0.0, view=VIEW):
    return Percepts(
        stamp=t,
        pose_odom_base=HERE,
        obstacles=np.zeros((0, 2)),
        free=np.zeros((0, 2)),
        objects=objects,
        view_polygon=view,
    )


def clear(start, end, radius):
    return True


def blocked(start, end, radius):
    return False


def feed(landmarks, *objects, times=5, start=0.0, pose=HERE, sight=clear):
    for k in range(times):
        t = start + k
        landmarks.update(frame(*objects, t=t), np.asarray(pose, float), sight)


@pytest.fixture
def landmarks():
    return LandmarkMap(LandmarkConfig(confirm=3))


def test_one_view_is_not_believed_yet(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.0), times=1)
    assert landmarks.landmarks() == ()


def test_views_from_two_poses_fuse_into_one(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.0, colour="blue"))
    feed(
        landmarks,
        seen("mug", 1.0, 0.02, colour="blue"),
        pose=[2.0, -1.0, np.pi / 2],
        start=5.0,
    )
    (mug,) = landmarks.landmarks()
    assert (mug.category, mug.colour, mug.count) == ("mug", "blue", 10)
    assert np.allclose(mug.center_map[:2], [2.0, 0.0], atol=0.03)
    assert mug.first_seen == 0.0
    assert mug.last_seen == 9.0


def test_fusing_makes_the_position_surer(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.0), times=3)
    before = landmarks.landmarks()[0].covariance[0, 0]
    feed(landmarks, seen("mug", 2.0, 0.0), times=10, start=3.0)
    assert landmarks.landmarks()[0].covariance[0, 0] < before


def test_two_mugs_seen_together_stay_two(landmarks):
    pair = (seen("mug", 2.0, 0.1), seen("mug", 2.0, -0.15))
    feed(landmarks, *pair, times=10)
    landmarks.merge_duplicates()
    assert len(landmarks.landmarks()) == 2


def test_mugs_of_two_colours_stay_two(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.1, colour="red"))
    feed(landmarks, seen("mug", 2.0, -0.2, colour="blue"), start=0.1, times=3)
    assert {mark.colour for mark in landmarks.landmarks()} == {"red", "blue"}


def test_a_confused_view_does_not_rename(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.0), times=6)
    feed(landmarks, seen("vase", 2.0, 0.0, confidence=0.6), times=2, start=6.0)
    (mark,) = landmarks.landmarks()
    assert mark.category == "mug"


def test_many_better_views_do_rename(landmarks):
    feed(landmarks, seen("vase", 2.0, 0.0, confidence=0.55), times=4)
    feed(landmarks, seen("mug", 2.0, 0.0, confidence=0.9), times=8, start=4.0)
    (mark,) = landmarks.landmarks()
    assert mark.category == "mug"


def test_what_is_gone_is_forgotten(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.0), times=20)
    landmarks.new.clear()
    feed(landmarks, times=20, start=20.0)
    assert landmarks.landmarks() == ()
    assert [mark.category for mark in landmarks.gone] == ["mug"]


def test_what_is_hidden_is_kept(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.0), times=20)
    feed(landmarks, times=50, start=20.0, sight=blocked)
    assert len(landmarks.landmarks()) == 1


def test_what_is_out_of_view_is_kept(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.0), times=20)
    feed(landmarks, times=50, start=20.0, pose=[0.0, 0.0, np.pi])
    assert len(landmarks.landmarks()) == 1


def test_a_detector_that_misses_every_second_frame_is_enough(landmarks):
    rng = np.random.default_rng(1)
    feed(landmarks, seen("mug", 2.0, 0.0), times=5)
    for k in range(200):
        objects = (seen("mug", 2.0, 0.0),) if rng.random() < 0.5 else ()
        feed(landmarks, *objects, times=1, start=5.0 + k)
    assert len(landmarks.landmarks()) == 1


def test_duplicates_from_drift_merge(landmarks):
    feed(landmarks, seen("sofa", 2.0, 0.0, size=1.6), times=5)
    landmarks.tracks[1].center = np.array([2.0, 0.5, 0.5])
    copy = LandmarkMap(LandmarkConfig())
    feed(copy, seen("sofa", 2.0, 0.0, size=1.6), times=3)
    copy.tracks[1].id = 2
    landmarks.tracks[2] = copy.tracks[1]
    landmarks.merge_duplicates()
    assert len(landmarks.tracks) == 1
    assert landmarks.tracks[1].count == 8


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_percepts_that_are_not_finite_are_dropped(landmarks, bad):
    feed(landmarks, seen("mug", bad, 0.0))
    assert not landmarks.tracks


def landmark(category, confidence=0.9):
    return Landmark(
        id=1,
        category=category,
        colour="",
        center_map=np.zeros(3),
        covariance=np.eye(3),
        size=np.ones(3),
        confidence=confidence,
        count=5,
        first_seen=0.0,
        last_seen=1.0,
    )


@pytest.mark.parametrize(
    ("things", "room"),
    [
        (("fridge", "oven", "table"), "kitchen"),
        (("bed", "wardrobe"), "bedroom"),
        (("toilet", "sink"), "bathroom"),
        (("sofa", "tv"), "living room"),
        ((), ""),
        (("clock",), ""),
    ],
)
def test_rooms_are_named_by_their_things(things, room):
    assert name_room([landmark(name) for name in things]) == room


def test_what_is_known_from_another_day_is_soon_overruled():
    landmarks = LandmarkMap(LandmarkConfig())
    track = Track(
        id=1, center=np.zeros(3), covariance=np.eye(3), size=np.ones(3),
        categories={"mug": 27.0, "apple": 3.0}, colours={"red": 20.0}, log_odds=4.0,
        count=90, first_seen=0.0, last_seen=50.0, near=1.0, far=2.0, told=True,
    )  # fmt: skip
    landmarks.tracks[1] = track
    before = track.public()
    landmarks.doubt()
    after = landmarks.landmarks()[0]
    assert (after.category, after.colour) == (before.category, before.colour)
    assert dict(after.others) == pytest.approx(dict(before.others))
    assert 0.6 < after.confidence < before.confidence
    assert sum(track.categories.values()) == pytest.approx(6.0)
    landmarks.doubt()
    assert sum(track.categories.values()) == pytest.approx(6.0)


def test_rivals_that_are_no_more_are_not_remembered_for_ever(landmarks):
    feed(landmarks, seen("mug", 2.0, 0.0), seen("mug", 2.0, 1.5))
    landmarks.tracks[1].rivals.update({k: 1 for k in range(1000, 1100)})
    feed(landmarks, seen("mug", 2.0, 0.0), seen("mug", 2.0, 1.5), times=1, start=9.0)
    assert landmarks.tracks[1].rivals == {2: 6}
