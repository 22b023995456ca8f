"""Where a large thing can be touched: flat spots of its visible surface.

The middle of a wardrobe is out of reach and that of a bed is air; what can be pressed
is the surface that the camera sees now. A spot is a point whose neighbours lie on a
plane around it: the smallest principal axis of their scatter is the normal (Hoppe et
al. 1992, section 3.2), turned towards the camera. A spot does not count when something
that was seen stands between the robot and it, or above it.
"""

from __future__ import annotations

import numpy as np
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
NEAR_M, FAR_M = 0.3, 1.8  # from the base's centre
LOW_M, HIGH_M = 0.10, 1.35


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
    tree = cKDTree(near)
    spots: list[Array] = []
    taken = np.zeros(len(near), dtype=bool)
    for k in np.argsort(np.hypot(near[:, 0], near[:, 1]), kind="stable"):
        point = near[k]
        if taken[k]:
            continue
        normal = _normal(near[tree.query_ball_point(point, NEIGHBOUR_M)], point, camera)
        if normal is not None and not _hidden(point, normal[2] > LEVEL, scene):
            spots.append(np.concatenate([point, normal]))
            taken |= np.linalg.norm(near - point, axis=1) < APART_M
        if len(spots) == MOST_SPOTS:
            break
    return np.array(spots).reshape(-1, 6)


def _hidden(spot: Array, level: bool, scene: Array) -> bool:
    """Whether hand or arm would meet something on the way to a spot (3,)."""
    away = float(np.hypot(spot[0], spot[1]))
    ahead = spot[:2] / away
    along = scene[:, :2] @ ahead
    across = np.abs(scene[:, 0] * ahead[1] - scene[:, 1] * ahead[0])
    above = scene[:, 2] - spot[2]
    before = (along < away - ROOM_M) & (across < HALF_WAY_M)
    if not level:
        return bool(np.any(before & (above > -ROOM_M)))
    beside = np.hypot(scene[:, 0] - spot[0], scene[:, 1] - spot[1]) < ROOM_M
    return bool(np.any((before & (above > ARM_M)) | (beside & (above > ROOM_M))))


def within_reach(points: Array) -> Array:
    """Those of the points (n, 3) [m] that the arm could meet, evenly thinned."""
    away = np.hypot(points[:, 0], points[:, 1])
    good = (away > NEAR_M) & (away < FAR_M)
    good &= (points[:, 2] > LOW_M) & (points[:, 2] < HIGH_M)
    near = points[good]
    return near[:: max(1, -(-len(near) // MOST_POINTS))]


def _normal(around: Array, point: Array, camera: Array) -> Array | None:
    """Normal (3,) of a flat neighbourhood (m, 3), or None where it is not flat."""
    if len(around) < LEAST_NEIGHBOURS:
        return None
    mean = around.mean(axis=0)
    if np.linalg.norm(mean - point) > CENTRED_M:
        return None
    values, vectors = np.linalg.eigh(np.cov((around - mean).T))
    if values[0] > ROUGHNESS_M**2 or values[1] < BREADTH_M**2:
        return None
    normal = vectors[:, 0]
    return normal if normal @ (camera - point) > 0.0 else -normal
