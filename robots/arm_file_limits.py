"""What an arm's file, URDF or MJCF, says of the limits of its joints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import mujoco
import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.robots.arm_file import arm_of, compile_arm, read_arm
from neural_brain.robots.dynamics import MujocoArm


@dataclass(frozen=True, kw_only=True)
class FileLimits:
    """Limits of n joints; NaN where the file has none.

    Attributes:
        q_min, q_max: [rad]. dq_max: [rad/s]. effort_max: [Nm]; each (n,).
    """

    q_min: Array
    q_max: Array
    dq_max: Array
    effort_max: Array


def arm_and_limits(
    path: str | Path, ee: str, joints: Sequence[str]
) -> tuple[MujocoArm, FileLimits]:
    """Read an arm and its limits, the file once; arguments as in `arm_from_file`.

    Positions and efforts come from a URDF's `limit`, or from an MJCF's `range`, and its
    `actuatorfrcrange` and actuators, the smaller of the two. Only a URDF has speeds.

    Raises:
        ConfigError: as `arm_from_file`.
    """
    spec = read_arm(path)
    driven = [_strength_of_actuators(spec, name) for name in joints]
    model = compile_arm(spec, path, ee, joints)
    positions = np.where(model.jnt_limited[:, None] == 1, model.jnt_range, np.nan)
    own = np.abs(model.jnt_actfrcrange).min(axis=1)
    own = np.where((model.jnt_actfrclimited == 1) & (own > 0.0), own, np.nan)
    limits = FileLimits(
        q_min=positions[:, 0],
        q_max=positions[:, 1],
        dq_max=_speeds(path, joints),
        effort_max=np.fmin(own, driven),
    )
    return arm_of(model, path, ee, joints), limits


def _strength_of_actuators(spec: mujoco.MjSpec, joint: str) -> float:
    """Largest effort that the weakest actuator of a joint gives it [Nm]; or NaN."""
    found = []
    for actuator in spec.actuators:
        low, high = actuator.forcerange
        if actuator.biastype == mujoco.mjtBias.mjBIAS_NONE and not low < high:
            low, high = (float(actuator.gainprm[0]) * x for x in actuator.ctrlrange)
        if actuator.target == joint and low < high:
            found.append(min(abs(low), abs(high)) * abs(float(actuator.gear[0])))
    return min(found, default=np.nan)


def _speeds(path: str | Path, joints: Sequence[str]) -> Array:
    """Largest speeds of a URDF's joints [rad/s]; MuJoCo does not read them."""
    speeds = {}
    for joint in ElementTree.parse(path).getroot().iter("joint"):  # noqa: S314
        limit = joint.find("limit")
        speed = 0.0 if limit is None else float(limit.get("velocity", 0.0))
        if speed > 0.0:
            speeds[joint.get("name")] = speed
    return np.array([speeds.get(name, np.nan) for name in joints])
