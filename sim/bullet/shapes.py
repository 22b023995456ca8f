"""Geoms of a MuJoCo body as one collision shape of a Bullet link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np

from neural_brain.models.errors import SimulationError
from neural_brain.sim.bullet.client import Client

NO_SHAPE = -1
_GEOM = mujoco.mjtGeom
_PLANE, _SPHERE = int(_GEOM.mjGEOM_PLANE), int(_GEOM.mjGEOM_SPHERE)
_CAPSULE, _CYLINDER = int(_GEOM.mjGEOM_CAPSULE), int(_GEOM.mjGEOM_CYLINDER)
_BOX = int(_GEOM.mjGEOM_BOX)
_NAMES = {_SPHERE: "SPHERE", _CAPSULE: "CAPSULE", _CYLINDER: "CYLINDER", _BOX: "BOX"}


def xyzw(quat_wxyz: np.ndarray) -> list[float]:
    """A quaternion of MuJoCo (4,) in Bullet's order."""
    w, x, y, z = (float(value) for value in quat_wxyz)
    return [x, y, z, w]


def solid_geoms(model: mujoco.MjModel, body: int) -> list[int]:
    """The geoms of a body that can touch anything."""
    start = int(model.body_geomadr[body])
    geoms = range(start, start + int(model.body_geomnum[body]))
    touch = model.geom_contype | model.geom_conaffinity
    return [geom for geom in geoms if touch[geom]]


def collision_shape(client: Client, model: mujoco.MjModel, geoms: Sequence[int]) -> int:
    """One shape of several geoms of a body, in the body's frame; `NO_SHAPE` for none.

    Raises:
        SimulationError: for a geom that is no plane, sphere, capsule, cylinder or box.
    """
    if not geoms:
        return NO_SHAPE
    if len(geoms) == 1 and int(model.geom_type[geoms[0]]) == _PLANE:
        return _plane(client, model, geoms[0])
    rows = [_row(client, model, geom) for geom in geoms]
    return int(
        client.createCollisionShapeArray(
            shapeTypes=[row["type"] for row in rows],
            radii=[row["radius"] for row in rows],
            halfExtents=[row["half"] for row in rows],
            lengths=[row["length"] for row in rows],
            collisionFramePositions=[model.geom_pos[geom].tolist() for geom in geoms],
            collisionFrameOrientations=[xyzw(model.geom_quat[geom]) for geom in geoms],
        )
    )


def _plane(client: Client, model: mujoco.MjModel, geom: int) -> int:
    axes = np.zeros(9)
    mujoco.mju_quat2Mat(axes, model.geom_quat[geom])
    return int(
        client.createCollisionShape(
            client.GEOM_PLANE,
            planeNormal=axes.reshape(3, 3)[:, 2].tolist(),
            collisionFramePosition=model.geom_pos[geom].tolist(),
        )
    )


def _row(client: Client, model: mujoco.MjModel, geom: int) -> dict[str, Any]:
    kind = int(model.geom_type[geom])
    if kind not in _NAMES:
        raise SimulationError(
            f"Geom {model.geom(geom).name!r} ({geom}) has type {_GEOM(kind).name}; a "
            "Bullet world takes spheres, capsules, cylinders and boxes, and planes on "
            "the world body alone. Replace it by such shapes, or use MuJoCo."
        )
    size = model.geom_size[geom].tolist()
    return {
        "type": getattr(client, f"GEOM_{_NAMES[kind]}"),
        "radius": size[0],
        "length": 2.0 * size[1],
        "half": size if kind == _BOX else [0.0, 0.0, 0.0],
    }
