"""The pose from pictures: begins right, stays right, and is held off walls."""

import numpy as np
import pytest

from neural_brain.benchmarks.memory_maze import pose_filter
from neural_brain.benchmarks.memory_maze.kinematics import FORWARD, LEFT, Motion
from neural_brain.benchmarks.memory_maze.pose_filter import (
    START,
    PoseFilter,
    hold_off,
    start_heading,
)
from neural_brain.benchmarks.memory_maze.sight import ideal_sight
from neural_brain.benchmarks.memory_maze.vision import wall_ranges
from neural_brain.models.signals import GridView
from tests.benchmarks.memory_maze.standin import LAYOUT, StandIn, wall_view

EMPTY = GridView(cells=np.zeros((1, 1), np.int8), origin=START, resolution=0.2,
                 version=0)  # fmt: skip


def quarter(angle):
    """The angle within 45 degrees of the nearest direction of the walls [rad]."""
    return (angle + np.pi / 4) % (np.pi / 2) - np.pi / 4


@pytest.mark.parametrize("yaw", [0.3, 1.1, -2.0, 2.9])
def test_the_heading_at_the_start_is_found(yaw):
    ranges = ideal_sight(StandIn((13.0, 3.0, yaw)).truth).ranges
    assert abs(quarter(start_heading(ranges) - yaw)) < np.deg2rad(1.5)


def test_pictures_correct_a_wrong_motion():
    maze = StandIn((1.0, 1.0, 0.1))
    filter_ = PoseFilter(wall_ranges(maze.reset().image))
    turn = filter_.pose[2] - 0.1
    assert abs(quarter(turn)) < np.deg2rad(1.0)
    actions = [FORWARD] * 12 + [LEFT] * 4 + [FORWARD] * 3
    blind = PoseFilter(wall_ranges(maze.reset().image))
    for action in actions:
        frame = maze.step(action)
        for one in (filter_, blind):
            one.motion = type(one.motion)(  # slips: 2.5 cm a step that nobody meant
                pose=one.motion.pose - [[0.025, 0.0, 0.005]],
                speed=one.motion.speed,
                turn=one.motion.turn,
            )
            one.predict(action, EMPTY)
        filter_.correct(wall_ranges(frame.image), EMPTY)
    true = maze.truth.pose
    assert np.hypot(*(filter_.pose[:2] - true[:2])) < 0.25
    assert np.hypot(*(blind.pose[:2] - true[:2])) > 0.4


def test_a_corner_that_turned_and_stopped_the_ball_is_noticed():
    """The prediction is half a metre and 20 degrees off; the next picture tells."""
    maze = StandIn((12.3, 9.9, -2.2))
    filter_ = PoseFilter(np.full(76, np.nan))
    wrong = np.array([[11.9, 9.6, -2.2 + np.deg2rad(20.0)]])
    filter_.motion = Motion(pose=wrong, speed=np.ones(1), turn=np.zeros(1))
    filter_._before = np.array([12.4, 10.2, -2.2])
    filter_.correct(wall_ranges(maze.reset().image), wall_view(LAYOUT))
    assert filter_.lost == 0
    assert np.hypot(*(filter_.pose[:2] - [12.3, 9.9])) < 0.15
    assert abs(filter_.pose[2] + 2.2) < np.deg2rad(2.0)


@pytest.mark.parametrize(("turn_deg", "moved"), [(20.0, True), (48.0, False)])
def test_a_large_turn_needs_more_proof_than_a_small_one(monkeypatch, turn_deg, moved):
    """Corners turn the ball by some 20 degrees; by 48 it was turned by chance fits."""

    def fits_when_turned(_ranges, poses, _walls):
        off = np.abs(np.rad2deg(poses[:, 2]) - turn_deg)
        return np.where(off < 1.0, 0.8, 0.4), 40

    monkeypatch.setattr(pose_filter, "agreement", fits_when_turned)
    filter_ = PoseFilter(np.full(76, np.nan))
    filter_.motion = Motion.at(np.array([1.0, 1.0, 0.0]))
    filter_.correct(np.full(76, np.nan), EMPTY)
    assert (abs(np.rad2deg(filter_.pose[2]) - turn_deg) < 1.5) == moved
    assert filter_.lost == (0 if moved else 1)


def test_a_picture_that_fits_nowhere_says_lost():
    walls = wall_view(LAYOUT)
    filter_ = PoseFilter(np.full(76, np.nan))
    nonsense = np.random.default_rng(1).uniform(1.0, 6.0, 76)
    for _ in range(2):
        filter_.correct(nonsense, walls)
    assert filter_.lost == 2


def test_pushing_against_a_known_wall_is_no_way():
    walls = wall_view(LAYOUT)
    maze = StandIn((1.0, 1.0, np.pi))
    filter_ = PoseFilter(ideal_sight(maze.truth).ranges)
    filter_.motion = maze.motion
    for _ in range(10):
        filter_.predict(FORWARD, walls)
    assert filter_.pose[0] == pytest.approx(0.2, abs=0.02)


def test_a_spot_inside_the_radius_of_a_wall_is_moved_out():
    walls = wall_view(LAYOUT)
    np.testing.assert_allclose(hold_off(np.array([0.1, 1.0]), walls), [0.2, 1.0])
    np.testing.assert_allclose(hold_off(np.array([1.0, 1.0]), walls), [1.0, 1.0])


def test_nothing_seen_leaves_the_pose():
    filter_ = PoseFilter(np.full(76, np.nan))
    before = filter_.pose.copy()
    filter_.correct(np.full(76, np.nan), EMPTY)
    np.testing.assert_array_equal(filter_.pose, before)
