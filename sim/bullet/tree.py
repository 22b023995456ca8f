"""A kinematic tree of a MuJoCo model as one Bullet multibody, and its state.

Frames, masses, centres and principal inertias are handed over as they were compiled, so
mass matrix and bias forces agree to rounding. What Bullet adds by itself (drag on every
link, motors that brake every joint) is switched off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from neural_brain.models.errors import SimulationError
from neural_brain.sim.bullet.client import Client
from neural_brain.sim.bullet.shapes import (
    NO_SHAPE,
    collision_shape,
    solid_geoms,
    xyzw,
)

BASE = -1
SPEED_CEILING = 100.0  # Bullet cuts joint speeds here unless told [rad/s or m/s]
_FREE, _SLIDE = int(mujoco.mjtJoint.mjJNT_FREE), int(mujoco.mjtJoint.mjJNT_SLIDE)
_HINGE = int(mujoco.mjtJoint.mjJNT_HINGE)


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Where a MuJoCo tree is in Bullet.

    Attributes:
        unique: Bullet's id. bodies: MuJoCo body -> link, `BASE` for the base.
        joints: links that move; `q` and `dof` are their addresses in `qpos`, `qvel`.
        root: MuJoCo body of the base. free: it floats.
    """

    unique: int
    bodies: dict[int, int]
    joints: list[int]
    q: np.ndarray
    dof: np.ndarray
    root: int
    free: bool


def build_tree(client: Client, model: mujoco.MjModel, root: int) -> Tree:
    """Make the tree whose root is a child of the world.

    Raises:
        SimulationError: for a joint that Bullet's multibody does not have here.
    """
    inside = [b for b in range(1, model.nbody) if int(model.body_rootid[b]) == root]
    links = [body for body in inside if _moves(model, root, body)]
    bodies = {body: link for link, body in enumerate(links)}
    if root not in bodies:
        bodies[root] = BASE
    free = bool(model.body_jntnum[root]) and _kind(model, root) == _FREE
    unique = int(
        client.createMultiBody(
            **_base(client, model, root, carries=bodies[root] == BASE, free=free),
            **_links(client, model, links, bodies),
            flags=client.URDF_USE_SELF_COLLISION,
        )
    )
    moving = [body for body in links if model.body_jntnum[body]]
    ids = [int(model.body_jntadr[body]) for body in moving]
    tree = Tree(
        unique=unique,
        bodies=bodies,
        joints=[bodies[body] for body in moving],
        q=np.array(model.jnt_qposadr[ids], dtype=int).reshape(-1),
        dof=np.array(model.jnt_dofadr[ids], dtype=int).reshape(-1),
        root=root,
        free=free,
    )
    _set_dynamics(client, model, tree)
    return tree


def push_state(
    client: Client, model: mujoco.MjModel, data: mujoco.MjData, tree: Tree
) -> None:
    """Put the tree into the state that `data` holds."""
    for link, q, dof in zip(tree.joints, tree.q, tree.dof, strict=True):
        client.resetJointState(
            tree.unique, link, float(data.qpos[q]), float(data.qvel[dof])
        )
    if not tree.free:
        return
    joint = int(model.body_jntadr[tree.root])
    q, dof = int(model.jnt_qposadr[joint]), int(model.jnt_dofadr[joint])
    R = _rotation(data.qpos[q + 3 : q + 7])
    center = R @ model.body_ipos[tree.root]
    turn = R @ data.qvel[dof + 3 : dof + 6]
    quat_wxyz = np.zeros(4)
    mujoco.mju_mulQuat(quat_wxyz, data.qpos[q + 3 : q + 7], model.body_iquat[tree.root])
    client.resetBasePositionAndOrientation(
        tree.unique, (data.qpos[q : q + 3] + center).tolist(), xyzw(quat_wxyz)
    )
    speed = data.qvel[dof : dof + 3] + np.cross(turn, center)
    client.resetBaseVelocity(tree.unique, speed.tolist(), turn.tolist())


def pull_state(
    client: Client, model: mujoco.MjModel, data: mujoco.MjData, tree: Tree
) -> None:
    """Write positions and velocities of the tree into `data`."""
    if tree.joints:
        rows = client.getJointStates(tree.unique, tree.joints)
        data.qpos[tree.q] = [row[0] for row in rows]
        data.qvel[tree.dof] = [row[1] for row in rows]
    if not tree.free:
        return
    joint = int(model.body_jntadr[tree.root])
    q, dof = int(model.jnt_qposadr[joint]), int(model.jnt_dofadr[joint])
    at, quat_xyzw = client.getBasePositionAndOrientation(tree.unique)
    speed, turn = (np.array(v) for v in client.getBaseVelocity(tree.unique))
    principal, quat_wxyz = np.zeros(4), np.zeros(4)
    mujoco.mju_negQuat(principal, model.body_iquat[tree.root])
    x, y, z, w = quat_xyzw
    mujoco.mju_mulQuat(quat_wxyz, np.array([w, x, y, z]), principal)
    R = _rotation(quat_wxyz)
    center = R @ model.body_ipos[tree.root]
    data.qpos[q : q + 3] = np.array(at) - center
    data.qpos[q + 3 : q + 7] = quat_wxyz
    data.qvel[dof : dof + 3] = speed - np.cross(turn, center)
    data.qvel[dof + 3 : dof + 6] = R.T @ turn


