from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.executive import ExecutiveConfig
from neural_brain.models.executive.expecting import expectation, usual
from neural_brain.models.executive.frontier import best_view, hoped_gain, ignorance
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.maps.seen import SeenGrid
from neural_brain.models.signals import Goal, LookedGrid, Room, SubGoalKind

CONFIG = ExecutiveConfig()


@pytest.fixture
def scene(flat):
    """The flat, of which nothing was looked at yet, seen from the door."""

    def make(pose=(0.0, 0.0, 0.0)):
        situation = Situation(
            t=0.0,
            state=flat.state(0.0),
            pose=np.array(pose),
            status=None,
            fields=FieldCache(CONFIG),
        )
        seen = SeenGrid(CONFIG.search.view_m)
        layers = ignorance(situation.state.grid, situation.field, seen, CONFIG.search)
        return situation, layers

    return make


def weights(scene, category, bonus=1.0, **said):
    situation, layers = scene()
    goal = Goal(words="", action="find", category=category, **said)
    rules = replace(CONFIG.search, room_bonus=bonus)
    return expectation(situation, layers, goal, rules), layers


def at(weight, layers, x, y):
    row, column = layers.cells(np.array([x, y]))
    return weight[row, column]


def test_looking_is_worth_more_where_the_thing_is_usual(scene):
    weight, layers = weights(scene, "kettle")
    kitchen, office = at(weight, layers, -3.0, 0.5), at(weight, layers, 3.0, 0.5)
    assert kitchen > 1.0 > office > 0.0


def test_what_was_never_measured_counts_between_its_room_and_any_room(scene, flat):
    flat.fill(2.0, 0.0, 3.0, 1.0, -1)
    weight, layers = weights(scene, "kettle")
    assert at(weight, layers, 3.5, 0.5) < at(weight, layers, 2.5, 0.5) < 1.0


def test_what_is_far_from_all_known_rooms_counts_one(scene, flat):
    flat.places = tuple(place for place in flat.places if place.xy[0] < 0.0)
    weight, layers = weights(scene, "kettle")
    assert at(weight, layers, 3.0, 0.5) == 1.0 < at(weight, layers, -3.0, 0.5)


def test_without_a_bonus_all_rooms_are_alike(scene):
    weight, _ = weights(scene, "kettle", bonus=0.0)
    assert weight is None


def test_rooms_without_names_tell_nothing(scene, flat):
    flat.rooms = tuple(replace(room, name="") for room in flat.rooms)
    weight, _ = weights(scene, "kettle")
    assert weight is None


def test_the_room_that_was_said_comes_first(scene):
    weight, layers = weights(scene, "ball", room="office")
    assert at(weight, layers, 3.0, 0.5) > 3.0 * at(weight, layers, -3.0, 0.5)


def test_on_average_over_all_kinds_of_rooms_a_look_is_worth_one():
    from neural_brain.models.categories import ROOM_PRIOR

    values = [usual(room, "mug", 1.0) for room in ROOM_PRIOR]
    assert np.mean(values) == pytest.approx(1.0)
    assert usual("", "mug", 1.0) == usual("ballroom", "mug", 1.0) == 1.0
    assert min(values) > 0.0


def test_the_view_is_taken_into_the_room_that_promises_more(scene):
    for category, side in (("kettle", -1.0), ("laptop", 1.0)):
        situation, layers = scene()
        goal = Goal(words="", action="find", category=category)
        weight = expectation(situation, layers, goal, CONFIG.search)
        view = best_view(
            layers, situation.field, CONFIG.search, np.zeros((0, 2)), weight
        )
        assert view.xy[0] * side > 0.0
        gain, hoped = hoped_gain(view.xy[None], layers, CONFIG.search, weight)
        assert view.gain_m2 == pytest.approx(gain[0])
        assert view.hoped_m2 == pytest.approx(hoped[0])
        assert view.hoped_m2 > view.gain_m2


