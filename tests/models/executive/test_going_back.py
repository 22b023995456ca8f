import numpy as np

from neural_brain.models.executive.going_back import Beginnings
from neural_brain.models.executive.going_to import POSE_RAD


def test_back_is_where_the_last_goal_began(robot):
    start = robot.pose[:2].copy()
    robot.say("go to the office")
    robot.run()
    assert robot.pose[0] > 1.0
    reply = robot.say("go back")
    assert reply.accepted
    assert reply.text == "I will go back."
    robot.run()
    assert robot.executive.finished[-1].success
    assert np.hypot(*(robot.pose[:2] - start)) < 0.2
    assert robot.executive.finished[-1].text == "I am back where I came from"


def test_back_means_facing_as_before(robot):
    robot.pose[2] = 2.5
    start = robot.pose.copy()
    robot.say("go to the office")
    robot.run()
    assert abs(robot.pose[2] - start[2]) > 0.5
    robot.say("go back")
    robot.run()
    assert np.allclose(robot.pose, start, atol=0.05)
    assert robot.steps[-1].tolerance_rad == POSE_RAD


def test_said_again_it_goes_further_back(robot):
    start = robot.pose[:2].copy()
    for words in ("go to the office", "go to the kitchen", "go back", "go back"):
        robot.say(words)
        robot.run()
    assert [done.success for done in robot.executive.finished] == [True] * 4
    assert np.hypot(*(robot.pose[:2] - start)) < 0.2


def test_without_a_past_it_says_so(robot):
    robot.say("go back")
    robot.run()
    (done,) = robot.executive.finished
    assert not done.success
    assert done.text == "I know no place to go back to"


def test_a_way_that_stays_closed_is_given_up(robot, flat):
    robot.say("go to the office")
    robot.run()
    robot.failing["drive"] = ["stuck: something is in the way"] * 5
    robot.say("come back")
    robot.run()
    done = robot.executive.finished[-1]
    assert not done.success
    assert "something is in the way" in done.text
    flat.fill(-0.05, -0.5, 0.05, 0.5, 100)  # the door is shut
    flat.version += 1
    robot.failing.clear()
    robot.say("go to the office, then go back")
    robot.run()
    assert not robot.executive.finished[-1].success


def test_beginnings_are_few_and_finite():
    beginnings = Beginnings()
    beginnings.note(np.full(3, np.nan))
    assert beginnings.take(np.zeros(3)) is None
    for k in range(100):
        beginnings.note(np.array([float(k), 0.0, 0.0]))
    spots = []
    while (spot := beginnings.take(np.array([0.0, 50.0, 0.0]))) is not None:
        spots.append(spot[0])
    assert spots == list(range(99, 79, -1))
