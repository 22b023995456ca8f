"""The measured motion: what the environment did is what the model says."""

import numpy as np
import pytest

from neural_brain.benchmarks.memory_maze.kinematics import (
    FORWARD,
    FORWARD_LEFT,
    LEFT,
    NOOP,
    RIGHT,
    Motion,
    predict,
)


def drive(actions):
    motion = Motion.at(np.zeros(3))
    poses = [motion.pose[0]]
    for action in actions:
        motion = predict(motion, np.array([action]))
        poses.append(motion.pose[0])
    return np.array(poses)


def test_walking_from_rest_is_as_recorded():
    ways = np.diff(drive([FORWARD] * 5)[:, 0])
    np.testing.assert_allclose(ways, [0.218, 0.435, 0.487, 0.497, 0.499], atol=0.006)


def test_it_rolls_out_as_recorded():
    ways = np.diff(drive([FORWARD] * 8 + [NOOP] * 2)[:, 0])[-2:]
    np.testing.assert_allclose(ways, [0.297, 0.102], atol=0.006)


@pytest.mark.parametrize(
    ("actions", "degrees"),
    [
        ([LEFT], [14.25]),
        ([LEFT, LEFT, LEFT], [14.25, 18.42, 18.42]),
        ([LEFT, NOOP], [14.25, 2.9]),
        ([RIGHT, LEFT], [-14.25, 10.65]),
    ],
)
def test_turns_are_as_recorded(actions, degrees):
    turns = np.rad2deg(np.diff(drive(actions)[:, 2]))
    np.testing.assert_allclose(turns, degrees, atol=0.2)


def test_walking_and_turning_makes_an_arc_to_the_left():
    x, y, yaw = drive([FORWARD] * 4 + [FORWARD_LEFT] * 5)[-1]
    assert yaw == pytest.approx(np.deg2rad(14.25 + 4 * 18.42))
    assert x > 2.5 and y > 1.0


def test_many_balls_move_as_one_would():
    actions = np.array([FORWARD, LEFT, FORWARD_LEFT])
    together = predict(Motion.at(np.array([1.0, 2.0, 0.3]), 3), actions).pose
    for k, action in enumerate(actions):
        alone = predict(Motion.at(np.array([1.0, 2.0, 0.3])), np.array([action])).pose
        np.testing.assert_allclose(together[k], alone[0])
