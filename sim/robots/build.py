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

ROBOT_KINDS = ("base", "arm", "mobile_manipulator")
HFOV_RAD = float(np.radians(69.0))


def add_robot(
    spec: mujoco.MjSpec, kind: str, pose: ArrayLike = (0.0, 0.0, 0.0)
) -> None:
    """Put a robot at a planar pose (3,) of the world and set the physics options.

    Args:
        spec: world under construction; its floor is z = 0.
        kind: "base" (drives and sees), "arm" (fixed on a pedestal) or
            "mobile_manipulator" (both).
        pose: x [m], y [m], yaw [rad] of `base_link`.

    Raises:
        ConfigError: for an unknown kind.
    """
    if kind not in ROBOT_KINDS:
        raise ConfigError(
            f"Robot kind {kind!r} is not built here; allowed: "
            f"{', '.join(ROBOT_KINDS)}. Choose one of them."
        )
    set_options(spec)
    base = add_base_link(
        spec.worldbody, np.asarray(pose, dtype=float), fixed=kind == "arm"
    )
    if kind == "arm":
        add_pedestal(base)
    else:
        add_mobile_base(spec, base)
    add_head(spec, base, hfov_rad=HFOV_RAD, aspect=4.0 / 3.0)
    add_imu(spec)
    if kind != "base":
        add_hand(spec, add_arm(spec, base))
        add_wrist_sensors(spec)
        exclude_neighbours(spec)
