"""Add one of our robots to a world under construction."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import ArrayLike

from neural_brain.models.errors import ConfigError
from neural_brain.sim.physics import set_options
from neural_brain.sim.robots.arm import add_arm, exclude_neighbours
from neural_brain.sim.robots.base import (
    add_base_link,
    add_imu,
    add_mobile_base,
    add_pedestal,
)
from neural_brain.sim.robots.hand import add_hand, add_wrist_sensors
from neural_brain.sim.robots.head import add_head
from neural_brain.sim.robots.packaged import PACKAGED_ARMS, add_packaged_arm

ROBOT_KINDS = ("base", "arm", "mobile_manipulator", *PACKAGED_ARMS)
MOVING_KINDS = ("base", "mobile_manipulator")
KIND_TEXT = "robot_kind"
HFOV_RAD = float(np.radians(69.0))


def add_robot(
    spec: mujoco.MjSpec,
    kind: str,
    pose: ArrayLike = (0.0, 0.0, 0.0),
    *,
    meshes: bool = False,
) -> None:
    """Put a robot at a planar pose (3,) of the world and set the physics options.

    Args:
        spec: world under construction; its floor is z = 0.
        kind: "base" (drives and sees), "arm" (fixed on a pedestal),
            "mobile_manipulator" (both), or "ur5e" and "so101" (fixed, from packages).
        pose: x [m], y [m], yaw [rad] of `base_link`.
        meshes: draw our own arm with the meshes of an installed package instead of
            capsules. Contacts, dynamics and all sensors but the camera stay the same.

    Raises:
        ConfigError: for an unknown kind, or when a needed package is not installed.
        ModelFileError: if meshes are demanded but cannot be read.
    """
    if kind not in ROBOT_KINDS:
        raise ConfigError(
            f"Robot kind {kind!r} is unknown; allowed: "
            f"{', '.join(ROBOT_KINDS)}. Choose one of them."
        )
    set_options(spec)
    spec.add_text(name=KIND_TEXT, data=kind)
    moves = kind in MOVING_KINDS
    base = add_base_link(spec.worldbody, np.asarray(pose, dtype=float), fixed=not moves)
    if moves:
        add_mobile_base(spec, base)
    else:
        add_pedestal(base)
    add_head(spec, base, hfov_rad=HFOV_RAD, aspect=4.0 / 3.0)
    add_imu(spec)
    if kind in PACKAGED_ARMS:
        add_packaged_arm(spec, base, kind)
    elif kind != "base":
        add_hand(spec, add_arm(spec, base))
        exclude_neighbours(spec)
        if meshes:
            _draw_meshes(spec)
    if kind != "base":
        add_wrist_sensors(spec)


def _draw_meshes(spec: mujoco.MjSpec) -> None:
    from neural_brain.sim.robots.panda_meshes import load_skin
    from neural_brain.sim.robots.skin import add_skin

    add_skin(spec, load_skin())


def robot_kind(model: mujoco.MjModel) -> str:
    """Kind of the robot that `add_robot` put into a compiled model; "" if none."""
    text = mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_TEXT), KIND_TEXT)
    if text < 0:
        return ""
    start = int(model.text_adr[text])
    data = model.text_data[start : start + int(model.text_size[text])]
    return bytes(data).decode().rstrip("\0")
