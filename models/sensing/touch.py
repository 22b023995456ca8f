"""Where a large thing can be touched: flat spots of its visible surface.

The middle of a wardrobe is out of reach and that of a bed is air; what can be pressed
is the surface that the camera sees now. A spot is a point whose neighbours lie on a
plane around it: the smallest principal axis of their scatter is the normal (Hoppe et
al. 1992, section 3.2), turned towards the camera. A spot does not count when something
that was seen stands between the robot and it, or above it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from neural_brain.models.geometry import LEVEL, Array

NEIGHBOUR_M = 0.06
LEAST_NEIGHBOURS = 8
ROUGHNESS_M = 0.012  # largest scatter out of the plane
BREADTH_M = 0.017  # least scatter in it, or it is a rail
CENTRED_M = 0.02  # a spot at an edge has its neighbours on one side
APART_M = 0.10
ROOM_M = 0.10  # around and above a spot, for the hand
ARM_M = 0.22  # above a level spot, for the forearm on the way there
HALF_WAY_M = 0.14  # to both sides of the way
MOST_POINTS, MOST_SPOTS = 600, 16
AT_ONCE = 32  # points that are looked at together
NEAR_M, FAR_M = 0.3, 1.8  # from the base's centre
LOW_M, HIGH_M = 0.10, 1.45
RIM_M = 0.012  # half the width of a rim, and what is seen of it from above


def touch_spots(points: Array, camera: Array, scene: Array) -> Array:
    """Flat spots (k, 6) of a surface: point [m] and unit normal, nearest first.

    Args:
        points: visible surface (n, 3) [m], `base_link`.
        camera: where it was seen from (3,) [m].
        scene: everything that is seen within reach (m, 3) [m].
    """
    near = within_reach(points)
    if len(near) < LEAST_NEIGHBOURS:
        return np.zeros((0, 6))
    flat, normals = _normals(near, camera)
    order = np.argsort(np.hypot(near[:, 0], near[:, 1]), kind="stable")
    left = order[flat[order]]
    spots: list[Array] = []
    while left.size and len(spots) < MOST_SPOTS:
        first = left[:AT_ONCE]
        clear = first[~_hidden(near[first], normals[first, 2] > LEVEL, scene)]
        left = left[AT_ONCE:]
        while clear.size and len(spots) < MOST_SPOTS:
            point = near[clear[0]]
            spots.append(np.concatenate([point, normals[clear[0]]]))
            clear = clear[np.linalg.norm(near[clear] - point, axis=1) >= APART_M]
            left = left[np.linalg.norm(near[left] - point, axis=1) >= APART_M]
    return np.array(spots).reshape(-1, 6)


def rim_spots(points: Array, camera: Array, scene: Array) -> Array:
    """Spots (k, 6) on the rim of an open thing, its highest edge, nearest first.

    Args:
        points: visible surface (n, 3) [m], `base_link`.
        camera: where it was seen from (3,) [m].
        scene: everything that is seen within reach (m, 3) [m].
    """
    near = within_reach(points)
    if len(near) < LEAST_NEIGHBOURS:
        return np.zeros((0, 6))
    rim = near[near[:, 2] > np.quantile(near[:, 2], 0.98) - RIM_M]
    ray = rim[:, :2] - camera[:2]
    rim[:, :2] += RIM_M * ray / np.linalg.norm(ray, axis=1, keepdims=True)  # its middle
    rim = rim[~_hidden(rim, np.ones(len(rim), np.bool_), scene)]
    rim = rim[np.argsort(np.hypot(rim[:, 0], rim[:, 1]), kind="stable")]
    spots: list[Array] = []
    while len(rim) and len(spots) < MOST_SPOTS:
        spots.append(np.array([*rim[0], 0.0, 0.0, 1.0]))
        rim = rim[np.linalg.norm(rim - rim[0], axis=1) >= APART_M]
    return np.array(spots).reshape(-1, 6)


def _hidden(spots: Array, level: NDArray[np.bool_], scene: Array) -> NDArray[np.bool_]:
    """Whether hand or arm would meet something (m, 3) on the way to spots (k, 3)."""
    x, y, z = spots.T[:, :, None]
    away = np.hypot(x, y)
    ahead_x, ahead_y = x / away, y / away
    along = scene[:, 0] * ahead_x + scene[:, 1] * ahead_y
    across = np.abs(scene[:, 0] * ahead_y - scene[:, 1] * ahead_x)
    above = scene[:, 2] - z
    before = (along < away - ROOM_M) & (across < HALF_WAY_M)
    beside = np.hypot(scene[:, 0] - x, scene[:, 1] - y) < ROOM_M
    meets = before & (above > np.where(level[:, None], ARM_M, -ROOM_M))
    meets |= beside & (above > ROOM_M) & level[:, None]
    return np.asarray(meets.any(axis=1))


def within_reach(points: Array) -> Array:
    """Those of the points (n, 3) [m] that the arm could meet, evenly thinned."""
    away = np.hypot(points[:, 0], points[:, 1])
    good = (away > NEAR_M) & (away < FAR_M)
    good &= (points[:, 2] > LOW_M) & (points[:, 2] < HIGH_M)
    near = points[good]
    return near[:: max(1, -(-len(near) // MOST_POINTS))]


def _normals(points: Array, camera: Array) -> tuple[NDArray[np.bool_], Array]:
    """Which of the points (n, 3) have a flat neighbourhood, and its normals (n, 3)."""
    count = len(points)
    pairs = cKDTree(points).query_pairs(NEIGHBOUR_M, output_type="ndarray")
    itself = np.arange(count)
    one = np.concatenate([pairs[:, 0], pairs[:, 1], itself])
    two = np.concatenate([pairs[:, 1], pairs[:, 0], itself])
    beside = csr_matrix((np.ones(len(one)), (one, two)), shape=(count, count))
    number = np.bincount(one, minlength=count)
    local = points - points.mean(axis=0)  # squares of small numbers lose no digits
    mean = beside @ local / number[:, None]
    flat = number >= LEAST_NEIGHBOURS
    flat &= np.linalg.norm(mean - local, axis=1) <= CENTRED_M
    squares = (local[:, :, None] * local[:, None, :]).reshape(-1, 9)
    scatter = (beside @ squares).reshape(-1, 3, 3)[flat]
    mean, number = mean[flat], number[flat, None, None]
    scatter -= number * (mean[:, :, None] * mean[:, None, :])
    values, vectors = np.linalg.eigh(scatter / (number - 1))
    even = (values[:, 0] <= ROUGHNESS_M**2) & (values[:, 1] >= BREADTH_M**2)
    normals = np.zeros((count, 3))
    normals[flat] = vectors[:, :, 0]
    flat[flat] = even
    away = np.sum(normals * (camera - points), axis=1) <= 0.0
    return flat, np.where(away[:, None], -normals, normals)
