"""Where things were that are gone: kept, saved, moved and joined with the map."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import transform2
from neural_brain.models.maps import CognitiveMap, MapsConfig, former
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.merging import absorb_landmarks
from neural_brain.models.maps.moving import move_landmarks
from neural_brain.models.maps.news import take_landmarks
from tests.models.maps.test_landmarks import feed, seen


@pytest.fixture
def cognitive():
    """A map with a mug that was there until second 19 and is gone."""
    whole = CognitiveMap(MapsConfig())
    feed(whole.landmarks, seen("mug", 2.0, 0.5, colour="red"), times=20)
    feed(whole.landmarks, times=20, start=20.0)
    assert whole.landmarks.landmarks() == ()
    return whole


def test_what_is_gone_is_told_with_place_and_time(cognitive):
    (was,) = cognitive.state().former
    assert (was.category, was.colour, was.last_seen) == ("mug", "red", 19.0)
    assert was.id < 0
    assert np.allclose(was.center_map[:2], [2.0, 0.5], atol=0.05)


def test_it_survives_the_file(cognitive):
    again = CognitiveMap.restore(cognitive.config, cognitive.snapshot())
    (was,), (now,) = cognitive.state().former, again.state().former
    assert (now.id, now.category, now.last_seen) == (was.id, "mug", 19.0)
    assert np.allclose(now.center_map, was.center_map)


@pytest.mark.parametrize("name, value", [("center", [1.0]), ("last_seen", np.inf)])
def test_a_damaged_one_is_refused(cognitive, name, value):
    snapshot = cognitive.snapshot()
    snapshot.data["former"][0][name] = value
    with pytest.raises(MapFileError):
        CognitiveMap.restore(cognitive.config, snapshot)


def test_a_closed_loop_moves_it(cognitive):
    before = np.array([[1.5, 0.5, 0.0], [9.0, 9.0, 0.0]])
    shift = np.array([[0.4, -0.2, 0.0], [0.0, 0.0, 0.0]])
    correction = Correction(numbers=(1, 2), before=before, after=before + shift)
    was = cognitive.landmarks.former[0].center_map.copy()
    move_landmarks(cognitive.landmarks, correction)
    moved = cognitive.landmarks.former[0].center_map
    assert np.allclose(moved - was, [0.4, -0.2, 0.0])


def test_another_map_brings_its_own_in_our_frame(cognitive):
    ours, pose = CognitiveMap(MapsConfig()).landmarks, np.array([1.0, 2.0, np.pi / 2])
    absorb_landmarks(ours, cognitive.landmarks, pose)
    was, (now,) = cognitive.landmarks.former[0], ours.former
    assert np.allclose(now.center_map[:2], transform2(pose, was.center_map[None, :2]))


def test_robots_that_share_a_map_tell_each_other(cognitive):
    base, ours = (CognitiveMap(MapsConfig()).landmarks for _ in range(2))
    for _ in range(2):
        take_landmarks(ours, cognitive.landmarks, base)
    assert [thing.category for thing in ours.former] == ["mug"]


def test_the_newest_are_kept_and_one_at_one_spot(cognitive):
    (was,) = cognitive.landmarks.former
    kept = former.joined((was,), [replace(was, id=7, last_seen=30.0)])
    assert [(thing.id, thing.last_seen) for thing in kept] == [(-7, 30.0)]
    many = (
        replace(was, id=k, last_seen=float(k), center_map=np.array([k, 0.0, 0.0]))
        for k in range(former.MOST + 50)
    )
    kept = former.joined((), many)
    assert len(kept) == former.MOST and kept[-1].last_seen == former.MOST + 49
