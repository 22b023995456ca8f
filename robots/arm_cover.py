"""Balls that cover the solid parts of a robot, and rounded boxes for those that rest.

A ball covers a cell of a box, a slice of a cylinder or a piece of a capsule, so that it
stands out by few millimetres. Meshes count as their bounding boxes. Parts that move,
but not by the arm's joints (fingers, a head), are covered wherever they can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import mujoco
import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import RoundedBoxes

BULGE_M = 0.005
_LEAST_CELL_M = 0.02
_SLIDE_STEPS = 3
_GEOM = mujoco.mjtGeom
_FLAT = (int(_GEOM.mjGEOM_PLANE), int(_GEOM.mjGEOM_HFIELD))
_SPHERE, _CAPSULE = int(_GEOM.mjGEOM_SPHERE), int(_GEOM.mjGEOM_CAPSULE)
_CYLINDER, _BOX = int(_GEOM.mjGEOM_CYLINDER), int(_GEOM.mjGEOM_BOX)
_SLIDE, _HINGE = int(mujoco.mjtJoint.mjJNT_SLIDE), int(mujoco.mjtJoint.mjJNT_HINGE)
_FREE = int(mujoco.mjtJoint.mjJNT_FREE)


class Ball(NamedTuple):
    """A ball: body of the model, place in its frame (3,) [m], radius [m]."""

    body: int
    center: Array
    radius: float


class Parts(NamedTuple):
    """Solid parts of a robot.

    Attributes:
        arm: balls that cover the arm's links.
        resting: geoms that rest on the base.
        moving: balls that cover what else moves there.
        names: bodies of the latter two, in this order.
    """

    arm: list[Ball]
    resting: list[int]
    moving: list[Ball]
    names: list[str]


def collect(robot: mujoco.MjModel, arm_joints: set[str]) -> Parts:
    """Sort the solid geoms of a robot: all that can touch, but no planes.

    Args:
        robot: the model.
        arm_joints: names of the arm's joints.
    """
    parts = Parts([], [], [], [])
    moving_names: list[str] = []
    for geom in range(robot.ngeom):
        touches = robot.geom_contype[geom] or robot.geom_conaffinity[geom]
        if not touches or robot.geom_type[geom] in _FLAT:
            continue
        body = int(robot.geom_bodyid[geom])
        joints, on_arm = _joints_below(robot, body, arm_joints)
        if not on_arm and not joints:
            parts.resting.append(geom)
            parts.names.append(robot.body(body).name)
            continue
        turns = any(robot.jnt_type[j] == _HINGE for j in joints)
        whole = [Ball(body, robot.geom_pos[geom], float(robot.geom_rbound[geom]))]
        balls = [
            moved
            for ball in (whole if turns else geom_balls(robot, geom))
            for moved in swept(robot, ball, joints)
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
    way = _matrix(site.quat)[:, 2]
    steps = np.linspace(0.0, length, max(int(np.ceil(length / radius)), 1) + 1)
    return [Ball(int(site.bodyid[0]), site.pos + z * way, radius) for z in steps]


def geom_balls(model: mujoco.MjModel, geom: int) -> Iterator[Ball]:
    """Balls that cover a geom, in the frame of its body."""
    turn = _matrix(model.geom_quat[geom])
    body = int(model.geom_bodyid[geom])
    for center, radius in _cells(model, geom):
        at = model.geom_pos[geom] + turn.dot(center)
        yield Ball(body, at, radius)


def swept(model: mujoco.MjModel, ball: Ball, joints: list[int]) -> Iterator[Ball]:
    """Balls that cover a ball wherever some joints, tip first, can move it.

    A slide is covered at three places of its range, a hinge by a ball around its axis.
    The ball comes out in the frame of the body that the last joint stands on.
    """
    if not joints:
        yield ball
        return
    joint, rest = joints[0], joints[1:]
    body = int(model.jnt_bodyid[joint])
    moved = _carry(model, ball, body)
    axis, anchor = model.jnt_axis[joint], model.jnt_pos[joint]
    if model.jnt_type[joint] == _SLIDE:
        low, high = model.jnt_range[joint].tolist()
        for way in np.linspace(low, high, _SLIDE_STEPS):
            next_ball = Ball(body, moved.center + way * axis, moved.radius)
            yield from swept(model, next_ball, rest)
        return
    reach = float(np.linalg.norm(moved.center - anchor)) + moved.radius
    yield from swept(model, Ball(body, anchor.copy(), reach), rest)


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


def _joints_below(
    robot: mujoco.MjModel, body: int, arm_joints: set[str]
) -> tuple[list[int], bool]:
    """Joints between a body and the arm or the base, tip first; whether on the arm."""
    joints: list[int] = []
    while body:
        first, count = int(robot.body_jntadr[body]), int(robot.body_jntnum[body])
        for joint in range(first, first + count):
            if robot.joint(joint).name in arm_joints:
                return joints, True
            if robot.jnt_type[joint] != _FREE:
                joints.append(joint)
        body = int(robot.body_parentid[body])
    return joints, False


def _carry(model: mujoco.MjModel, ball: Ball, body: int) -> Ball:
    """The same ball in the frame of a body further down, all joints between at zero."""
    at, here = ball.center, ball.body
    while here != body:
        at = model.body_pos[here] + _matrix(model.body_quat[here]).dot(at)
        here = int(model.body_parentid[here])
    return Ball(body, at, ball.radius)


def _matrix(quat_wxyz: Array) -> Array:
    turn: Array = np.zeros(9)
    mujoco.mju_quat2Mat(turn, quat_wxyz)
    return turn.reshape(3, 3)
