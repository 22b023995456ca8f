"""A little that was not seen may be all that is missing of a way."""

import numpy as np
import pytest

from neural_brain.models.executive import ExecutiveConfig
from neural_brain.models.executive.frontier import (
    ISLAND_M2,
    best_view,
    ignorance,
    view_of_a_way,
)
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.maps.seen import SeenGrid

CONFIG = ExecutiveConfig()
NOWHERE = np.zeros((0, 2))


@pytest.fixture
def views(flat):
    """Views from the kitchen: the best one, and one of a way that may be there.

    Both rooms were looked at; the doorway lay in a shadow and was not measured.
    """

    def look(doorway=-1, looked_at=False):
        flat.fill(-0.15, -0.5, 0.15, 0.5, doorway)
        looked = np.ones((120, 120), bool)  # cells of 0.1 m
        looked[55:65, 58:62] = looked_at
        seen = SeenGrid(CONFIG.search.view_m)
        seen.fill(looked, np.array([-60, -60]), CONFIG.search.seen_views)
        situation = Situation(
            t=0.0, state=flat.state(0.0), pose=np.array([-3.5, -1.0, 0.0]),
            status=None, fields=FieldCache(CONFIG),
        )  # fmt: skip
        field, rules = situation.field, CONFIG.search
        layers = ignorance(situation.state.grid, field, seen, rules)
        return (
            best_view(layers, field, rules, NOWHERE),
            view_of_a_way(layers, field, rules, NOWHERE),
        )

    return look


def test_a_small_shadow_in_front_of_another_room_is_looked_at(views):
    best, way = views()
    assert best is None  # too little to see
    assert way.gain_m2 < CONFIG.search.min_gain_m2
    assert way.xy[0] < -0.1
    assert np.hypot(*way.xy) < CONFIG.search.view_m


def test_a_small_shadow_in_front_of_nothing_is_left(views, flat):
    flat.fill(0.0, -2.5, 4.5, 2.5, -1)
    flat.fill(0.15, -0.5, 0.05 + ISLAND_M2, 0.5, 0)  # less than a room
    _, way = views()
    assert way is None


def test_a_door_that_was_seen_to_be_closed_is_left(views):
    assert views(doorway=100, looked_at=True) == (None, None)
