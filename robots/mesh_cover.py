"""Balls that cover the surface of a mesh, hollow or bent as it may be.

A mesh is halved across its longest side until a ball around what is left is about as
large as the mesh is thick. Triangles that a cut goes through are cut too, so that each
ball holds its piece of the surface exactly.
"""

from __future__ import annotations

from collections.abc import Iterator

import mujoco
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array

_LEAST_M, _SPARE = 0.025, 1.2
_STEPS = 60
_TINY_M = 1e-6


def mesh_balls(model: mujoco.MjModel, geom: int) -> Iterator[tuple[Array, float]]:
    """Centres (3,) in the geom's frame and radii of balls that cover its mesh [m]."""
    mesh = int(model.geom_dataid[geom])
    vertex, face = int(model.mesh_vertadr[mesh]), int(model.mesh_faceadr[mesh])
    points = model.mesh_vert[vertex : vertex + int(model.mesh_vertnum[mesh])]
    faces = model.mesh_face[face : face + int(model.mesh_facenum[mesh])]
    thickness = float(np.ptp(points, axis=0).min())
    largest = max(_LEAST_M, _SPARE * 0.5 * thickness)
    yield from _balls(points[faces].astype(np.float64), largest)


def _balls(triangles: Array, largest: float) -> Iterator[tuple[Array, float]]:
    """Balls no larger than that around triangles (t, 3, 3) [m]."""
    points = triangles.reshape(-1, 3)
    low, high = points.min(axis=0), points.max(axis=0)
    longest = int((high - low).argmax())
    if 0.5 * float(high[longest] - low[longest]) <= largest:
        center, radius = _around(points)
        if radius <= largest:
            yield center, radius
            return
    for half in _cut(triangles, longest, 0.5 * float(low[longest] + high[longest])):
        if len(half):
            yield from _balls(half, largest)


def _around(points: Array) -> tuple[Array, float]:
    """A ball around points, close to the smallest (Badoiu and Clarkson, 2003)."""
    points = np.unique(points, axis=0)
    center = 0.5 * (points.min(axis=0) + points.max(axis=0))
    best = center, np.inf
    for step in range(1, _STEPS):
        away = np.linalg.norm(points - center, axis=1)
        if away.max() < best[1]:
            best = center, float(away.max())
        center = center + (points[away.argmax()] - center) / (step + 1)
    return best[0], best[1] + _TINY_M


def _cut(triangles: Array, axis: int, at: float) -> tuple[Array, Array]:
    """The pieces of triangles on both sides of a plane across an axis."""
    side = triangles[:, :, axis] - at
    below, above = (side <= 0.0).all(axis=1), (side >= 0.0).all(axis=1)
    mixed = ~below & ~above
    lower, upper = [triangles[below]], [triangles[above & ~below]]
    if mixed.any():
        alone, first, second, down = _lone_corner(triangles[mixed], side[mixed])
        one, two = _meet(alone, first, axis, at), _meet(alone, second, axis, at)
        tip = np.stack((alone, one, two), axis=1)
        rest = np.concatenate(
            (np.stack((one, first, second), 1), np.stack((one, second, two), 1))
        )
        twice = np.concatenate((down, down))
        lower += [tip[down], rest[~twice]]
        upper += [tip[~down], rest[twice]]
    return np.concatenate(lower), np.concatenate(upper)


def _lone_corner(
    triangles: Array, side: Array
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """The corner that is alone on its side, the two others, whether it is below."""
    under = side < 0.0
    down = under.sum(axis=1) == 1
    alone = np.where(down, under.argmax(axis=1), (side > 0.0).argmax(axis=1))
    rows = np.arange(len(triangles))
    corners = [triangles[rows, (alone + turn) % 3] for turn in range(3)]
    return corners[0], corners[1], corners[2], down


def _meet(start: Array, end: Array, axis: int, at: float) -> Array:
    """Where edges (t, 3) meet the plane."""
    share = (at - start[:, axis]) / (end[:, axis] - start[:, axis])
    return np.asarray(start + np.clip(share, 0.0, 1.0)[:, None] * (end - start))
