"""The base: stops before obstacles, leaves danger, backs off from bumps."""

import dataclasses
import math

import numpy as np
import pytest

from neural_brain.models.reflex import BaseConfig, GuardConfig
from neural_brain.models.reflex.base_guard import BaseGuard
from neural_brain.models.reflex.lidar import looks
from neural_brain.models.reflex.obstacles import Obstacles
from neural_brain.models.signals import ReflexLevel

CONFIG = BaseConfig()
FOLDED = np.array([0.2, 0.0])
WALL_M = 2.0


@pytest.fixture
def guard(make):
    return BaseGuard(CONFIG, make.LIMITS, 1e-3)


def drive(guard, v, w, world, *, x=0.0, tip=FOLDED, ticks=6000, latency=50):
    """Drive in a world of points with delayed actuation; the path of x and yaw."""
    y = yaw = 0.0
    queue, path = [(0.0, 0.0)] * latency, []
    for _ in range(ticks):
        if guard.needs_look(v, w):
            c, s = math.cos(yaw), math.sin(yaw)
            points = (world - (x, y)) @ np.array([[c, -s], [s, c]])
            guard.look(v, w, points, tip)
        queue.append(guard.limit(v, w, 1.0))
        speed, turn = queue.pop(0)
        x += 1e-3 * speed * math.cos(yaw)
        y += 1e-3 * speed * math.sin(yaw)
        yaw += 1e-3 * turn
        path.append((x, y, yaw))
    return np.array(path)


WALL = np.stack([np.full(81, WALL_M), np.linspace(-2, 2, 81)], axis=1)


@pytest.mark.parametrize("speed", [0.1, 0.3, 0.7, 5.0])
def test_it_stops_before_a_wall(guard, make, speed):
    path = drive(guard, speed, 0.0, WALL, ticks=30_000 if speed < 0.3 else 9000)
    gap = WALL_M - path[:, 0].max() - make.LIMITS.radius_m
    assert 0.0 < gap < 0.1
    assert guard.cause.level == ReflexLevel.SLOW or speed < 0.3


def test_it_stops_for_an_obstacle_that_appears_in_the_braking_distance(guard, make):
    drive(guard, 0.6, 0.0, np.zeros((0, 2)), ticks=1000)
    away = make.LIMITS.radius_m + CONFIG.stop_margin_m + 0.6**2 / 2 + 0.6 * 0.06
    path = drive(guard, 0.6, 0.0, np.array([[away, 0.0]]), ticks=2000)
    assert path[:, 0].max() < away - make.LIMITS.radius_m


def test_a_curve_is_judged_along_the_curve(guard, make):
    post = np.array([[0.8, 0.8]])
    path = drive(guard, 0.4, 0.5, post, ticks=6000)
    gaps = np.hypot(*(path[:, :2] - post[0]).T)
    assert gaps.min() > make.LIMITS.radius_m
    straight = BaseGuard(CONFIG, make.LIMITS, 1e-3)
    assert drive(straight, 0.4, 0.0, post, ticks=6000)[-1, 0] > 2.0


def test_inside_the_stop_zone_it_can_leave_and_not_go_deeper(make):
    close = np.array([[0.29, 0.0]])
    deeper = BaseGuard(CONFIG, make.LIMITS, 1e-3)
    assert drive(deeper, 0.3, 0.0, close, ticks=2000)[-1, 0] == 0.0
    leave = BaseGuard(CONFIG, make.LIMITS, 1e-3)
    assert drive(leave, -0.3, 0.0, close, ticks=2000)[-1, 0] < -0.3
    turn = BaseGuard(CONFIG, make.LIMITS, 1e-3)
    assert drive(turn, 0.0, 1.0, close, ticks=2000)[-1, 2] > 1.0


def test_a_short_range_limits_the_speed_and_says_so(guard, make):
    guard.sees(make.LIMITS.radius_m + CONFIG.stop_margin_m + 0.2, 5.0)
    path = drive(guard, 0.6, 0.0, np.zeros((0, 2)), ticks=3000)
    speed = (path[-1, 0] - path[-2, 0]) / 1e-3
    assert 0.2 < speed < 0.35 and guard.cause.name == "out of the lidar's sight"
    drive(guard, 0.6, 0.0, np.array([[0.4, 0.0]]), ticks=2000)
    assert guard.cause.name == "obstacle"