def test_a_wrong_room_is_left_once_it_is_known(flat, make_robot):
    flat.rooms = tuple(replace(room, name="") for room in flat.rooms)
    robot = make_robot(flat)
    for x, y in ((-3.5, 1.0), (-1.2, 0.0), (-3.5, -1.0)):
        robot.pose = np.array([x, y, 0.0])
        robot.look_around()
    robot.say("find the toilet")
    first = robot.executive.step(0.0, flat.state(0.0), robot.pose, None)
    drive = robot.executive.step(5.0, flat.state(5.0), robot.pose, robot.do(first))
    assert drive.pose_map[0] > -0.2  # through the door to the other room
    flat.rooms = tuple(
        Room(id=k, center=np.array([2.2 * s, 0.0]), area_m2=22.0, name=name)
        for k, s, name in ((1, -1, "bathroom"), (2, 1, "kitchen"))
    )
    step = robot.executive.step(10.0, flat.state(10.0), robot.pose, None)
    assert step.kind is SubGoalKind.DRIVE
    assert step.id != drive.id  # that view point promises little now


def test_where_things_are_known_a_new_look_is_worth_less(scene, flat, make_landmark):
    flat.rooms = tuple(replace(room, name="") for room in flat.rooms)
    near, far = np.array([2.0, 0.5]), np.array([-1.0, 0.0])
    flat.things = [
        make_landmark(1, "mug", "red", [3.5, 0.5, 0.5], seen_from=near),
        make_landmark(2, "mug", "red", [-4.2, 2.0, 0.5], seen_from=far),
    ]
    weight, layers = weights(scene, "kettle")
    assert at(weight, layers, 3.3, 0.5) == CONFIG.search.looked_factor
    assert at(weight, layers, 3.3, -1.0) == 1.0
    assert at(weight, layers, -4.0, 1.9) == 1.0  # seen from too far off


def test_where_an_earlier_run_has_looked_a_new_look_is_worth_less(scene, flat):
    flat.rooms = tuple(replace(room, name="") for room in flat.rooms)
    half = np.ones((30, 25), np.uint8)
    flat.looked = LookedGrid(cells=half, origin=np.array([0.0, -3.0]), cell_m=0.2)
    weight, layers = weights(scene, "kettle")
    assert at(weight, layers, 3.3, 0.5) == CONFIG.search.looked_factor
    assert at(weight, layers, -3.3, 0.5) == 1.0


@pytest.mark.parametrize(
    "spot", [(-2.0, 0.3), (0.2, 0.0), (4.4, -2.4), (5.4, -3.0), (7.0, 1.0)]
)
def test_what_one_look_promises_needs_only_what_is_around(flat, make_landmark, spot):
    flat.fill(2.0, 0.0, 3.0, 1.0, -1)
    flat.things = [
        make_landmark(1, "mug", "red", [3.5, 0.5, 0.5], seen_from=np.array([2.0, 0.5])),
        make_landmark(
            2, "sofa", "red", [-3.2, 1.0, 0.5], seen_from=np.array([-2.0, 0])
        ),
    ]
    seen = SeenGrid(CONFIG.search.view_m)
    for _ in range(CONFIG.search.seen_views):
        seen.add_view(np.array([[-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), np.zeros(2))
    situation = Situation(
        t=0.0, state=flat.state(0.0), pose=np.zeros(3), status=None,
        fields=FieldCache(CONFIG),
    )  # fmt: skip
    goal = Goal(words="", action="find", category="kettle")
    at = np.array(spot)
    promises = []
    for around in (None, at):
        layers = ignorance(
            situation.state.grid, situation.field, seen, CONFIG.search, around=around
        )
        weight = expectation(situation, layers, goal, CONFIG.search)
        assert weight is not None
        promises.append(np.array(hoped_gain(at[None], layers, CONFIG.search, weight)))
    assert np.array_equal(*promises)
    assert (promises[0] > 0.0).all()
