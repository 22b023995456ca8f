"""Balls that cover the solid parts of a robot, and rounded boxes for those that rest.

A ball covers a cell of a box, a slice of a cylinder or a piece of a capsule, so that it
stands out by few millimetres; of meshes the surface is covered. Parts that move, but
not by the arm's joints (fingers, a head), are covered wherever they can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import mujoco
import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import RoundedBoxes
from neural_brain.robots.arm_sweep import Ball, joints_below, matrix, swept
from neural_brain.robots.mesh_cover import mesh_balls

BULGE_M = 0.005
_LEAST_CELL_M = 0.02
_GEOM = mujoco.mjtGeom
FLAT = (int(_GEOM.mjGEOM_PLANE), int(_GEOM.mjGEOM_HFIELD))
_SPHERE, _CAPSULE = int(_GEOM.mjGEOM_SPHERE), int(_GEOM.mjGEOM_CAPSULE)
_CYLINDER, _BOX = int(_GEOM.mjGEOM_CYLINDER), int(_GEOM.mjGEOM_BOX)
_HINGE = int(mujoco.mjtJoint.mjJNT_HINGE)
_MESH = int(_GEOM.mjGEOM_MESH)


class Parts(NamedTuple):
    """Solid parts of a robot.

    Attributes:
        arm: balls that cover the arm's links.
        resting: geoms that rest on the base, meshes left out.
        moving: balls that cover what else moves there, and resting meshes.
        names: bodies of the latter two, in this order.
    """

    arm: list[Ball]
    resting: list[int]
    moving: list[Ball]
    names: list[str]


def collect(
    robot: mujoco.MjModel, arm_joints: set[str], *, slides_whole: bool = False
) -> Parts:
    """Sort the solid geoms of a robot: all that can touch, but no planes.

    Args:
        robot: the model.
        arm_joints: names of the arm's joints.
        slides_whole: cover all the way of a slide, not three places of it.
    """
    parts = Parts([], [], [], [])
    moving_names: list[str] = []
    for geom in range(robot.ngeom):
        touches = robot.geom_contype[geom] or robot.geom_conaffinity[geom]
        if not touches or robot.geom_type[geom] in FLAT:
            continue
        body = int(robot.geom_bodyid[geom])
        joints, on_arm = joints_below(robot, body, arm_joints)
        boxy = robot.geom_type[geom] != _MESH
        if not on_arm and not joints and boxy:
            parts.resting.append(geom)
            parts.names.append(robot.body(body).name)
            continue
        turns = any(robot.jnt_type[j] == _HINGE for j in joints)
        whole = [Ball(body, robot.geom_pos[geom], float(robot.geom_rbound[geom]))]
        balls = [
            moved
            for ball in (whole if turns else geom_balls(robot, geom))
            for moved in swept(robot, ball, joints, slides_whole=slides_whole)
        ]
        (parts.arm if on_arm else parts.moving).extend(balls)
        moving_names += [] if on_arm else [robot.body(body).name] * len(balls)
    parts.names.extend(moving_names)
    return parts


def tool_balls(
    arm: mujoco.MjModel, ee_site: str, length: float, radius: float
) -> list[Ball]:
    """Balls along z of a site, a radius apart, so that they cover a thin tool [m]."""
    site = arm.site(ee_site)
    way = matrix(site.quat)[:, 2]
    steps = np.linspace(0.0, length, max(int(np.ceil(length / radius)), 1) + 1)
    return [Ball(int(site.bodyid[0]), site.pos + z * way, radius) for z in steps]


def geom_balls(model: mujoco.MjModel, geom: int) -> Iterator[Ball]:
    """Balls that cover a geom, in the frame of its body."""
    turn = matrix(model.geom_quat[geom])
    body = int(model.geom_bodyid[geom])
    for center, radius in _cells(model, geom):
        at = model.geom_pos[geom] + turn.dot(center)
        yield Ball(body, at, radius)


def rounded_boxes(
    model: mujoco.MjModel, parts: Parts, names: list[str]
) -> RoundedBoxes:
    """Shapes of what does not belong to the arm, in the world frame at rest.

    Args:
        model: the robot; its world frame is `base_link`.
        parts: its parts.
        names: of the shapes, in the order of `parts.names`.
    """
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    rows = [_shape_of(model, data, geom) for geom in parts.resting]
    for ball in parts.moving:
        at = data.xpos[ball.body] + data.xmat[ball.body].reshape(3, 3).dot(ball.center)
        rows.append((at, np.eye(3), np.zeros(3), ball.radius, False))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    center, axes, half, radius, turned = columns if rows else _NOTHING
    return RoundedBoxes(
        names=tuple(names),
        center=center.reshape(-1, 3),
        axes=axes.reshape(-1, 3, 3),
        half=half.reshape(-1, 3),
        radius=radius.reshape(-1),
        turned=turned.reshape(-1).astype(bool),
    )


_NOTHING = [np.zeros(0)] * 5
_Row = tuple[Array, Array, Array, float, bool]


def _shape_of(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> _Row:
    at, axes = data.geom_xpos[geom].copy(), data.geom_xmat[geom].reshape(3, 3).copy()
    kind, (a, b, c) = model.geom_type[geom], model.geom_size[geom]
    if kind == _SPHERE:
        return at, axes, np.zeros(3), float(a), False
    if kind == _CAPSULE:
        return at, axes, np.array((0.0, 0.0, b)), float(a), False
    if kind == _CYLINDER:
        return at, axes, np.array((a, 0.0, b)), 0.0, True
    if kind == _BOX:
        return at, axes, np.array((a, b, c)), 0.0, False
    box = model.geom_aabb[geom]
    return at + axes.dot(box[:3]), axes, box[3:].copy(), 0.0, False


def _cells(model: mujoco.MjModel, geom: int) -> Iterator[tuple[Array, float]]:
    """Centres in the geom's frame and radii of balls that cover it."""
    kind, (a, b, _) = model.geom_type[geom], model.geom_size[geom]
    if kind == _SPHERE:
        yield np.zeros(3), float(a)
    elif kind in (_CAPSULE, _CYLINDER):
        capsule = kind == _CAPSULE
        yield from _slices(float(a), float(b), capsule=capsule)
    elif kind == _MESH:
        yield from mesh_balls(model, geom)
    else:
        box = model.geom_aabb[geom]
        yield from _grid(box[:3], box[3:])


def _slices(
    radius: float, half: float, *, capsule: bool
) -> Iterator[tuple[Array, float]]:
    """Along z: a ball every so often that it stands out by `BULGE_M` at most.

    The end balls of a capsule sit on its ends, those of a cylinder half a step inside.
    """
    step = 2.0 * np.sqrt(2.0 * radius * BULGE_M + BULGE_M**2)
    count = max(int(np.ceil(2.0 * half / step)), 1)
    size, piece = float(np.hypot(radius, half / count)), half / count
    ends = half if capsule else half - piece
    for z in np.linspace(-ends, ends, count + 1 if capsule else count):
        yield np.array((0.0, 0.0, z)), size


def _grid(center: Array, half: Array) -> Iterator[tuple[Array, float]]:
    """Cells about as wide as the box is thin."""
    cell = max(float(half.min()), _LEAST_CELL_M)
    counts = np.maximum(np.ceil(half / cell - 1e-9), 1).astype(int)
    size = half / counts
    for index in np.ndindex(*counts):
        yield (
            center - half + size * (2 * np.array(index) + 1),
            float(np.linalg.norm(size)),
        )
