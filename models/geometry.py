"""Planar poses, rotations and rigid transforms (REP 103 axes, angles in rad).

A planar pose is an array (3,) of x [m], y [m], yaw [rad]; `pose_a_b` is the pose
of frame b in frame a. `T_a_b` is the same as a (4, 4) matrix: p_a = T_a_b @ p_b.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEVEL = 0.7
"""Upward part of a unit normal from which a surface counts as level."""


def wrap(angle: float) -> float:
    """The same angle in [-pi, pi) [rad]."""
    return float((angle + np.pi) % (2.0 * np.pi) - np.pi)


def compose2(pose_a_b: Array, pose_b_c: Array) -> Array:
    """Chain two planar poses: returns pose_a_c (3,)."""
    c, s = np.cos(pose_a_b[2]), np.sin(pose_a_b[2])
    x, y = pose_b_c[0], pose_b_c[1]
    return np.array(
        [
            pose_a_b[0] + c * x - s * y,
            pose_a_b[1] + s * x + c * y,
            wrap(pose_a_b[2] + pose_b_c[2]),
        ]
    )


def inverse2(pose_a_b: Array) -> Array:
    """Invert a planar pose: returns pose_b_a (3,)."""
    c, s = np.cos(pose_a_b[2]), np.sin(pose_a_b[2])
    x, y = pose_a_b[0], pose_a_b[1]
    return np.array([-c * x - s * y, s * x - c * y, wrap(-pose_a_b[2])])


def transform2(pose_a_b: Array, points_b: Array) -> Array:
    """Move points (n, 2) [m] from frame b to frame a; returns (n, 2)."""
    c, s = np.cos(pose_a_b[2]), np.sin(pose_a_b[2])
    return points_b @ np.array([[c, s], [-s, c]]) + pose_a_b[:2]


def finite_rows(points: Array) -> Array:
    """Points (n, 2) without those that hold NaN or infinity."""
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return points[np.all(np.isfinite(points), axis=1)]


def move_spots(pose_a_b: Array, spots_b: Array) -> Array:
    """Move points with normals (k, 6) from frame b to frame a; z stays."""
    moved = np.array(spots_b, dtype=np.float64)
    moved[:, :2] = transform2(pose_a_b, moved[:, :2])
    turn = np.array([0.0, 0.0, pose_a_b[2]])
    moved[:, 3:5] = transform2(turn, moved[:, 3:5])
    return moved


def matrix_from_pose2(pose: Array, z: float = 0.0) -> Array:
    """The (4, 4) transform of a planar pose at height z [m]."""
    c, s = np.cos(pose[2]), np.sin(pose[2])
    T = np.eye(4)
    T[:2, :2] = [[c, -s], [s, c]]
    T[:3, 3] = [pose[0], pose[1], z]
    return T


def pose2_from_matrix(T: Array) -> Array:
    """The planar part (3,) of a (4, 4) transform."""
    return np.array([T[0, 3], T[1, 3], np.arctan2(T[1, 0], T[0, 0])])


def transform3(T_a_b: Array, points_b: Array) -> Array:
    """Move points (n, 3) [m] from frame b to frame a; returns (n, 3)."""
    return points_b @ T_a_b[:3, :3].T + T_a_b[:3, 3]


def inverse3(T_a_b: Array) -> Array:
    """Invert a rigid (4, 4) transform."""
    T = np.eye(4)
    T[:3, :3] = T_a_b[:3, :3].T
    T[:3, 3] = -T_a_b[:3, :3].T @ T_a_b[:3, 3]
    return T


def rotation_error(R_target: Array, R: Array) -> Array:
    """Rotation vector (3,) [rad] that turns R into R_target, in the outer frame.

    For angles up to pi / 2 this is the cross-product form; beyond it the vector is
    scaled by the true angle so that the error never vanishes at pi.
    """
    e = 0.5 * (
        np.cross(R[:, 0], R_target[:, 0])
        + np.cross(R[:, 1], R_target[:, 1])
        + np.cross(R[:, 2], R_target[:, 2])
    )
    sine = float(np.linalg.norm(e))
    cosine = 0.5 * (float(np.sum(R * R_target)) - 1.0)
    if sine < 1e-9:
        return e if cosine > 0.0 else np.array([np.pi, 0.0, 0.0])
    return e * (np.arctan2(sine, cosine) / sine)


def rotation_from_rpy(roll: float, pitch: float, yaw: float) -> Array:
    """Rotation (3, 3) of fixed-axis roll, pitch, yaw [rad] (REP 103)."""
    cr, sr, cp, sp = np.cos(roll), np.sin(roll), np.cos(pitch), np.sin(pitch)
    cy, sy = np.cos(yaw), np.sin(yaw)
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def quat_xyzw_from_matrix(R: Array) -> Array:
    """Unit quaternion (4,), order x y z w, of a rotation (3, 3)."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_matrix(R).as_quat())


def matrix_from_quat_xyzw(quat_xyzw: Array) -> Array:
    """Rotation (3, 3) of a quaternion (4,), order x y z w; need not be normalised."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_quat(quat_xyzw).as_matrix())
