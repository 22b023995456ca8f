"""A little that was not seen may be all that is missing of a way."""

import itertools

import numpy as np
import pytest

from neural_brain.models.executive import ExecutiveConfig
from neural_brain.models.executive.frontier import (
    best_view,
    ignorance,
    view_of_a_way,
)
from neural_brain.models.executive.search import Search
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.maps.seen import SeenGrid
from neural_brain.models.signals import Goal, MotionStatus, SubGoal, SubGoalKind

CONFIG = ExecutiveConfig()
NOWHERE = np.zeros((0, 2))
DOORWAY = (-0.15, -0.5, 0.15, 0.5)
CORNER = (-4.5, 1.5, -4.2, 2.5)  # of the kitchen, far from the door
SPECK = (-0.15, -0.15, 0.15, 0.15)


def looked_at_all_but(x0, y0, x1, y1):
    looked = np.ones((120, 120), bool)  # cells of 0.1 m, from -6 m on
    row, column = (slice(*np.round([a * 10 + 60, b * 10 + 60]).astype(int))
                   for a, b in ((y0, y1), (x0 - 0.05, x1 + 0.05)))  # fmt: skip
    looked[row, column] = False
    seen = SeenGrid(CONFIG.search.view_m)
    seen.fill(looked, np.array([-60, -60]), CONFIG.search.seen_views)
    return seen


def in_kitchen(flat, pose=(-3.5, -1.0, 0.0), status=None):
    return Situation(
        t=0.0, state=flat.state(0.0), pose=np.array(pose), status=status,
        fields=FieldCache(CONFIG),
    )  # fmt: skip


@pytest.fixture
def views(flat):
    """The best view, and one of a way that may be there; a part was not measured."""

    def look(shadow):
        flat.fill(*shadow, -1)
        field, rules = in_kitchen(flat).field, CONFIG.search
        seen = looked_at_all_but(*shadow)
        layers = ignorance(flat.state(0.0).grid, field, seen, rules)
        return (
            best_view(layers, field, rules, NOWHERE),
            view_of_a_way(layers, field, rules, NOWHERE),
        )

    return look


def test_a_small_shadow_in_front_of_another_room_is_looked_at(views):
    best, way = views(DOORWAY)
    assert best is None  # too little to see
    assert way.gain_m2 < CONFIG.search.min_gain_m2
    assert way.xy[0] < -0.1
    assert np.hypot(*way.xy) < CONFIG.search.view_m


def test_a_small_shadow_elsewhere_is_left(views, flat):
    flat.fill(*DOORWAY, 100)  # closed, and the other room is there
    assert views(CORNER) == (None, None)


@pytest.mark.parametrize(("wide_m", "looked_for"), [(1.5, True), (0.8, False)])
def test_behind_it_there_must_be_room_to_stand(views, flat, wide_m, looked_for):
    flat.fill(0.0, -2.5, 4.5, 2.5, -1)
    flat.fill(0.15, -0.5 * wide_m, 0.15 + wide_m, 0.5 * wide_m, 0)
    _, way = views(DOORWAY)
    assert (way is not None) == looked_for


@pytest.mark.parametrize("shadow", [DOORWAY, SPECK])
@pytest.mark.parametrize("shift_m", [0.0, 0.05])
def test_a_way_is_looked_for_until_looking_does_not_help(flat, shadow, shift_m):
    """Grids that do not lie on one another must not keep the robot looking."""
    flat.fill(*shadow, -1)
    flat.origin = flat.origin + shift_m
    seen, numbers, told = looked_at_all_but(*shadow), itertools.count(1), []

    def issue(kind, **more):
        return SubGoal(id=next(numbers), kind=kind, **more)

    search = Search(CONFIG, (seen, seen), issue, lambda *words: told.append(words))
    goal, kinds = Goal(words="explore", action="explore"), []
    situation = in_kitchen(flat)
    while (step := search.step(situation, goal)) is not None:
        kinds.append(step.kind)
        assert len(kinds) < 30
        drives = step.kind is SubGoalKind.DRIVE
        pose = step.pose_map if drives else situation.pose
        done = MotionStatus(id=step.id, state="done")
        situation = in_kitchen(flat, pose, done)
    assert kinds.count(SubGoalKind.DRIVE) >= 1
    after = {b for a, b in itertools.pairwise(kinds) if a is SubGoalKind.DRIVE}
    assert after == {SubGoalKind.LOOK}