def _moves(model: mujoco.MjModel, root: int, body: int) -> bool:
    """Whether a body becomes a link: all but a base that has no hinge or slide."""
    if model.body_jntnum[body] > 1 or (body != root and _kind(model, body) == _FREE):
        kinds = model.jnt_type[model.body_jntadr[body] :][: model.body_jntnum[body]]
        raise SimulationError(
            f"Body {model.body(body).name!r} has joints of types {kinds.tolist()}; a "
            "Bullet world takes one hinge or slide a body, or one free joint on a "
            "body of the world. Put further joints on bodies of their own."
        )
    kind = _kind(model, body)
    if kind in (_HINGE, _SLIDE) and model.jnt_pos[model.body_jntadr[body]].any():
        raise SimulationError(
            f"The joint of body {model.body(body).name!r} is not at the body's "
            "origin, as a Bullet world needs it. Move the body's frame to the joint."
        )
    return body != root or kind in (_HINGE, _SLIDE)


def _kind(model: mujoco.MjModel, body: int) -> int:
    if not model.body_jntnum[body]:
        return -1
    return int(model.jnt_type[model.body_jntadr[body]])


def _base(
    client: Client, model: mujoco.MjModel, root: int, *, carries: bool, free: bool
) -> dict[str, Any]:
    """The base: the root itself, or a bare mount in the world where the root moves."""
    if not carries:
        return {"baseMass": 0.0, "basePosition": [0.0, 0.0, 0.0]}
    shape = collision_shape(client, model, solid_geoms(model, root))
    base = {
        "baseMass": float(model.body_mass[root]) if free else 0.0,
        "baseCollisionShapeIndex": shape,
        "basePosition": model.body_pos[root].tolist(),
        "baseOrientation": xyzw(model.body_quat[root]),
    }
    if free:
        base["baseInertialFramePosition"] = model.body_ipos[root].tolist()
        base["baseInertialFrameOrientation"] = xyzw(model.body_iquat[root])
    return base


def _links(
    client: Client, model: mujoco.MjModel, links: list[int], bodies: dict[int, int]
) -> dict[str, Any]:
    kinds = {
        -1: client.JOINT_FIXED,
        _HINGE: client.JOINT_REVOLUTE,
        _SLIDE: client.JOINT_PRISMATIC,
    }
    joint = [max(int(model.body_jntadr[body]), 0) for body in links]
    axes = [model.jnt_axis[j].tolist() if model.njnt else [0, 0, 1] for j in joint]
    parents = [bodies.get(int(model.body_parentid[body]), BASE) for body in links]
    return {
        "linkMasses": [float(model.body_mass[body]) for body in links],
        "linkCollisionShapeIndices": [
            collision_shape(client, model, solid_geoms(model, body)) for body in links
        ],
        "linkVisualShapeIndices": [NO_SHAPE] * len(links),
        "linkPositions": [model.body_pos[body].tolist() for body in links],
        "linkOrientations": [xyzw(model.body_quat[body]) for body in links],
        "linkInertialFramePositions": [model.body_ipos[b].tolist() for b in links],
        "linkInertialFrameOrientations": [xyzw(model.body_iquat[b]) for b in links],
        "linkParentIndices": [parent + 1 for parent in parents],
        "linkJointTypes": [kinds[_kind(model, body)] for body in links],
        "linkJointAxis": axes,
    }


def _set_dynamics(client: Client, model: mujoco.MjModel, tree: Tree) -> None:
    """Inertia, limits and drag, each by a call of its own.

    PyBullet 3.2.7 silently drops inertia and limits when `maxJointVelocity` is in the
    same call; links then keep the inertia of their shapes.
    """
    for body, link in tree.bodies.items():
        client.changeDynamics(
            tree.unique, link, linearDamping=0.0, angularDamping=0.0, jointDamping=0.0
        )
        if link != BASE or tree.free:
            inertia = model.body_inertia[body].tolist()
            client.changeDynamics(tree.unique, link, localInertiaDiagonal=inertia)
        if link in tree.joints:
            _set_joint(client, model, tree.unique, link, int(model.body_jntadr[body]))


def _set_joint(
    client: Client, model: mujoco.MjModel, unique: int, link: int, joint: int
) -> None:
    if model.jnt_limited[joint]:
        low, high = model.jnt_range[joint].tolist()
        client.changeDynamics(unique, link, jointLowerLimit=low, jointUpperLimit=high)
    friction = float(model.dof_frictionloss[model.jnt_dofadr[joint]])
    client.setJointMotorControl2(  # the default motor brakes; Coulomb friction stays
        unique, link, client.VELOCITY_CONTROL, force=friction
    )


def _rotation(quat_wxyz: np.ndarray) -> np.ndarray:
    R = np.zeros(9)
    mujoco.mju_quat2Mat(R, quat_wxyz)
    return R.reshape(3, 3)
