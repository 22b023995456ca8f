"""Robots that share a map share what places look like, within a budget of bytes."""

import numpy as np
import pytest

from neural_brain.models.maps import CognitiveMap, MapsConfig, PlaceViews, ViewConfig
from neural_brain.models.maps.news import adopt, take_news
from neural_brain.models.memory import FleetStore, MemoryStore
from tests.models.maps.test_place_views import plain_view


def look(cognitive, x, t, seed=0, anchor=0):
    """Keep a view of its own at (x, 0)."""
    store = cognitive.views.store
    vector = np.eye(8)[seed % 8]
    kept = store.note(plain_view(vector, seed=seed), np.array([x, 0.0, 0.0]), t, anchor)
    assert kept
    return cognitive


def spots(cognitive):
    return np.round(cognitive.views.store.poses()[:, 0], 3).tolist()


def begun(robot):
    first = robot()
    first.drawn.look(0.0, 0.0)
    look(first.drawn.map, 0.0, 1.0)
    first.save(1.0)
    return robot("anna"), robot("bert")


def test_what_one_robot_has_seen_another_one_recognises(url, robot):
    anna, bert = begun(robot)
    look(anna.drawn.map, 3.0, 100.0, seed=1, anchor=9)
    look(bert.drawn.map, 6.0, 110.0, seed=2)
    assert anna.save(120.0) is None
    assert bert.save(130.0) is not None
    assert spots(bert.drawn.map) == [0.0, 3.0, 6.0]
    assert anna.save(140.0) is not None
    assert spots(anna.drawn.map) == [0.0, 3.0, 6.0]
    assert bert.drawn.map.views.store.views[1].anchor == 0  # keyframes are not shared
    with FleetStore(url) as store:  # who comes next has them all
        third = CognitiveMap.restore(MapsConfig(), store.load_map())
    assert spots(third) == [0.0, 3.0, 6.0]


def test_saving_often_adds_no_view_twice_and_the_newer_one_stays(robot):
    anna, bert = begun(robot)
    look(anna.drawn.map, 3.0, 100.0, seed=1)
    look(bert.drawn.map, 3.1, 200.0, seed=2)
    for k in range(3):
        anna.save(210.0 + k)
        bert.save(210.5 + k)
    anna.save(220.0)
    assert spots(bert.drawn.map) == spots(anna.drawn.map) == [0.0, 3.1]


@pytest.fixture
def three(tmp_path):
    """Ours, theirs and the base, each read from an SQLite file of its own."""
    base = look(CognitiveMap(MapsConfig()), 0.0, 1.0)
    snapshot = base.snapshot()

    def continued(name, *looks):
        robot = CognitiveMap.restore(MapsConfig(), snapshot)
        for x, t, seed in looks:
            look(robot, x, t, seed)
        with MemoryStore(tmp_path / name) as store:
            store.save_map(robot.snapshot(), 1.0)
            return CognitiveMap.restore(MapsConfig(), store.load_map())

    return continued


def test_views_of_memory_files_are_joined_in_the_same_way(three):
    ours = three("a.sqlite", (3.0, 100.0, 1), (9.0, 130.0, 3))
    theirs = three("b.sqlite", (6.0, 110.0, 2))
    take_news(ours, theirs, three("c.sqlite"), 100.0)
    assert spots(ours) == [0.0, 3.0, 6.0, 9.0]
    again = CognitiveMap(MapsConfig())
    adopt(again, ours.snapshot())
    assert spots(again) == [0.0, 3.0, 6.0, 9.0]


def test_the_budget_is_kept_when_views_are_shared(three):
    ours = three("a.sqlite", *((3.0 + k, 100.0 + k, k) for k in range(10)))
    theirs = three("b.sqlite", *((33.0 + k, 100.0 + k, k) for k in range(10)))
    one = ours.views.store.views[0].used_bytes
    ours.views.store.config = ViewConfig(budget_bytes=12 * one)
    take_news(ours, theirs, three("c.sqlite"), 100.0)
    assert len(ours.views.store.views) == 12
    assert ours.views.store.used_bytes <= 12 * one
    assert max(spots(ours)) > 30.0


@pytest.mark.parametrize(("name", "size"), [("other", 8), ("test", 9)])
def test_views_that_cannot_be_compared_are_left_out(name, size):
    ours, theirs = PlaceViews(), PlaceViews()
    ours.note(plain_view(np.ones(8)), np.zeros(3), 1.0)
    theirs.note(plain_view(np.ones(size), name), np.array([5.0, 0.0, 0.0]), 2.0)
    ours.take_news(theirs, PlaceViews())
    assert len(ours.views) == 1
    empty = PlaceViews()
    empty.take_news(theirs, PlaceViews())
    assert empty.embedding == name
