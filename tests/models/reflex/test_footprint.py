"""A rectangular base is stopped and turned without touching, and without getting stuck.

The rectangle's true distance from the points is what counts.
"""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neural_brain.models.reflex import BaseConfig
from neural_brain.models.reflex.base_guard import BaseGuard
from neural_brain.models.reflex.clearance import free_time
from neural_brain.models.signals import ReflexLevel

LONG, WIDE, CENTRE = 0.9, 0.5, 0.1
BOX = np.array([CENTRE - LONG / 2, CENTRE + LONG / 2, -WIDE / 2, WIDE / 2])
CORNER_M = math.hypot(LONG / 2 + CENTRE, WIDE / 2)
FOLDED = np.array([0.2, 0.0])


def beside(points):
    """How far points (k, 2) of `base_link` are outside the rectangle [m]; < 0 in it."""
    apart = np.abs(points - (CENTRE, 0.0)) - (0.5 * LONG, 0.5 * WIDE)
    outside = np.hypot(*np.maximum(apart, 0.0).T)
    return np.where(outside > 0.0, outside, apart.max(axis=1))


def stepped(point, v, w, grow, dt=0.004, longest=4.0):
    """Time until a point is inside the grown box, by small steps."""
    x = y = yaw = 0.0
    for i in range(int(longest / dt)):
        c, s = math.cos(yaw), math.sin(yaw)
        px, py = point[0] - x, point[1] - y
        ahead, aside = c * px + s * py, c * py - s * px
        inside = BOX[0] - grow < ahead < BOX[1] + grow
        if inside and BOX[2] - grow < aside < BOX[3] + grow:
            return i * dt
        x, y, yaw = x + dt * v * c, y + dt * v * s, yaw + dt * w
    return math.inf


near, speed, turn = st.floats(-1.5, 1.5), st.floats(-0.7, 0.7), st.floats(-1.5, 1.5)


@given(near, near, speed, turn)
def test_the_free_time_agrees_with_stepping(x, y, v, w):
    assume(beside(np.array([[x, y]]))[0] > 0.02)
    exact = free_time(np.array([[x, y]]), v, w, BOX)
    deep, shallow = (stepped((x, y), v, w, grow) for grow in (-0.006, 0.006))
    if exact > 3.9:
        assert deep > 3.8
    else:
        assert shallow - 0.1 <= exact <= deep + 0.1


@given(speed, turn, st.floats(-0.3, 0.5), st.floats(0.001, 0.03))
def test_inside_only_what_goes_deeper_is_blocked(v, w, x, gap):
    """A point that lies just inside the left side."""
    assume(abs(v) + abs(w) > 0.05)
    point = np.array([x, BOX[3] - gap])
    path, depths, way = point.copy(), [], 0.0
    while way < 1.5 and len(depths) < 8000:  # 20 s, by small steps
        u = np.array([-v + w * path[1], -w * path[0]])
        path = path + 0.0025 * u
        way += 0.0025 * float(np.hypot(*u))
        depths.append(np.r_[path - BOX[[0, 2]], BOX[[1, 3]] - path].min())
    out = next((i for i, depth in enumerate(depths) if depth <= 0.0), len(depths))
    free = free_time(point[None], v, w, BOX) > 0.0
    if max(depths[: out + 1]) > gap + 0.02:
        assert not free
    elif max(depths) < gap + 0.003:
        assert free


@pytest.fixture
def guard(make):
    limits = dataclasses.replace(make.LIMITS, radius_m=CORNER_M, footprint=BOX)
    return BaseGuard(BaseConfig(), limits, 1e-3)


def drive(guard, v, w, world, ticks=6000, latency=50, *, noise_m=0.0):
    """Path of the base, and the least distance of a point from the rectangle [m]."""
    x = y = yaw = 0.0
    rng = np.random.default_rng(0)
    queue, path, least = [(0.0, 0.0)] * latency, [], math.inf
    for _ in range(ticks):
        c, s = math.cos(yaw), math.sin(yaw)
        points = (world - (x, y)) @ np.array([[c, -s], [s, c]])
        least = min(least, beside(points).min())
        if guard.needs_look(v, w):
            near_by = np.hypot(*points.T) < guard.matters_m(FOLDED)
            seen = points[near_by]
            guard.look(v, w, seen + rng.normal(0.0, noise_m, seen.shape), FOLDED)
        queue.append(guard.limit(v, w, 1.0))
        speed, turned = queue.pop(0)
        x += 1e-3 * speed * c
        y += 1e-3 * speed * s
        yaw += 1e-3 * turned
        path.append((x, y, yaw))
    return np.array(path), least


def post(x, y):
    return np.array([[x, y]])


