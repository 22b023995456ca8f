"""What of a robot moves by which joints, and balls around all that they can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import mujoco
import numpy as np

from neural_brain.models.geometry import Array

_SLIDE_STEPS = 3
_SLIDE = int(mujoco.mjtJoint.mjJNT_SLIDE)
_FREE = int(mujoco.mjtJoint.mjJNT_FREE)


class Ball(NamedTuple):
    """A ball: body of the model, place in its frame (3,) [m], radius [m]."""

    body: int
    center: Array
    radius: float


def swept(
    model: mujoco.MjModel, ball: Ball, joints: list[int], *, slides_whole: bool = False
) -> Iterator[Ball]:
    """Balls that cover a ball wherever some joints, tip first, can move it.

    A slide is covered at three places of its range, or `slides_whole`; a hinge by a
    ball around its axis.
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
        low, high = model.jnt_range[joint] - model.qpos0[model.jnt_qposadr[joint]]
        count, radius = _SLIDE_STEPS, moved.radius
        if slides_whole:  # the balls meet in a circle as wide as the moving one
            count = max(count, int(np.ceil((high - low) / radius)) + 1)
            radius = float(np.hypot(radius, 0.5 * (high - low) / (count - 1)))
        for way in np.linspace(low, high, count):
            next_ball = Ball(body, moved.center + way * axis, radius)
            yield from swept(model, next_ball, rest, slides_whole=slides_whole)
        return
    reach = float(np.linalg.norm(moved.center - anchor)) + moved.radius
    around = Ball(body, anchor.copy(), reach)
    yield from swept(model, around, rest, slides_whole=slides_whole)


def joints_below(
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
        at = model.body_pos[here] + matrix(model.body_quat[here]).dot(at)
        here = int(model.body_parentid[here])
    return Ball(body, at, ball.radius)


def matrix(quat_wxyz: Array) -> Array:
    """Rotation matrix (3, 3)."""
    turn: Array = np.zeros(9)
    mujoco.mju_quat2Mat(turn, quat_wxyz)
    return turn.reshape(3, 3)
