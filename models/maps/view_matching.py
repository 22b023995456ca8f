"""Geometric check: whether the corners of two views agree on one pose, and which.

Two views with depth are laid onto each other in the plane, as the base moves there; a
picture without depth is placed by the points of a view (PnP). Both by RANSAC (Fischler
and Bolles 1981) with a fixed seed, so that the same views give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import (
    Array,
    inverse3,
    transform2,
    wrap,
)
from neural_brain.models.sensing.scene_views import camera_pose
from neural_brain.models.signals import SceneView

RATIO = 0.85  # to the second nearest descriptor (Lowe 2004)
FARTHEST_BITS = 64
TRIES = 300
SLACK_M, SLACK_SHARE = 0.08, 0.03  # of agreeing points, and more with the distance
LEAST_APART_M = 0.3  # two points that fix a pose
SPOT_M = 0.25  # agreeing corners so near to each other say the same
FEWEST = 4
PIXEL = 0.02  # error of a ray that agrees
HEIGHTS_M = (0.05, 3.0)  # where a picture may have been taken from


@dataclass(frozen=True, kw_only=True)
class ViewFit:
    """How one view lies beside another.

    Attributes:
        pose: of the second view in the frame of the first (3,): of its base, or of the
            camera on the ground when it is a picture.
        spots: places in space whose corners agree; the more, the surer.
    """

    pose: Array
    spots: int


def fit_views(first: SceneView, second: SceneView) -> ViewFit | None:
    """The pose of the second view, or None when too little agrees.

    Args:
        first: a view with depth.
        second: a view with depth, or a picture.
    """
    a, b = _pairs(first.codes, second.codes)
    if len(a) < FEWEST:
        return None
    near = first.points[a].astype(np.float64)
    if len(second.points):
        return _fit_in_plane(near, second.points[b].astype(np.float64))
    return _fit_picture(near, second.rays[b].astype(np.float64))


def _pairs(
    first: NDArray[np.uint8], second: NDArray[np.uint8]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of descriptors that are each other's nearest, and clearly so."""
    nothing = np.zeros(0, np.intp)
    if min(len(first), len(second)) < 2:
        return nothing, nothing
    bits = [
        np.unpackbits(codes, axis=1).astype(np.float32) for codes in (first, second)
    ]
    ones = [b.sum(axis=1) for b in bits]
    gap = ones[0][:, None] + ones[1] - 2.0 * bits[0] @ bits[1].T
    nearest = gap.argmin(axis=1)
    two = np.partition(gap, 1, axis=1)[:, :2]
    clear = (two[:, 0] < RATIO * two[:, 1]) & (two[:, 0] <= FARTHEST_BITS)
    mutual = gap.argmin(axis=0)[nearest] == np.arange(len(first))
    a = np.flatnonzero(clear & mutual)
    return a, nearest[a]


def _fit_in_plane(a: Array, b: Array) -> ViewFit | None:
    """Pose of frame b in frame a from pairs of points (n, 3) [m] of both."""
    slack = SLACK_M + SLACK_SHARE * np.maximum(*(np.hypot(*p.T[:2]) for p in (a, b)))
    level = np.abs(a[:, 2] - b[:, 2]) < slack
    a, b, slack = a[level], b[level], slack[level]
    if len(a) < FEWEST:
        return None
    poses = _guesses(a[:, :2], b[:, :2], slack)
    if not len(poses):
        return None
    c, s = np.cos(poses[:, 2:]), np.sin(poses[:, 2:])
    x = c * b[:, 0] - s * b[:, 1] + poses[:, :1]
    y = s * b[:, 0] + c * b[:, 1] + poses[:, 1:2]
    fits = np.hypot(x - a[:, 0], y - a[:, 1]) < slack
    agree = fits[int(fits.sum(axis=1).argmax())]
    for _ in range(2):
        if agree.sum() < FEWEST:
            return None
        pose = _laid(a[agree, :2], b[agree, :2])
        agree = np.hypot(*(transform2(pose, b[:, :2]) - a[:, :2]).T) < slack
    return _counted(pose, a[agree])


def _guesses(a: Array, b: Array, slack: Array) -> Array:
    """Poses (k, 3) that each lay two pairs of points (n, 2) onto each other."""
    rng = np.random.default_rng(0)
    i, j = rng.integers(0, len(a), (2, TRIES))
    da, db = a[j] - a[i], b[j] - b[i]
    la, lb = np.hypot(*da.T), np.hypot(*db.T)
    good = (np.minimum(la, lb) > LEAST_APART_M) & (
        np.abs(la - lb) < slack[i] + slack[j]
    )
    i, j, da, db = i[good], j[good], da[good], db[good]
    yaw = np.arctan2(da[:, 1], da[:, 0]) - np.arctan2(db[:, 1], db[:, 0])
    c, s = np.cos(yaw), np.sin(yaw)
    ma, mb = 0.5 * (a[i] + a[j]), 0.5 * (b[i] + b[j])
    x = ma[:, 0] - c * mb[:, 0] + s * mb[:, 1]
    y = ma[:, 1] - s * mb[:, 0] - c * mb[:, 1]
    return np.column_stack([x, y, yaw])


def _laid(a: Array, b: Array) -> Array:
    """Pose (3,) that lays points b (n, 2) onto a with least squares."""
    ma, mb = a.mean(axis=0), b.mean(axis=0)
    da, db = a - ma, b - mb
    cross = (db[:, 0] * da[:, 1] - db[:, 1] * da[:, 0]).sum()
    yaw = float(np.arctan2(cross, (da * db).sum()))
    turned = transform2(np.array([0.0, 0.0, yaw]), mb[None])[0]
    return np.array([ma[0] - turned[0], ma[1] - turned[1], wrap(yaw)])


def _fit_picture(points: Array, rays: Array) -> ViewFit | None:
    """Pose of a camera on the ground from points (n, 3) [m] and its rays (n, 2)."""
    found, turn, shift, agree = cv2.solvePnPRansac(
        points,
        rays,
        np.eye(3),
        None,
        iterationsCount=TRIES,
        reprojectionError=PIXEL,
        flags=cv2.SOLVEPNP_EPNP,
    )
    if not found or agree is None or len(agree) < FEWEST:
        return None
    T_camera_base = np.eye(4)
    T_camera_base[:3, :3] = cv2.Rodrigues(turn)[0]
    T_camera_base[:3, 3] = shift.ravel()
    T = inverse3(T_camera_base)
    upright = T[2, 1] < -0.5 and abs(T[2, 0]) < 0.5  # y of a camera points down
    if not (np.isfinite(T).all() and upright and HEIGHTS_M[0] < T[2, 3] < HEIGHTS_M[1]):
        return None
    return _counted(camera_pose(T), points[agree.ravel()])


def _counted(pose: Array, points: Array) -> ViewFit | None:
    spots = len(np.unique(np.floor(points / SPOT_M).astype(int), axis=0))
    return ViewFit(pose=pose, spots=spots) if spots >= FEWEST else None