def test_turning_on_the_spot_stops_before_a_corner_hits(guard):
    """Nav2's collision monitor once let this through (issue 3171)."""
    path, least = drive(guard, 0.0, 1.0, post(0.45, 0.4))
    assert 0.0 < least < 0.1 and 0.0 < path[-1, 2] < 1.0
    assert guard.cause.level is ReflexLevel.SLOW
    back, _ = drive(guard, 0.0, -1.0, post(0.35, 0.4), ticks=1500)
    assert back[-1, 2] < -0.5


def test_turning_is_free_where_no_corner_comes(guard):
    path, _ = drive(guard, 0.0, 1.0, post(0.0, 0.75))
    assert path[-1, 2] > 5.0


def test_it_fits_through_a_door_that_a_circle_around_it_does_not(guard, make):
    frame = np.linspace(0.36, 1.5, 60)
    door = np.stack([np.full(120, 1.2), np.r_[frame, -frame]], axis=1)
    path, least = drive(guard, 0.3, 0.0, door, ticks=12_000)
    assert path[-1, 0] > 2.0 and least > 0.05
    round_ = BaseGuard(
        BaseConfig(), dataclasses.replace(make.LIMITS, radius_m=0.6), 1e-3
    )
    assert drive(round_, 0.3, 0.0, door, ticks=12_000)[0][-1, 0] < 0.9


@pytest.mark.parametrize(("v", "w"), [(0.6, 0.0), (0.4, 0.6), (-0.5, 0.4), (0.1, 1.2)])
def test_whatever_it_does_among_posts_it_touches_none(guard, v, w):
    rng = np.random.default_rng(3)
    for _ in range(4):
        posts = rng.uniform(-2.5, 2.5, (40, 2))
        posts = posts[beside(posts) > 0.06]
        _, least = drive(guard, v, w, posts, ticks=4000)
        assert least > 0.0
        guard.twist = (0.0, 0.0)


@pytest.mark.parametrize("seed", range(6))
def test_changing_its_mind_among_posts_it_touches_none(guard, seed):
    """Legs of a second each, reversals and turns among them, one after the other."""
    rng = np.random.default_rng(seed)
    posts = rng.uniform(-2.5, 2.5, (60, 2))
    world = posts[beside(posts) > 0.06]
    for _ in range(25):
        v, w = rng.choice([-0.6, -0.2, 0.0, 0.3, 0.7]), rng.uniform(-1.5, 1.5)
        path, least = drive(guard, v, w, world, ticks=1000, latency=30)
        assert least > 0.0
        x, y, yaw = path[-1]
        c, s = math.cos(yaw), math.sin(yaw)
        world = (world - (x, y)) @ np.array([[c, -s], [s, c]])


@pytest.mark.parametrize("gap", [0.02, 0.03, 0.05, 0.06, 0.08])
@pytest.mark.parametrize("side", [1, -1])
def test_beside_a_wall_it_can_drive_on_and_leave(guard, gap, side):
    """Its lidar is noisy; with less than the margin left it halts now and then."""
    along = np.linspace(-4, 4, 200)
    wall = np.stack([along, np.full(200, side * (WIDE / 2 + gap))], axis=1)
    path, least = drive(guard, 0.3, 0.0, wall, ticks=8000, noise_m=0.004)
    assert path[-1, 0] > 0.6 and least >= gap - 0.001
    guard.twist = (0.0, 0.0)
    path, least = drive(guard, 0.0, -0.5 * side, wall, ticks=4000)
    assert least > min(gap, BaseConfig().stop_margin_m) - 0.006  # its rear swings out
    guard.twist = (0.0, 0.0)
    path, least = drive(guard, -0.3, 0.0, wall, ticks=8000, noise_m=0.004)
    assert path[-1, 0] < -0.6 and least >= gap - 0.001


@pytest.mark.parametrize("post_at", [(0.477, 0.265), (0.45, 0.26), (0.53, 0.27)])
def test_leaving_what_is_very_near_does_not_touch_it(guard, post_at):
    for v, w in ((-0.65, 0.48), (-0.65, -0.48), (-0.3, 1.2), (0.3, -0.8), (0.0, 1.0)):
        guard.twist = (0.0, 0.0)
        _, least = drive(guard, v, w, post(*post_at), ticks=2000)
        assert least > min(beside(post(*post_at))[0] - 0.006, 0.005)


def test_what_it_was_stopped_for_does_not_bind_what_is_asked_next(guard):
    before, _ = drive(guard, 0.0, 0.5, post(0.0, 0.4), ticks=1000)
    c, s = math.cos(before[-1, 2]), math.sin(before[-1, 2])
    world = post(0.0, 0.4) @ np.array([[c, -s], [s, c]])
    path, least = drive(guard, 0.4, 0.1, world, ticks=8000)
    assert least > 0.0 and np.hypot(*path[-1, :2]) > 1.0
