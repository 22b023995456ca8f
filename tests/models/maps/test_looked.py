"""What the camera has looked at: kept with the map, and refused where unsound."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.looked import FAR_CELLS, VIEWS, Looked
from neural_brain.models.maps.news import take_news
from neural_brain.models.signals import Percepts

AHEAD = np.array([[0.0, -0.2], [2.0, -1.0], [2.0, 1.0], [0.0, 0.2]])
POSE = np.array([-4.0, 3.0, 0.5 * np.pi])  # looks along +y
SPOTS = np.array([[-4.0, 4.5], [-4.0, 1.5], [0.0, 0.0], [400.0, 0.0]])


def frame(stamp=1.0):
    return Percepts(
        stamp=stamp, pose_odom_base=np.zeros(3), obstacles=np.zeros((0, 2)),
        free=np.zeros((0, 2)), objects=(), view_polygon=AHEAD,
    )  # fmt: skip


def looked(frames=VIEWS):
    grid = Looked()
    for _ in range(frames):
        grid.note(frame(), POSE)
    return grid


def test_the_next_run_knows_where_this_one_has_looked():
    first, second = looked(), Looked()
    assert first.earlier is None
    second.restore(first.arrays())
    assert second.earlier.at(SPOTS).tolist() == [True, False, False, False]
    third = Looked()
    third.restore(second.arrays())
    assert np.array_equal(third.earlier.cells, second.earlier.cells)


def test_what_was_hardly_in_view_is_not_kept():
    assert looked(VIEWS - 1).arrays() == {}
    fresh = Looked()
    fresh.restore({})
    assert fresh.earlier is None


def test_it_is_small():
    assert sum(array.nbytes for array in looked().arrays().values()) < 1000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("looked", np.ones((3, 3))),
        ("looked", np.ones(9, np.uint8)),
        ("looked", np.zeros((0, 4), np.uint8)),
        ("looked_corner", np.array([0, 0, 0])),
        ("looked_corner", np.array([0.5, np.nan])),
        ("looked_corner", np.array([FAR_CELLS, 0])),
    ],
)
def test_what_is_unsound_was_not_looked_at(name, value):
    grid = Looked()
    grid.restore({**looked().arrays(), name: value})
    assert grid.earlier is None
    assert grid.arrays() == {}


def test_robots_that_share_a_map_share_where_they_looked():
    ours, theirs, base = (CognitiveMap(MapsConfig()) for _ in range(3))
    ours.views.looked.note(frame(), POSE)  # once is not enough
    theirs.views.looked = looked()
    take_news(ours, theirs, base, 0.0)
    again = CognitiveMap.restore(MapsConfig(), ours.snapshot())
    assert again.state().looked.at(SPOTS).tolist() == [True, False, False, False]


def test_it_moves_with_the_map():
    before = np.array([[-4.0, 3.0, 0.0]])
    after = before + np.array([0.0, 1.0, 0.0])
    moved = Correction(numbers=(1,), before=before, after=after)
    grid = Looked()
    grid.restore(looked().arrays())
    grid.move(moved)
    lower, higher = np.array([-4.0, 3.4]), np.array([-4.0, 5.7])
    assert grid.earlier.at(np.array([lower, higher])).tolist() == [False, True]
    kept = Looked()
    kept.restore(grid.arrays())
    assert kept.earlier.at(higher)


def test_a_map_keeps_it_and_another_place_does_not_have_it(world, tour):
    first = CognitiveMap(MapsConfig())
    for _, step in zip(range(20), world.drive(tour[1:2]), strict=False):
        odom = step.body.pose_odom_base
        seen = replace(frame(step.t), pose_odom_base=odom)
        first.step(step.t, step.body, step.scan, seen)
    assert first.state().looked is None
    again = CognitiveMap.restore(MapsConfig(), first.snapshot())
    ahead = first.last_pose[:2] + 1.2 * np.array(
        [np.cos(first.last_pose[2]), np.sin(first.last_pose[2])]
    )
    assert again.state().looked.at(ahead)
    again.begin(2)
    assert again.state().looked is None
