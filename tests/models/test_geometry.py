"""Group laws of poses and rotations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.geometry import (
    compose2,
    inverse2,
    inverse3,
    matrix_from_pose2,
    matrix_from_quat_xyzw,
    pose2_from_matrix,
    quat_xyzw_from_matrix,
    rotation_error,
    rotation_from_rpy,
    transform2,
    transform3,
    wrap,
)

length = st.floats(-50.0, 50.0)
angle = st.floats(-np.pi, np.pi)
poses = st.tuples(length, length, angle).map(np.array)


def same(a, b):
    assert np.allclose(a[:2], b[:2], atol=1e-9)
    assert abs(wrap(a[2] - b[2])) < 1e-9


@given(poses, poses, poses)
def test_composition_is_associative(a, b, c):
    same(compose2(compose2(a, b), c), compose2(a, compose2(b, c)))


@given(poses)
def test_inverse_undoes(a):
    same(compose2(a, inverse2(a)), np.zeros(3))
    same(pose2_from_matrix(inverse3(matrix_from_pose2(a))), inverse2(a))


@given(poses, poses)
def test_points_follow_the_composition(a, b):
    points = np.array([[1.0, 2.0], [-3.0, 0.5]])
    once = transform2(compose2(a, b), points)
    assert np.allclose(once, transform2(a, transform2(b, points)), atol=1e-9)
    space = np.column_stack([points, [0.1, 0.2]])
    assert np.allclose(
        transform3(matrix_from_pose2(a), space)[:, :2], transform2(a, points)
    )


@given(st.tuples(angle, st.floats(-1.5, 1.5), angle))
def test_rotation_error_turns_one_into_the_other(rpy):
    from scipy.spatial.transform import Rotation

    R = rotation_from_rpy(0.3, -0.2, 0.1)
    target = rotation_from_rpy(*rpy)
    turned = Rotation.from_rotvec(rotation_error(target, R)).as_matrix() @ R
    assert np.allclose(turned, target, atol=1e-6)


def test_rotation_error_does_not_vanish_at_half_a_turn():
    error = rotation_error(rotation_from_rpy(np.pi, 0.0, 0.0), np.eye(3))
    assert np.linalg.norm(error) == pytest.approx(np.pi)


@given(st.tuples(angle, st.floats(-1.5, 1.5), angle))
def test_quaternion_round_trip(rpy):
    R = rotation_from_rpy(*rpy)
    assert np.allclose(matrix_from_quat_xyzw(quat_xyzw_from_matrix(R)), R, atol=1e-9)
