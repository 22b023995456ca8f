"""How far a disc can drive along an arc, against stepping it along."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neural_brain.models.reflex import free_travel, free_turn, speed_for

RADIUS = 0.3


def stepped(point, v, w, radius, ds=0.002, longest=3.0):
    """Arc length until the point is inside the disc, by small steps."""
    x = y = yaw = 0.0
    direction, turn = math.copysign(1.0, v), w / abs(v)
    for i in range(int(longest / ds)):
        if math.hypot(point[0] - x, point[1] - y) < radius:
            return i * ds
        yaw += turn * ds
        x += direction * ds * math.cos(yaw)
        y += direction * ds * math.sin(yaw)
    return math.inf


near = st.floats(-2.0, 2.0)


@given(near, near, st.floats(0.05, 0.7), st.booleans(), st.floats(-1.5, 1.5))
def test_it_agrees_with_stepping(x, y, speed, back, w):
    assume(math.hypot(x, y) > RADIUS + 0.02)
    v = -speed if back else speed
    exact = free_travel(np.array([[x, y]]), v, w, RADIUS)
    slow = min(
        stepped((x, y), v, w, RADIUS - 0.004), stepped((x, y), v, w, RADIUS + 0.004)
    )
    if exact > 2.9:
        assert stepped((x, y), v, w, RADIUS - 0.004) > 2.8
    else:
        assert slow <= exact + 0.05
        assert exact <= stepped((x, y), v, w, RADIUS - 0.004) + 0.05


def test_turning_on_the_spot_is_free_beside_an_obstacle():
    wall = np.array([[0.31, y] for y in np.linspace(-1, 1, 50)])
    assert free_travel(wall, 0.0, 1.0, RADIUS) == math.inf


def test_inside_the_stop_zone_only_leaving_is_free():
    ahead = np.array([[0.25, 0.05]])
    assert free_travel(ahead, 0.2, 0.0, RADIUS) == 0.0
    assert free_travel(ahead, -0.2, 0.0, RADIUS) == math.inf
    behind = np.array([[-0.25, 0.05]])
    assert free_travel(behind, -0.2, 0.0, RADIUS) == 0.0
    assert free_travel(behind, 0.2, 0.0, RADIUS) == math.inf
    beside = np.array([[0.0, 0.29]])
    assert free_travel(beside, 0.2, 0.0, RADIUS) == math.inf


def test_a_stretched_arm_stops_before_an_obstacle_on_its_side():
    tip, post = np.array([0.7, 0.0]), np.array([[0.0, 0.6]])
    left = free_turn(post, 1.0, tip, 0.1)
    assert left == pytest.approx(math.pi / 2 - 0.1 / 0.7, abs=1e-6)
    assert free_turn(post, -1.0, tip, 0.1) == math.inf
    assert free_turn(np.array([[0.0, 0.9]]), 1.0, tip, 0.1) == math.inf


@given(st.floats(0.0, 5.0), st.floats(0.1, 5.0), st.floats(0.0, 0.5))
def test_the_speed_stops_within_the_distance(distance, brake, latency):
    v = speed_for(distance, brake, latency)
    assert v >= 0.0
    assert v * latency + v * v / (2 * brake) <= distance + 1e-9
    assert speed_for(distance, brake, latency + 0.1) <= v
