"""Standing so that the arm reaches a spot that was seen on a surface."""

import numpy as np
import pytest

from neural_brain.models.executive.config import ExecutiveConfig, StandoffConfig
from neural_brain.models.executive.touching import clear_of, of_thing, touch_from
from neural_brain.models.motion import make_costmap, travel_field
from neural_brain.models.signals import SubGoalKind

NONE = np.zeros((0, 3))
CONFIG = StandoffConfig()
TOP = np.array([[-2.4, 1.75, 0.75, 0.0, 0.0, 1.0]])  # on the table of the kitchen
FRONT = np.array([[-2.4, 1.7, 0.9, 0.0, -1.0, 0.0]])  # on its front side


@pytest.fixture
def field(flat):
    config = ExecutiveConfig()
    costs = make_costmap(flat.state(0.0).grid, config.costmap, config.radius_m)
    return travel_field(costs, np.array([-3.5, -1.0]), snap_m=1.0)


def test_it_stands_before_a_level_spot_at_arms_length(field):
    touch = touch_from(TOP, np.array([-3.5, -1.0, 0.0]), field, CONFIG, tried=NONE)
    assert touch.drive
    way = TOP[0, :2] - touch.pose[:2]
    assert np.hypot(*way) == pytest.approx(CONFIG.level_m)
    assert np.arctan2(way[1], way[0]) == pytest.approx(touch.pose[2])
    assert touch.pose[1] < 1.4  # outside the table


def test_it_stands_in_front_of_an_upright_spot(field):
    touch = touch_from(FRONT, np.array([-3.5, -1.0, 0.0]), field, CONFIG, tried=NONE)
    assert np.hypot(*(FRONT[0, :2] - touch.pose[:2])) == pytest.approx(CONFIG.front_m)
    assert abs(touch.pose[2] - 0.5 * np.pi) < np.radians(26.0)


def test_it_stays_where_it_stands_well(field):
    pose = np.array([-2.4, 1.7 - CONFIG.front_m + 0.03, 0.5 * np.pi + 0.1])
    touch = touch_from(FRONT, pose, field, CONFIG, tried=NONE)
    assert not touch.drive
    assert np.array_equal(touch.pose, pose)


def test_what_the_arm_cannot_reach_is_no_choice(field):
    pose = np.array([-3.5, -1.0, 0.0])
    for spot in (TOP + np.eye(6)[2] * 0.5, FRONT - np.eye(6)[2] * 0.6, TOP[:0]):
        assert touch_from(spot, pose, field, CONFIG, tried=NONE) is None


def test_an_underside_is_no_front(field):
    below = FRONT.copy()
    below[0, 3:] = 0.0, -0.05, -0.9987
    pose = np.array([-3.5, -1.0, 0.0])
    assert touch_from(below, pose, field, CONFIG, tried=NONE) is None


def test_it_stands_nearer_to_what_is_high_up(field):
    high = FRONT + np.eye(6)[2] * (1.39 - FRONT[0, 2])
    touch = touch_from(high, np.array([-3.5, -1.0, 0.0]), field, CONFIG, tried=NONE)
    away = np.hypot(*(high[0, :2] - touch.pose[:2]))
    assert away == pytest.approx(CONFIG.front_m - 0.09)


def test_a_place_that_failed_is_not_taken_again(field):
    pose = np.array([-3.5, -1.0, 0.0])
    first = touch_from(FRONT, pose, field, CONFIG, tried=NONE)
    second = touch_from(FRONT, pose, field, CONFIG, tried=first.pose[None])
    assert np.hypot(*(second.pose - first.pose)[:2]) > 0.15


def test_spots_of_something_else_are_left_out(make_landmark):
    thing = make_landmark(1, "bed", "blue", (-2.4, 1.8, 0.3))
    spots = np.vstack([TOP, TOP + np.eye(6)[0] * 1.5])
    assert np.array_equal(of_thing(spots, thing), TOP)
    assert len(of_thing(None, thing)) == 0


def test_the_hand_keeps_away_from_what_lies_on_it(make_landmark):
    far = TOP + np.eye(6)[0] * 0.5
    spots = np.vstack([TOP, far])
    mug = make_landmark(2, "mug", "red", (-2.3, 1.8, 0.8))
    assert np.array_equal(clear_of(spots, [mug]), far)
    below = make_landmark(3, "shoe", "red", (-2.3, 1.8, 0.05))
    assert np.array_equal(clear_of(spots, [below]), spots)


@pytest.mark.parametrize(
    ("category", "center", "size"),
    [
        ("table", (-2.4, 2.1, 0.35), (1.2, 0.8, 0.7)),
        ("laptop", (-2.4, 1.8, 0.85), (0.34, 0.25, 0.22)),
    ],
)
def test_it_is_pressed_where_its_surface_was_seen(
    robot, make_landmark, category, center, size
):
    thing = make_landmark(1, category, "grey", center, size=np.array(size))
    robot.flat.things = [thing]
    robot.surfaces = {1: TOP}
    robot.say(f"press the grey {category}")
    robot.run()
    press = robot.steps[-1]
    assert press.kind is SubGoalKind.PRESS
    assert press.touch == pytest.approx(TOP)
    drive = [step for step in robot.steps if step.kind is SubGoalKind.DRIVE][-1]
    away = np.hypot(*(drive.pose_map[:2] - TOP[0, :2]))
    assert away == pytest.approx(CONFIG.level_m)
    assert robot.executive.finished[0].success


def test_it_looks_up_for_a_surface_before_it_presses_where_it_saw_none(
    robot, make_landmark
):
    center = np.array([-2.4, 1.8, 0.7])
    robot.flat.things = [make_landmark(1, "lamp", "grey", tuple(center))]
    robot.surfaces = {}
    robot.say("press the grey lamp")
    robot.run()
    assert robot.kinds == ["drive", "look", "look", "press"]
    first, second = robot.steps[1:3]
    assert np.allclose(first.point_map, center)
    assert np.allclose(second.point_map[:2], center[:2])
    assert center[2] < second.point_map[2] < CONFIG.front_z_m[1]


def test_what_stands_elsewhere_is_approached_anew_before_it_looks_up(
    robot, make_landmark
):
    """The first look from near mends the place; then nothing is looked for above."""
    center = np.array([-2.4, 0.0, 0.7])
    robot.flat.things = [make_landmark(1, "plant", "green", tuple(center))]
    look = robot.look_at_surfaces

    def mend():
        moved = tuple(center + np.array([0.45, 0.0, 0.0]))
        robot.flat.things = [make_landmark(1, "plant", "green", moved)]
        look()

    robot.look_at_surfaces = mend
    robot.say("press the green plant")
    robot.run()
    assert robot.kinds[:3] == ["drive", "look", "drive"]
    assert robot.kinds[-1] == "press"
