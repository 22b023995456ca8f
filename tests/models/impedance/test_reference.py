"""The anchor moves at a limited speed, straight, and arrives exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.geometry import rotation_from_rpy
from neural_brain.models.impedance import (
    CartesianReference,
    ImpedanceConfig,
    JointReference,
)
from neural_brain.models.impedance.reference import (
    rotation_from_vector,
    rotation_vector,
)

CONFIG = ImpedanceConfig()


@given(st.lists(st.floats(-1.8, 1.8), min_size=3, max_size=3))
def test_rotation_vector_inverts_the_rotation(values):
    vector = np.array(values)
    if np.linalg.norm(vector) > 3.1:
        vector *= 3.1 / np.linalg.norm(vector)
    back = np.array(rotation_vector(rotation_from_vector(vector)))
    np.testing.assert_allclose(back, vector, atol=1e-6)


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0.8, 0)])
def test_half_a_turn_is_not_taken_for_none(axis):
    R = rotation_from_vector(np.pi * np.array(axis, dtype=float))
    back = np.array(rotation_vector(R))
    assert np.linalg.norm(back) == pytest.approx(np.pi, abs=1e-6)
    np.testing.assert_allclose(rotation_from_vector(back), R, atol=1e-6)


def pose(x, y, z, *rpy):
    T = np.eye(4)
    T[:3, 3] = x, y, z
    T[:3, :3] = rotation_from_rpy(*rpy)
    return T


def test_a_jump_becomes_a_straight_motion_at_the_speed_limit():
    anchor = CartesianReference(CONFIG)
    goal = pose(0.5, 0.0, 0.3, 0.4, -0.2, 1.0)
    anchor.reset(np.eye(4))
    anchor.aim(goal)
    last, ticks = anchor.position.copy(), 0
    while anchor.moving:
        anchor.step(1.0)
        ticks += 1
        step = anchor.position - last
        assert np.linalg.norm(step) <= CONFIG.speed_m_s * CONFIG.tick_s + 1e-9
        assert abs(np.cross(anchor.position, goal[:3, 3])).max() < 1e-9
        last = anchor.position.copy()
    np.testing.assert_array_equal(anchor.position, goal[:3, 3])
    np.testing.assert_array_equal(anchor.rotation, goal[:3, :3])
    assert ticks == pytest.approx(np.hypot(0.5, 0.3) / CONFIG.speed_m_s * 1000, abs=2)


def test_a_stream_of_targets_is_interpolated():
    anchor = CartesianReference(CONFIG)
    anchor.reset(np.eye(4))
    steps = []
    for tick in range(500):
        if tick % 50 == 0:
            anchor.aim(pose(0.005 * (tick // 50 + 1), 0, 0, 0, 0, 0))
        before = anchor.position[0]
        anchor.step(1.0)
        steps.append(anchor.position[0] - before)
    np.testing.assert_allclose(steps, 0.1e-3, rtol=1e-6)


@pytest.mark.parametrize("opening", [0.0, 0.25, 0.5, 1.0])
def test_an_emptying_tank_slows_the_anchor(opening):
    anchor = CartesianReference(CONFIG)
    anchor.reset(np.eye(4))
    anchor.aim(pose(0.4, 0, 0, 0, 0, 0))
    for _ in range(400):
        anchor.step(opening)
    assert anchor.position[0] == pytest.approx(
        0.4 * CONFIG.speed_m_s * opening, abs=1e-3
    )


def test_joints_arrive_together_within_their_speed_limits():
    dq_max = np.array([2.0, 2.0, 1.0])
    anchor = JointReference(CONFIG, dq_max)
    anchor.reset(np.zeros(3))
    goal = np.array([1.0, -0.2, 0.4])
    anchor.aim(goal)
    while anchor.moving:
        before = anchor.q.copy()
        anchor.step(1.0)
        speed = np.abs(anchor.q - before) / CONFIG.tick_s
        assert (speed <= CONFIG.joint_speed_share * dq_max + 1e-6).all()
        np.testing.assert_allclose(anchor.q / goal, anchor.q[0] / goal[0], atol=1e-9)
    np.testing.assert_array_equal(anchor.q, goal)
