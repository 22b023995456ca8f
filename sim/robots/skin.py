"""Draws the arm with meshes: they touch nothing and weigh nothing.

Each link keeps its capsules, which still make all contacts; they are only not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from neural_brain.sim.physics import SKIN_GROUP


@dataclass(frozen=True, kw_only=True)
class Patch:
    """Triangles of one colour on one body.

    Attributes:
        body: name of the robot's body.
        vertices: (n, 3) [m] in the frame of the body.
        faces: (m, 3) indices of vertices.
        rgb: colour, 0 to 1.
    """

    body: str
    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    rgb: tuple[float, float, float]


Skin = tuple[Patch, ...]


def add_skin(spec: mujoco.MjSpec, skin: Skin) -> None:
    """Hang every patch on its body.

    Args:
        spec: model under construction that holds the bodies.
        skin: what to draw.
    """
    for number, patch in enumerate(skin):
        mesh = spec.add_mesh(name=f"{patch.body}_skin{number}")
        mesh.uservert = patch.vertices.ravel()
        mesh.userface = patch.faces.ravel()
        mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
        spec.body(patch.body).add_geom(
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=mesh.name,
            group=SKIN_GROUP,
            contype=0,
            conaffinity=0,
            mass=0.0,
            rgba=[*patch.rgb, 1.0],
        )
