"""Steps left by heading: ways, turns, speed, and a touch that looks ahead."""

import numpy as np
import pytest

from neural_brain.benchmarks.memory_maze.episode import TrueMap
from neural_brain.benchmarks.memory_maze.heading_field import MOST
from neural_brain.benchmarks.memory_maze.kinematics import (
    STRIDE_M,
    TOUCH_M,
    Motion,
    predict,
)
from neural_brain.benchmarks.memory_maze.steering import Aim, steer
from tests.benchmarks.memory_maze.standin import TARGETS, StandIn

GOAL = TARGETS[1]  # (15, 1), at the end of a straight corridor from the left
FAR = np.array([3.0, 1.0])


@pytest.fixture(scope="module")
def memory():
    return TrueMap(StandIn((*FAR, 0.0)).truth)


@pytest.fixture(scope="module")
def field(memory):
    return memory.steps_left(GOAL, TOUCH_M, 0.03)


def left(field, x, y, yaw, speed=1.0):
    ball = Motion(
        pose=np.array([[x, y, yaw]]), speed=np.array([speed]), turn=np.zeros(1)
    )
    return float(field.at(ball)[0])


def test_straight_ahead_it_is_the_way_in_strides(field):
    for x in (5.0, 8.3, 11.0):
        assert left(field, x, 1.0, 0.0) == pytest.approx(
            (GOAL[0] - x - TOUCH_M) / STRIDE_M, abs=1.0
        )


def test_a_turn_costs_the_more_the_farther(field):
    yaws = np.deg2rad([0.0, 45.0, 90.0, 135.0, 180.0])
    steps = [left(field, 9.0, 1.0, yaw) for yaw in yaws]
    assert (np.diff(steps) > 0.0).all()
    assert 8.0 < steps[-1] - steps[0] < 14.0


def test_a_ball_at_rest_needs_longer(field):
    """In the mean: the last step counts whole, so single places may not differ."""
    spots = np.linspace(6.0, 8.0, 9)
    rest, moving = (
        np.mean([left(field, x, 1.0, 0.0, speed) for x in spots])
        for speed in (0.0, 1.0)
    )
    assert 0.3 < rest - moving < 0.9


def test_no_step_is_better_than_told(field):
    """Bellman: one step costs at least what it saves, up to the lattice's error."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        pose = np.array([rng.uniform(4.0, 12.0), 1.0, rng.uniform(-3.1, 3.1)])
        ball = Motion(pose=pose[None], speed=np.ones(1), turn=np.zeros(1))
        after = predict(ball, rng.integers(1, 6, size=1))
        if abs(after.pose[0, 1] - 1.0) < 0.6:
            assert field.at(after)[0] > field.at(ball)[0] - 1.8


def test_inside_a_wall_nothing_is_left_to_go(field):
    assert left(field, 3.0, -1.0, 0.0) == MOST


def test_the_field_is_kept_until_the_map_changes(memory, field):
    assert memory.steps_left(GOAL, TOUCH_M, 0.03) is field
    assert memory.steps_left(GOAL, TOUCH_M, 0.12) is not field


def test_what_should_be_touched_but_is_not_is_approached(memory):
    """A pose from pictures is some cm off: believed within reach, no touch came."""
    aim = Aim(
        field=memory.field(GOAL), goal=GOAL, reach_m=TOUCH_M - 0.05,
        steps=memory.steps_left(GOAL, TOUCH_M, 0.03),
        later=(memory.steps_left(TARGETS[0], TOUCH_M, 0.03),),
    )  # fmt: skip
    motion = Motion.at(np.array([*(GOAL - [0.7, 0.0]), np.pi]))
    nearest = 0.7
    for _ in range(16):
        motion = predict(motion, np.array([steer(motion, aim)]))
        nearest = min(nearest, float(np.hypot(*(motion.pose[0, :2] - GOAL))))
    assert nearest < 0.5


def test_it_turns_while_it_touches_when_the_next_goal_is_behind(memory):
    """The same goal, with and without a thought of the next one."""
    back = memory.steps_left(TARGETS[0], TOUCH_M, 0.03)
    one = memory.steps_left(GOAL, TOUCH_M, 0.03)
    turned, steps = [], []
    for later in ((), (back,)):
        aim = Aim(
            field=memory.field(GOAL), goal=GOAL, reach_m=TOUCH_M - 0.05, steps=one,
            later=later,
        )  # fmt: skip
        motion, count = Motion.at(np.array([*FAR, 0.0])), 0
        while np.hypot(*(motion.pose[0, :2] - GOAL)) > TOUCH_M:
            motion = predict(motion, np.array([steer(motion, aim)]))
            count += 1
            assert count < 40
        turned.append(float(back.at(motion)[0]))
        steps.append(count)
    assert turned[1] + steps[1] < turned[0] + steps[0] - 1.0
