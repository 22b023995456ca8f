"""Where things were seen last or yesterday, also when they are gone or elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.executive.before import Before
from neural_brain.models.signals import Goal

HERE, THERE = (-2.4, 1.9, 0.8), (2.6, -2.0, 0.8)


def went_to(robot, spot):
    (outcome,) = robot.executive.finished
    assert outcome.success, outcome.text
    assert np.hypot(*(robot.pose[:2] - spot[:2])) < 1.5
    return outcome.text


def test_it_goes_where_a_thing_was_that_is_gone(robot, make_landmark):
    gone = make_landmark(-1, "mug", "red", THERE, last_seen=50.0, confidence=1.0)
    robot.flat.former = (gone,)
    robot.say("go where you last saw the red mug")
    robot.run()
    assert "where I last saw the red mug; I do not see it now" in went_to(robot, THERE)


@pytest.mark.parametrize("gone_s, spot", [(50.0, THERE), (20.0, HERE)])
def test_the_newest_place_counts_whether_the_thing_is_still_there(
    robot, make_landmark, gone_s, spot
):
    robot.flat.things = [make_landmark(2, "mug", "red", HERE, last_seen=30.0)]
    gone = make_landmark(-1, "mug", "red", THERE, last_seen=gone_s, confidence=1.0)
    robot.flat.former = (gone,)
    robot.say("go where you last saw the mug")
    robot.run()
    went_to(robot, spot)


def test_nothing_that_is_gone_is_pressed(robot, make_landmark):
    gone = make_landmark(-1, "mug", "red", THERE, last_seen=50.0, confidence=1.0)
    robot.flat.former = (gone,)
    robot.say("press the mug where you last saw it")
    robot.run()
    (outcome,) = robot.executive.finished
    assert not outcome.success and "press" not in robot.kinds


def test_yesterday_is_where_it_was_when_the_robot_was_started(robot, make_landmark):
    mug = make_landmark(1, "mug", "red", HERE, last_seen=900.0)
    robot.flat.things = [mug]
    robot.run(decisions=1)
    moved = replace(mug, center_map=np.array(THERE), last_seen=5.0)
    robot.flat.things = [moved]
    robot.say("go to where you saw the mug yesterday")
    robot.unseen = {1}
    robot.run()
    assert "where I saw the red mug before" in went_to(robot, HERE)


def test_without_a_yesterday_the_newest_place_will_do(robot, make_landmark):
    robot.run(decisions=1)
    robot.flat.things = [make_landmark(1, "mug", "red", THERE, last_seen=5.0)]
    robot.say("go to where you saw the mug yesterday")
    robot.run()
    went_to(robot, THERE)


def test_a_clock_that_began_anew_does_not_make_yesterday_the_last_time(
    robot, make_landmark
):
    old = make_landmark(1, "mug", "red", HERE, last_seen=900.0)
    robot.flat.things = [old]
    robot.run(decisions=1)
    new = make_landmark(2, "mug", "red", THERE, last_seen=0.4)
    robot.flat.things = [old, new]
    robot.say("go where you last saw the mug")
    robot.run()
    went_to(robot, THERE)


def test_other_goals_see_the_map_as_it_is(flat, make_landmark):
    before, gone = Before(), make_landmark(-1, "mug", "red", THERE)
    flat.former = (gone,)
    state = flat.state(1.0)
    before.note(state)
    goal = Goal(words="", action="find", category="mug")
    assert before.recall(goal, state) is state
    last = replace(goal, which="last")
    assert before.recall(last, state).landmarks == [gone]
