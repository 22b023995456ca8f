"""Lidar points: REP 117, ageing with odometry, refused and stale scans."""

import dataclasses

import numpy as np
import pytest

from neural_brain.models.reflex import GuardConfig
from neural_brain.models.reflex.obstacles import Obstacles
from neural_brain.models.signals import ReflexLevel

CONFIG = GuardConfig()
NAN = float("nan")


@pytest.fixture
def obstacles():
    return Obstacles(CONFIG, 2.5, 1e-3)


def test_rep_117_ranges(obstacles, make):
    ranges = np.full(8, np.inf)
    ranges[0], ranges[2], ranges[4], ranges[6] = -np.inf, NAN, 1.5, 0.02
    assert obstacles.offer(make.scan(0.0, ranges), make.body())
    points = obstacles.near(np.zeros(3))
    distances = sorted(np.hypot(*points.T))
    np.testing.assert_allclose(distances, [0.1, 0.1, 1.5])


def test_ranges_that_may_only_be_read_are_taken(obstacles, make):
    ranges = np.full(8, 1.5)
    ranges.flags.writeable = False
    assert obstacles.offer(make.scan(0.0, ranges), make.body())
    assert len(obstacles.near(np.zeros(3))) == 8


def test_points_move_with_odometry(obstacles, make):
    start = make.body(pose_odom_base=np.array([1.0, 2.0, 0.5]))
    obstacles.offer(make.scan_of([(1.0, 0.0)]), start)
    ahead = np.array([1.0 + 0.3 * np.cos(0.5), 2.0 + 0.3 * np.sin(0.5), 0.5])
    np.testing.assert_allclose(obstacles.near(ahead), [[0.7, 0.0]], atol=0.02)
    turned = np.array([1.0, 2.0, 0.5 + np.pi / 2])
    np.testing.assert_allclose(obstacles.near(turned), [[0.0, -1.0]], atol=0.02)


def test_a_late_scan_is_placed_where_it_was_taken(obstacles, make):
    body = make.body(0.1, twist_base=np.array([0.5, 0.0]))
    obstacles.offer(make.scan_of([(1.0, 0.0)], stamp=0.0), body)
    np.testing.assert_allclose(obstacles.near(np.zeros(3)), [[0.95, 0.0]], atol=0.01)


BAD = [
    {"ranges": np.full(360, NAN)},
    {"ranges": np.zeros((4, 4))},
    {"ranges": np.zeros(0)},
    {"ranges": None},
    {"angle_increment": NAN},
    {"range_max": NAN},
    {"range_min": np.inf},
    {"pose_base_laser": np.array([NAN, 0.0, 0.0])},
    {"pose_base_laser": np.zeros(2)},
    {"stamp": 0.0},
    {"stamp": NAN},
]


@pytest.mark.parametrize("change", BAD, ids=lambda c: next(iter(c)))
def test_bad_scans_are_refused_and_the_last_one_goes_stale(obstacles, make, change):
    assert obstacles.offer(make.scan(0.0), make.body())
    bad = dataclasses.replace(make.scan(0.1), **change)
    assert not obstacles.offer(bad, make.body())
    assert obstacles.refused == 1 and obstacles.reason
    levels = [obstacles.judge(0.0).level for _ in range(600)]
    held = levels.index(ReflexLevel.HOLD)
    assert abs(held - CONFIG.lidar_timeout_s / 1e-3) <= 2


@pytest.mark.parametrize("size", [8, 360, 720])
def test_a_refused_scan_of_any_size_leaves_the_points_of_the_last_one(
    obstacles, make, size
):
    assert obstacles.offer(make.scan_of([(1.0, 0.0)]), make.body())
    before = obstacles.near(np.zeros(3)).copy()
    assert before.size
    assert not obstacles.offer(make.scan(0.1, np.full(size, NAN)), make.body())
    np.testing.assert_array_equal(obstacles.near(np.zeros(3)), before)


def test_no_scan_at_all_holds_only_where_a_lidar_is_required(make):
    assert Obstacles(CONFIG, 2.5, 1e-3).judge(0.0).level == ReflexLevel.HOLD
    without = Obstacles(GuardConfig(lidar_required=False), 2.5, 1e-3)
    assert without.judge(0.0).level == ReflexLevel.NOMINAL


def test_a_scan_before_any_body_state_is_taken_at_the_origin(obstacles, make):
    assert obstacles.offer(make.scan_of([(1.0, 0.0)]), None)
    np.testing.assert_allclose(obstacles.near(np.zeros(3)), [[1.0, 0.0]], atol=1e-9)


