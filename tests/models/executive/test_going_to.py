import numpy as np
import pytest

from neural_brain.models.errors import GoalError
from neural_brain.models.executive.going_to import pose_goal, pose_in_words
from neural_brain.models.executive.grammar import describe, understand
from neural_brain.models.maps.correction import Correction


@pytest.mark.parametrize(
    ("words", "pose"),
    [
        ("go to 1.5, -2", [1.5, -2.0, np.nan]),
        ("Go to (1.5, -2.0).", [1.5, -2.0, np.nan]),
        ("drive to 1 2 facing 90", [1.0, 2.0, np.pi / 2]),
        ("please go to (0, 3) heading -45 degrees", [0.0, 3.0, -np.pi / 4]),
        ("go to 1.5 m, 2 m", [1.5, 2.0, np.nan]),
        ("go to 1.5, 2 facing north", [1.5, 2.0, np.pi / 2]),
        ("go to (1.5, 2), heading south-east", [1.5, 2.0, -np.pi / 4]),
    ],
)
def test_a_pose_can_be_said(words, pose):
    (goal,) = understand(words).goals
    np.testing.assert_allclose(goal.pose_map, pose)
    assert describe(goal).startswith("go to (")


@pytest.mark.parametrize(
    "words", ["go to the kitchen", "go to 3", "press 1, 2", "go to 1, 2, 3, 4", ""]
)
def test_other_words_are_no_pose(words):
    assert pose_in_words(words) is None


def test_an_absurd_pose_is_asked_back():
    said = understand("go to 99999, 0")
    assert not said.goals
    assert "within 1000 m" in said.question
    for pose in ([np.nan, 0.0, 0.0], [0.0, 0.0, np.inf], [0.0, 0.0]):
        with pytest.raises(GoalError, match="expected x and y"):
            pose_goal(np.array(pose))


def test_the_robot_stands_where_it_was_told(robot):
    reply = robot.say("go to 2, 1 facing 180")
    assert reply.accepted
    robot.run()
    (done,) = robot.executive.finished
    assert done.success
    assert done.text == "I am there"
    assert np.hypot(*(robot.pose[:2] - [2.0, 1.0])) < 1e-9
    assert abs(abs(robot.pose[2]) - np.pi) < 0.2


def test_a_pose_takes_the_place_of_other_goals(robot, flat):
    robot.say("go to the office, then go to the kitchen")
    robot.run(1)
    reply = robot.executive.go_to(np.array([2.0, 1.0, 0.0]), robot.t, flat.state(0.5))
    assert reply.text == "I will go to (2.00, 1.00) facing 0 degrees."
    robot.run()
    done = robot.executive.finished
    assert [each.success for each in done] == [False, False, True]
    assert np.hypot(*(robot.pose[:2] - [2.0, 1.0])) < 0.2


def test_a_pose_behind_the_known_is_explored_for(robot, flat):
    flat.cells[
        :, flat.cells.shape[1] // 2 + 20 :
    ] = -1  # the office, 1 m behind its door
    flat.version += 1
    robot.say("go to 3, 1")
    robot.run(3)
    assert robot.executive.exploring
    assert not robot.executive.finished
    flat.cells[:] = flat.hidden
    flat.version += 1
    robot.run()
    assert robot.executive.finished[-1].success
    assert np.hypot(*(robot.pose[:2] - [3.0, 1.0])) < 0.2


def test_a_pose_that_cannot_be_reached_is_given_up_with_its_reason(robot):
    robot.say("go to 500, 0")
    robot.run()
    (done,) = robot.executive.finished
    assert not done.success
    assert done.text == "I could not get there: no way there"


def test_the_pose_moves_with_the_map(robot):
    robot.failing["drive"] = ["blocked"]
    robot.say("go to 2, 1")
    robot.run(1)
    pursuit = robot.executive._pursuit
    before = np.array([[0.0, 0.0, 0.0], [2.0, 1.0, 0.0]])
    after = before + np.array([0.5, 0.0, 0.0])
    pursuit.move(Correction(numbers=(1, 2), before=before, after=after))
    robot.run()
    assert robot.executive.finished[-1].success
    assert np.hypot(*(robot.pose[:2] - [2.5, 1.0])) < 0.2


@pytest.mark.parametrize(
    ("words", "said", "yaw"),
    [
        ("face north", "face north", np.pi / 2),
        ("please turn to the east", "face east", 0.0),
        ("Look south-west.", "face south-west", -3 * np.pi / 4),
        ("turn to face northwest", "face north-west", 3 * np.pi / 4),
    ],
)
def test_the_robot_turns_to_the_compass_where_it_stands(robot, words, said, yaw):
    robot.pose[2] = 0.5
    start = robot.pose.copy()
    reply = robot.say(words)
    assert reply.text == f"I will {said}."
    assert describe(understand(said).goals[0]) == said
    robot.run()
    (done,) = robot.executive.finished
    assert done.success
    assert done.text == f"I {said}"
    assert np.allclose(robot.pose, [*start[:2], yaw])
    assert robot.kinds == ["drive"]


def test_turning_can_follow_a_way(robot):
    assert robot.say("go to the office, then face west").accepted
    robot.run()
    assert [done.success for done in robot.executive.finished] == [True, True]
    assert robot.pose[0] > 1.0
    assert abs(abs(robot.pose[2]) - np.pi) < 1e-9
    assert "then" in robot.say("face north the sofa").text


def test_the_heading_turns_with_the_map_and_the_compass_does_not(robot):
    turn = np.array([0.0, 0.0, 0.2])
    correction = Correction(numbers=(1,), before=np.zeros((1, 3)), after=turn[None])
    for words, yaw in (("go to 2, 1 facing north", np.pi / 2 + 0.2), ("face north", 0)):
        robot.failing["drive"] = ["blocked"]
        robot.say(words)
        robot.run(1)
        robot.executive._pursuit.move(correction)
        robot.run()
        assert robot.executive.finished[-1].success
        assert abs(robot.pose[2] - (yaw or np.pi / 2)) < 1e-9


def test_a_turn_that_fails_is_given_up_with_its_reason(robot):
    robot.failing["drive"] = ["stuck"] * 5
    robot.say("face north")
    robot.run()
    assert robot.executive.finished[-1].text == "I could not face north: stuck"
