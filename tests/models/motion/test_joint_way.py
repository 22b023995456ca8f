import numpy as np
import pytest

from neural_brain.models.motion.joint_way import JointWay

DT = 0.05
WAY = [np.array([0.5, 0.0]), np.array([1.0, -0.8])]


def follow(way, arm, seconds=20.0):
    """`arm(command, q)` is where the arm goes; returns q and the time it took."""
    q = np.zeros(2)
    way.start(WAY, q)
    for k in range(int(seconds / DT)):
        if way.step(q, DT):
            return q, k * DT
        q = arm(way.command, q)
    return q, seconds


def test_it_ends_at_the_last_way_point_within_the_speed():
    way = JointWay(0.7)
    steps = []

    def arm(command, q):
        steps.append(np.abs(command - q).max())
        return command.copy()

    q, seconds = follow(way, arm)
    assert np.allclose(q, WAY[-1], atol=0.01)
    assert max(steps) <= 0.7 * DT + 1e-9
    assert 1.3 / 0.7 < seconds < 5.0


def test_a_slow_arm_is_waited_for_and_not_called_held():
    way = JointWay(0.7)
    largest = []

    def arm(command, q):
        largest.append(np.abs(command - q).max())
        return q + np.clip(command - q, -0.2 * DT, 0.2 * DT)

    q, seconds = follow(way, arm)
    assert np.abs(q - WAY[-1]).max() < 0.07
    assert max(largest) < 0.35
    assert way.blocked_s == pytest.approx(0.0, abs=0.1)
    assert seconds < 10.0


def test_a_held_arm_is_noticed_and_the_command_stays_near():
    way = JointWay(0.7)
    q, _ = follow(way, lambda command, q: q, seconds=5.0)
    assert way.blocked_s > 3.0
    assert np.abs(way.command - q).max() < 0.4


def test_after_a_push_it_goes_on():
    way = JointWay(0.7)
    count = [0]

    def arm(command, q):
        count[0] += 1
        return q + 0.02 if 20 < count[0] < 60 else command.copy()

    q, seconds = follow(way, arm)
    assert np.allclose(q, WAY[-1], atol=0.07)
    assert seconds < 15.0


def test_an_arm_that_runs_against_something_again_and_again_is_counted():
    way = JointWay(0.7)
    count = [0]

    def arm(command, q):
        """At 0.2 rad it is held for 0.6 s, let go for 0.2 s, and so on."""
        count[0] += 1
        loose = count[0] % 16 < 4 or q[0] < 0.2
        return q + 0.2 * (command - q) if loose else q

    follow(way, arm, seconds=8.0)
    assert way.stops >= 3
    way.start(WAY, np.zeros(2))
    assert way.stops == 0


def test_one_long_hold_is_one_stop():
    way = JointWay(0.7)
    follow(way, lambda command, q: q, seconds=5.0)
    assert way.stops == 1
