"""Tours through homes, and homes in which things have moved."""

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.sim.datasets import tour_poses
from neural_brain.sim.homes import generate_home
from neural_brain.sim.homes.changed import moved_things


@pytest.fixture(scope="module")
def home():
    return generate_home(7)


def test_a_tour_stops_in_every_room_and_keeps_clear_of_walls(home):
    poses = tour_poses(home, 7, stops=1)
    seen = {home.room_at(x, y).id for x, y, _ in poses if home.room_at(x, y)}
    assert seen == {room.id for room in home.rooms}
    for x0, y0, x1, y1 in home.walls:
        dx = np.maximum(np.maximum(x0 - poses[:, 0], poses[:, 0] - x1), 0.0)
        dy = np.maximum(np.maximum(y0 - poses[:, 1], poses[:, 1] - y1), 0.0)
        assert np.hypot(dx, dy).min() > 0.3
    steps = np.hypot(*np.diff(poses[:, :2], axis=0).T)
    assert steps.max() < 0.8


def test_a_tour_is_the_same_for_the_same_seed(home):
    assert np.array_equal(tour_poses(home, 7), tour_poses(home, 7))
    assert len(tour_poses(home, 7)) != len(tour_poses(home, 8))


def test_a_denser_tour_has_more_frames_on_the_same_ways(home):
    few, many = tour_poses(home, 7), tour_poses(home, 7, dense=3)
    assert 2.0 < len(many) / len(few) < 4.0
    apart = np.hypot(*(few[:, None, :2] - many[:, :2]).transpose(2, 0, 1))
    assert apart.min(axis=1).max() < 0.3


def test_moved_things_take_places_of_each_other(home):
    later, moved = moved_things(home, 0.3, np.random.default_rng(1))
    before = {thing.id: thing.position for thing in home.objects}
    after = {thing.id: thing.position for thing in later.objects}
    assert {k for k in before if before[k] != after[k]} == moved
    assert sorted(before.values()) == sorted(after.values())
    small = [t for t in home.objects if t.id in moved]
    assert 0.25 < len(moved) / sum(not _furniture(t) for t in home.objects) < 0.35
    assert not any(_furniture(thing) for thing in small)


def test_a_wrong_share_is_refused(home):
    with pytest.raises(ConfigError, match="0 to 1"):
        moved_things(home, 1.5, np.random.default_rng(1))


def _furniture(thing):
    from neural_brain.models.categories import FURNITURE

    return thing.category in FURNITURE