def test_a_scan_from_the_future_is_refused(obstacles, make):
    assert obstacles.offer(make.scan(0.04), make.body(), 0.0)  # within `future_s`
    assert not obstacles.offer(make.scan(0.2), make.body(), 0.1)
    assert obstacles.reason == "from the future"
    assert not obstacles.offer(make.scan(1e9), make.body(), 0.1)
    assert obstacles.offer(make.scan(0.2), make.body(), 0.2)
    assert obstacles.refused == 2


def test_before_a_time_is_known_a_scan_is_taken(obstacles, make):
    assert obstacles.offer(make.scan(1e9), None)


FROZEN = GuardConfig(lidar_frozen_scans=3)
DRIVES = {"twist_base": np.array([0.3, 0.0])}


def offer(obstacles, make, ticks, points=((1.0, 0.0),), **body):
    """Which of the scans, all alike, are taken."""
    taken = []
    for tick in ticks:
        scan = make.scan_of(points, stamp=0.1 * tick)
        taken.append(obstacles.offer(scan, make.body(0.1 * tick, **body)))
    return taken


def test_a_lidar_that_repeats_itself_on_the_way_is_refused_until_it_changes(make):
    obstacles = Obstacles(FROZEN, 2.5, 1e-3)
    taken = offer(obstacles, make, range(6), **DRIVES)
    assert taken == [True, True, True, False, False, False]
    assert obstacles.reason == "frozen"
    assert not any(offer(obstacles, make, range(6, 12)))  # standing heals nothing
    assert offer(obstacles, make, [12], [(1.1, 0.0)], **DRIVES) == [True]


def test_a_robot_that_stands_or_sees_nothing_may_get_the_same_scan_for_ever(make):
    obstacles = Obstacles(FROZEN, 2.5, 1e-3)
    assert all(offer(obstacles, make, range(20)))
    assert all(offer(obstacles, make, range(20, 40), (), **DRIVES))


def test_nobody_looks_for_frozen_lidars_unless_asked(obstacles, make):
    assert all(offer(obstacles, make, range(20), **DRIVES))


TWO = GuardConfig(lidars=2)


def two(make, first=0.0, second=0.0):
    """Two lidars, one sees something ahead, the other one behind."""
    obstacles = Obstacles(TWO, 2.5, 1e-3)
    assert obstacles.offer(make.scan_of([(1.0, 0.0)], first), None, lidar=0)
    assert obstacles.offer(make.scan_of([(-0.8, 0.0)], second), None, lidar=1)
    return obstacles


def test_points_of_all_lidars_count(make):
    obstacles = two(make)
    points = obstacles.near(np.zeros(3))
    np.testing.assert_allclose(sorted(points[:, 0]), [-0.8, 1.0], atol=0.02)
    assert len(obstacles.near(np.zeros(3), 0.9)) == 1
    more = make.scan(1.0, np.full(720, 1.5))  # memory grows with the scans
    assert obstacles.offer(more, None, lidar=1)
    assert len(obstacles.near(np.zeros(3))) == 721


def test_every_lidar_must_have_come(make):
    obstacles = Obstacles(TWO, 2.5, 1e-3)
    assert obstacles.offer(make.scan_of([(1.0, 0.0)], 0.0), None, lidar=0)
    cause = obstacles.judge(0.01)
    assert cause.level is ReflexLevel.HOLD and cause.name == "no scan 1 yet"
    assert obstacles.offer(make.scan_of([(1.0, 0.0)], 0.0), None, lidar=1)
    assert obstacles.judge(0.02).level is ReflexLevel.NOMINAL


@pytest.mark.parametrize("silent", [0, 1])
@pytest.mark.parametrize("clock", [1.0, 0.0])
def test_one_silent_lidar_is_enough_to_hold(make, silent, clock):
    """By its stamp, and by ticks where the clock stands still."""
    obstacles, talks, ends = two(make), 1 - silent, []
    for tick in range(1, 1000):
        if tick % 100 == 0:
            scan = make.scan_of([(1.0, 0.0)], 1e-6 * tick + clock * 1e-3 * tick)
            assert obstacles.offer(scan, None, lidar=talks)
        if obstacles.judge(clock * 1e-3 * tick).level is ReflexLevel.HOLD:
            ends.append(tick)
    assert 499 <= ends[0] <= 502 and len(ends) == 1000 - ends[0]
    assert obstacles.judge(clock).name == f"scan {silent} stale"
    assert obstacles.offer(make.scan_of([(1.0, 0.0)], 2.0), None, lidar=silent)
    assert obstacles.judge(clock).level is ReflexLevel.NOMINAL


@pytest.mark.parametrize("lidar", [-1, 2, None, "scan"])
def test_a_lidar_that_is_not_there_is_refused(make, lidar):
    obstacles = two(make)
    assert not obstacles.offer(make.scan(1.0), None, lidar=lidar)
    assert obstacles.reason == "no such lidar" and obstacles.refused == 1
