"""A rectangular base: covered by discs, stopped and turned without touching."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neural_brain.models.reflex import BaseConfig
from neural_brain.models.reflex.base_guard import BaseGuard
from neural_brain.models.reflex.clearance import free_time
from neural_brain.models.reflex.footprint import EXCESS_M, corner_m, rectangle
from neural_brain.models.signals import ReflexLevel

LONG, WIDE, CENTRE = 0.9, 0.5, 0.1
DISCS = rectangle(LONG, WIDE, CENTRE)
FOLDED = np.array([0.2, 0.0])


def beside(points):
    """How far points (k, 2) of `base_link` are outside the rectangle [m]; < 0 in it."""
    apart = np.abs(points - (CENTRE, 0.0)) - (0.5 * LONG, 0.5 * WIDE)
    outside = np.hypot(*np.maximum(apart, 0.0).T)
    return np.where(outside > 0.0, outside, apart.max(axis=1))


@given(st.floats(0.1, 3.0), st.floats(0.1, 3.0), st.floats(-1.0, 1.0))
def test_discs_cover_the_rim_and_little_more(length, width, centre):
    discs = rectangle(length, width, centre)
    u, ones = np.linspace(-0.5, 0.5, 301), np.full(301, 0.5)
    sides = [(u, ones), (u, -ones), (ones, u), (-ones, u)]
    rim = np.concatenate([np.stack(side, axis=1) for side in sides])
    points = rim * (length, width) + (centre, 0.0)
    gaps = np.hypot(*(points[:, None] - discs[:, :2]).transpose(2, 0, 1)) - discs[:, 2]
    assert gaps.min(axis=1).max() <= 1e-9
    reach = np.abs(discs[:, :2] - (centre, 0.0)) + discs[:, 2:]
    assert (reach <= 0.5 * np.array([length, width]) + EXCESS_M + 1e-9).all()
    corners = np.hypot(0.5 * length + abs(centre), 0.5 * width)
    assert corner_m(length, width, centre) == pytest.approx(corners)


def stepped(point, v, w, grow, dt=0.004, longest=4.0):
    """Time until a point is inside a disc of the footprint, by small steps."""
    x = y = yaw = 0.0
    for i in range(int(longest / dt)):
        c, s = math.cos(yaw), math.sin(yaw)
        px, py = point[0] - x, point[1] - y
        here = np.array([c * px + s * py, c * py - s * px])
        if (np.hypot(*(here - DISCS[:, :2]).T) < DISCS[:, 2] + grow).any():
            return i * dt
        x, y, yaw = x + dt * v * c, y + dt * v * s, yaw + dt * w
    return math.inf


near, speed, turn = st.floats(-1.5, 1.5), st.floats(-0.7, 0.7), st.floats(-1.5, 1.5)


@given(near, near, speed, turn)
def test_the_free_time_agrees_with_stepping(x, y, v, w):
    gaps = np.hypot(*(np.array([x, y]) - DISCS[:, :2]).T) - DISCS[:, 2]
    assume(gaps.min() > 0.02)
    exact = free_time(np.array([[x, y]]), v, w, DISCS, 0.0)
    deep, shallow = (stepped((x, y), v, w, grow) for grow in (-0.006, 0.006))
    if exact > 3.9:
        assert deep > 3.8
    else:
        assert shallow - 0.1 <= exact <= deep + 0.1


@pytest.fixture
def guard(make):
    limits = dataclasses.replace(
        make.LIMITS, radius_m=corner_m(LONG, WIDE, CENTRE), footprint=DISCS
    )
    return BaseGuard(BaseConfig(), limits, 1e-3)


def drive(guard, v, w, world, ticks=6000, latency=50):
    """Path of the base, and the least distance of a point from the rectangle [m]."""
    x = y = yaw = 0.0
    queue, path, least = [(0.0, 0.0)] * latency, [], math.inf
    for _ in range(ticks):
        c, s = math.cos(yaw), math.sin(yaw)
        points = (world - (x, y)) @ np.array([[c, -s], [s, c]])
        least = min(least, beside(points).min())
        if guard.needs_look(v, w):
            near_by = np.hypot(*points.T) < guard.matters_m(FOLDED)
            guard.look(v, w, points[near_by], FOLDED)
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
        posts = posts[beside(posts) > 0.15]
        _, least = drive(guard, v, w, posts, ticks=4000)
        assert least > 0.0
        guard.twist = (0.0, 0.0)
