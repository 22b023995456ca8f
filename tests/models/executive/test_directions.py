"""Goals that say where a thing lies, from the robot and on the compass."""

import numpy as np
import pytest

from neural_brain.models.executive import understand
from neural_brain.models.executive.directions import fits_side, fits_toward
from neural_brain.models.executive.grammar import describe

EASTWARD = np.zeros(3)
NORTHWARD = np.array([0.0, 0.0, np.pi / 2])


@pytest.mark.parametrize(
    ("words", "side", "near", "toward"),
    [
        ("press the mug left of the sink", "left of", "sink", ""),
        ("press the red mug to the right of the blue box", "right of", "box", ""),
        ("find the ball behind the sofa", "behind", "sofa", ""),
        ("find the ball in front of the sofa", "in front of", "sofa", ""),
        ("go to the plant north-west of the bed", "north-west of", "bed", ""),
        ("find the chair on your left", "", "", "on the left"),
        ("find the chair at 3 o'clock", "", "", "3 o'clock"),
        ("find the chair at three o'clock", "", "", "3 o'clock"),
        ("go to the lamp in the north", "", "", "in the north"),
        ("go to the lamp behind you", "", "", "behind"),
        ("go to the lamp ahead on the right", "", "", "ahead on the right"),
    ],
)
def test_directions_are_understood_and_said_again(words, side, near, toward):
    goal = understand(words).goals[0]
    assert (goal.side, goal.near, goal.toward) == (side, near, toward)
    again = understand(goal.words).goals[0]
    assert describe(again) == goal.words
    assert (again.side, again.near, again.toward) == (side, near, toward)


def test_a_direction_without_a_thing_to_find_is_the_thing_itself():
    goal = understand("go behind the sofa").goals[0]
    assert (goal.category, goal.side) == ("sofa", "")


@pytest.mark.parametrize("pose", [EASTWARD, NORTHWARD, np.array([3.0, -2.0, 2.5])])
def test_sides_turn_with_the_robot_and_the_compass_does_not(pose):
    def seen(forward, left):
        c, s = np.cos(pose[2]), np.sin(pose[2])
        return pose[:2] + np.array([c * forward - s * left, s * forward + c * left])

    assert fits_toward("on the left", pose, seen(0.5, 2.0))
    assert not fits_toward("on the left", pose, seen(0.5, -2.0))
    assert fits_toward("3 o'clock", pose, seen(0.0, -1.0))
    assert not fits_toward("3 o'clock", pose, seen(1.0, 0.0))
    assert fits_toward("12 o'clock", pose, seen(1.0, 0.1))
    assert fits_toward("in the north", pose, pose[:2] + np.array([0.5, 2.0]))
    assert not fits_toward("in the north", pose, pose[:2] - np.array([0.5, 2.0]))
    assert fits_side("left of", pose, seen(2.0, 1.0), seen(2.0, 0.0))
    assert not fits_side("right of", pose, seen(2.0, 1.0), seen(2.0, 0.0))
    assert fits_side("behind", pose, seen(3.0, 0.0), seen(2.0, 0.0))
    table = seen(2.0, 0.0)
    assert fits_side("south of", pose, table - np.array([0.0, 1.0]), table)


def test_what_stands_where_the_robot_is_has_no_direction():
    assert not fits_toward("ahead", EASTWARD, np.array([0.1, 0.0]))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("go to the mug on your left", 1),
        ("go to the mug on your right", 2),
        ("go to the mug left of the lamp", 1),
        ("go to the mug south of the lamp", 2),
    ],
)
def test_the_robot_goes_to_the_one_that_was_said(robot, make_landmark, words, wanted):
    robot.pose = np.array([-3.5, 0.0, 0.0])
    robot.flat.things = [
        make_landmark(1, "mug", "red", (-2.3, 0.9, 0.3)),
        make_landmark(2, "mug", "red", (-2.3, -0.9, 0.3)),
        make_landmark(3, "lamp", "grey", (-2.3, 0.0, 0.3)),
    ]
    robot.run(1)  # it knows where it is
    robot.say(words)
    robot.run()
    assert robot.executive.finished[-1].success
    mug = robot.flat.things[wanted - 1].center_map
    other = robot.flat.things[2 - wanted].center_map
    away = [float(np.hypot(*(robot.pose - at)[:2])) for at in (mug, other)]
    assert away[0] < away[1]


def test_left_and_right_need_to_know_where_the_robot_is(robot):
    reply = robot.executive.say("go to the mug on your left", 0.0, None)
    assert not reply.accepted and "left from right" in reply.text