def test_it_backs_up_slowly_where_no_lidar_looks(guard, make):
    obstacles = Obstacles(GuardConfig(), 2.5, 1e-3)
    front = dataclasses.replace(
        make.scan(0.0, np.full(270, np.inf)),
        angle_min=-0.75 * np.pi,
        angle_increment=np.pi / 180,
    )
    assert obstacles.offer(front, None) and obstacles.sight == (10.0, 0.0)
    guard.sees(*obstacles.sight)
    back = drive(guard, -0.6, 0.0, np.zeros((0, 2)), ticks=3000)
    assert back[-1, 0] - back[-1001, 0] == pytest.approx(-CONFIG.blind_m_s)
    assert guard.cause.name == "out of the lidar's sight"
    ahead = drive(guard, 0.6, 0.0, np.zeros((0, 2)), ticks=3000)
    assert ahead[-1, 0] - ahead[-1001, 0] == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("yaw", "first", "between", "ahead", "behind"),
    [
        (0.0, -1.0, 0.01, True, False),  # 2 rad to the front
        (np.pi, -1.0, 0.01, False, True),  # the same, mounted backwards
        (np.pi, 1.0, -0.01, False, True),  # and upside down
        (0.0, 0.1, 0.02, False, True),
        (-3.1, 0.0, 2 * np.pi / 200, True, True),
        (0.0, -np.pi, 2 * np.pi / 200, True, True),
        (0.0, 0.5, 0.01, False, False),
    ],
)
def test_where_a_lidar_looks(make, yaw, first, between, ahead, behind):
    scan = dataclasses.replace(
        make.scan(0.0, np.ones(200)),
        angle_min=first,
        angle_increment=between,
        pose_base_laser=np.array([0.1, 0.0, yaw]),
    )
    sees = [looks(scan, scan.ranges, angle) for angle in (0.0, math.pi)]
    assert sees == [ahead, behind]


def test_a_lidar_that_measures_nothing_behind_does_not_look_there(make):
    ranges = np.full(360, np.inf)
    ranges[:60] = ranges[300:] = np.nan  # 120 degrees hidden by the robot
    obstacles = Obstacles(GuardConfig(), 2.5, 1e-3)
    assert obstacles.offer(make.scan(0.0, ranges), None)
    assert obstacles.sight == (10.0, 0.0)
    for range_m in (np.inf, np.nan):
        odd = dataclasses.replace(make.scan(1.0), range_max=range_m)
        assert not obstacles.offer(odd, None)


def test_the_stretched_arm_is_not_turned_into_an_obstacle(guard):
    post = np.array([[0.0, 0.7]])
    tip = np.array([0.8, 0.0])
    path = drive(guard, 0.0, 1.0, post, tip=tip, ticks=5000)
    assert path[-1, 2] < math.pi / 2 - 0.05
    assert path[-1, 2] > 1.0
    free = drive(guard, 0.0, -1.0, post, tip=tip, ticks=2000)
    assert free[-1, 2] < -1.0


def test_more_obstacles_never_make_it_faster(make):
    rng = np.random.default_rng(0)
    for _ in range(200):
        points = rng.uniform(-2, 2, (rng.integers(1, 30), 2))
        v, w = rng.uniform(-0.7, 0.7), rng.uniform(-1.5, 1.5)
        few, many = (BaseGuard(CONFIG, make.LIMITS, 1e-3) for _ in range(2))
        few.look(v, w, points[: len(points) // 2], FOLDED)
        many.look(v, w, points, FOLDED)
        for _ in range(700):
            slow, fast = many.limit(v, w, 1.0), few.limit(v, w, 1.0)
        assert abs(slow[0]) <= abs(fast[0]) + 1e-12


def test_speed_and_acceleration_are_limited_whatever_is_asked(guard, make):
    rng = np.random.default_rng(1)
    last = (0.0, 0.0)
    for _ in range(2000):
        v, w = rng.choice([-1e308, -1.0, 0.0, 1e-320, 0.4, 1e308], 2)
        twist = guard.limit(v, w, 1.0)
        assert (np.abs(twist) <= make.LIMITS.twist_max).all()
        step = np.abs(np.subtract(twist, last))
        assert (step <= make.LIMITS.accel_max * 1e-3 + 1e-12).all()
        last = twist


def test_a_front_bump_blocks_forward_and_backs_off(guard):
    pressed = np.zeros(8, bool)
    pressed[0] = True
    assert guard.press(pressed).level == ReflexLevel.HOLD
    assert guard.back_off() < 0.0
    for _ in range(300):
        twist = guard.limit(0.5, 0.2, 1.0)
    assert twist == (0.0, pytest.approx(0.2))
    free = np.zeros(8, bool)
    for _ in range(CONFIG.bumper_block_ticks + 2):
        assert guard.press(free).level == ReflexLevel.NOMINAL
    assert guard.back_off() == 0.0
    for _ in range(600):
        twist = guard.limit(0.5, 0.0, 1.0)
    assert twist[0] == pytest.approx(0.5)


def test_a_rear_bump_drives_forward(guard):
    pressed = np.zeros(8, bool)
    pressed[4] = True
    guard.press(pressed)
    assert guard.back_off() > 0.0
