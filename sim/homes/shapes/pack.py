"""Draws a thing with the mesh of a pack instead of our own shape."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from neural_brain.sim.homes.catalog import surface
from neural_brain.sim.homes.shapes.colours import Rgb
from neural_brain.sim.homes.shapes.materials import Materials
from neural_brain.sim.homes.shapes.shaper import VISUAL_GROUP
from neural_brain.sim.homes.spec import HomeObject
from neural_brain.sim.packs import Part, Piece


def draw_piece(
    spec: mujoco.MjSpec,
    materials: Materials,
    body: Any,
    piece: Piece,
    looks: tuple[HomeObject, Rgb],
) -> None:
    """Add the parts of a piece to a body, scaled to the thing; its main part is tinted.

    Args:
        spec: model under construction.
        materials: its materials.
        body: body of the thing.
        piece: what to draw.
        looks: the thing and its colour.
    """
    thing, colour = looks
    for k, part in enumerate(piece.parts):
        mesh = spec.add_mesh(name=f"{body.name}_mesh_{k}")
        mesh.uservert = _scaled(part, piece.rest, thing).ravel()
        mesh.userface = part.faces.ravel()
        mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
        geom = body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=mesh.name)
        geom.material = materials.get("plastic", colour if part.main else part.rgb)
        geom.group = VISUAL_GROUP
        geom.contype = geom.conaffinity = 0
        geom.density = 0.0


def _scaled(part: Part, rest: float, thing: HomeObject) -> NDArray[np.float64]:
    """Vertices (n, 3) [m]; seats and mattresses come to the height things lie at."""
    points = part.vertices.astype(float)
    w, d, h = thing.size
    top = surface(thing.category, (round(1000 * w), round(1000 * d), round(1000 * h)))
    if 0.0 < rest < 1.0 and top is not None:
        seat = top[4] / 1000.0 / h
        z = points[:, 2]
        points[:, 2] = np.where(
            z < rest, z * seat / rest, seat + (z - rest) * (1 - seat) / (1 - rest)
        )
    return np.asarray(points * np.array([w, d, h]))
