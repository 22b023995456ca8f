"""Where the parts of a robot are in a compiled model: addresses found once by name."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.sim.robots.arm import JOINTS
from neural_brain.sim.robots.base import BASE_LINK, WHEELS
from neural_brain.sim.robots.hand import EE, FINGERS, FLANGE, HAND
from neural_brain.sim.robots.head import CAMERA, PAN, TILT
from neural_brain.sim.robots.shapes import PREFIX

Ints = np.ndarray


@dataclass(frozen=True, kw_only=True)
class RobotIndex:
    """Addresses in `qpos`, `qvel` (dof), `ctrl` and `sensordata`; -1 = part absent.

    Groups are integer arrays: arm (n,), wheels (0 or 2,), head (0 or 2,), fingers
    (0 or 2,). `floating` tells whether the base can move.
    """

    arm_q: Ints
    arm_dof: Ints
    arm_ctrl: Ints
    wheel_q: Ints
    wheel_dof: Ints
    wheel_ctrl: Ints
    head_q: Ints
    head_ctrl: Ints
    finger_q: Ints
    finger_ctrl: Ints
    base_body: int
    hand_body: int
    base_q: int
    floating: bool
    ee_site: int
    flange_site: int
    camera: int
    gyro: int
    accel: int
    force: int
    torque: int


def index_robot(
    model: mujoco.MjModel, arm_joints: tuple[str, ...] = JOINTS
) -> RobotIndex:
    """Find the robot's parts by name.

    Args:
        model: compiled model that holds one robot.
        arm_joints: names of the arm's joints, base to tip.

    Raises:
        ConfigError: if the model has no robot.
    """
    base = _find(model, mujoco.mjtObj.mjOBJ_BODY, BASE_LINK)
    if base < 0:
        raise ConfigError(
            f"The model has no body {BASE_LINK!r}; expected a world with a robot. "
            "Call add_robot(spec, kind, pose) before compiling."
        )
    joint = model.body_jntadr[base]
    floating = bool(model.body_jntnum[base] > 0)
    arm_q, arm_dof = _joints(model, arm_joints)
    wheel_q, wheel_dof = _joints(model, WHEELS)
    head_q, _ = _joints(model, (PAN, TILT))
    finger_q, _ = _joints(model, FINGERS)
    site, sensor = mujoco.mjtObj.mjOBJ_SITE, mujoco.mjtObj.mjOBJ_SENSOR
    addresses = {
        name: _sensor_address(model, _find(model, sensor, PREFIX + name))
        for name in ("gyro", "accel", "wrist_force", "wrist_torque")
    }
    return RobotIndex(
        arm_q=arm_q,
        arm_dof=arm_dof,
        arm_ctrl=_actuators(model, arm_joints),
        wheel_q=wheel_q,
        wheel_dof=wheel_dof,
        wheel_ctrl=_actuators(model, WHEELS),
        head_q=head_q,
        head_ctrl=_actuators(model, (PAN, TILT)),
        finger_q=finger_q,
        finger_ctrl=_actuators(model, FINGERS),
        base_body=base,
        hand_body=_find(model, mujoco.mjtObj.mjOBJ_BODY, HAND),
        base_q=int(model.jnt_qposadr[joint]) if floating else -1,
        floating=floating,
        ee_site=_find(model, site, EE),
        flange_site=_find(model, site, FLANGE),
        camera=_find(model, mujoco.mjtObj.mjOBJ_CAMERA, CAMERA),
        gyro=addresses["gyro"],
        accel=addresses["accel"],
        force=addresses["wrist_force"],
        torque=addresses["wrist_torque"],
    )


def robot_bodies(model: mujoco.MjModel, root: int) -> np.ndarray:
    """Ids of all bodies in the subtree of body `root`, itself included."""
    inside = np.zeros(model.nbody, dtype=bool)
    inside[root] = True
    for body in range(root + 1, model.nbody):
        inside[body] = inside[model.body_parentid[body]]
    return np.flatnonzero(inside)


def span(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """A live view of consecutive entries; an empty index gives an empty view."""
    start = int(index[0]) if index.size else 0
    return values[start : start + index.size]


def _find(model: mujoco.MjModel, kind: mujoco.mjtObj, name: str) -> int:
    return int(mujoco.mj_name2id(model, int(kind), name))


def _joints(model: mujoco.MjModel, names: tuple[str, ...]) -> tuple[Ints, Ints]:
    ids = [_find(model, mujoco.mjtObj.mjOBJ_JOINT, name) for name in names]
    found = [i for i in ids if i >= 0]
    return (
        np.asarray(model.jnt_qposadr[found], dtype=int).reshape(-1),
        np.asarray(model.jnt_dofadr[found], dtype=int).reshape(-1),
    )


def _actuators(model: mujoco.MjModel, names: tuple[str, ...]) -> Ints:
    ids = [_find(model, mujoco.mjtObj.mjOBJ_ACTUATOR, name) for name in names]
    return np.array([i for i in ids if i >= 0], dtype=int)


def _sensor_address(model: mujoco.MjModel, sensor: int) -> int:
    return int(model.sensor_adr[sensor]) if sensor >= 0 else -1
