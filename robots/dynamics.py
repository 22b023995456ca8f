"""Rigid-body terms of an arm, from its own small model without contacts or world."""

from __future__ import annotations

from collections.abc import Callable

import mujoco
import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmShape
from neural_brain.robots.arm_shape import MujocoArmShape
from neural_brain.robots.rigid_body import RigidBody
from neural_brain.sim.physics import set_options
from neural_brain.sim.robots.arm import add_arm
from neural_brain.sim.robots.base import add_base_link
from neural_brain.sim.robots.build import add_robot
from neural_brain.sim.robots.hand import EE, add_hand
from neural_brain.sim.robots.packaged import PACKAGED_ARMS, add_packaged_arm


class MujocoArm:
    """`ArmDynamics` of a serial arm whose model's world frame is `base_link`.

    The mass matrix contains the rotor inertia (armature); the bias contains gravity and
    Coriolis terms, not friction. Featherstone's composite-rigid-body and recursive
    Newton-Euler algorithms run in MuJoCo.

    Args:
        model: a model that holds nothing but the arm, all joints hinges or slides.
        ee_site: name of the site at the end effector.
        shape: makes an `ArmShape` with a tool of a length and a radius [m]; None: it is
            not known where this arm is solid.

    Raises:
        ConfigError: if the model has other joints or no such site.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        ee_site: str = EE,
        *,
        shape: Callable[[float, float], ArmShape] | None = None,
    ) -> None:
        site = mujoco.mj_name2id(model, int(mujoco.mjtObj.mjOBJ_SITE), ee_site)
        if site < 0 or model.nq != model.nv:
            raise ConfigError(
                f"The arm model has {model.nq} positions for {model.nv} velocities and "
                f"site {ee_site!r} {'present' if site >= 0 else 'absent'}; expected "
                "one-axis joints only and that site. Build it with arm_dynamics()."
            )
        self.n = int(model.nv)
        self._shape = shape
        self._body = body = RigidBody(model, site)
        self.T_base_ee, self.jacobian = body.T, body.jacobian
        self.mass, self.bias = body.mass, body.bias

    def update(self, q: Array, dq: Array) -> None:
        """Refresh all terms for joint positions [rad] and velocities [rad/s] (n,)."""
        self._body.update(q, dq)

    def shape(self, tool_m: float = 0.0, tool_radius_m: float = 0.0) -> ArmShape:
        """Where this arm is solid, with a tool that long beyond the hand [m].

        Raises:
            ConfigError: if that is not known.
        """
        if self._shape is None:
            raise ConfigError(
                "It is not known where this arm is solid; expected MujocoArm(..., "
                "shape=...). Give it one, or leave planes and self-distance out."
            )
        return self._shape(tool_m, tool_radius_m)


def arm_dynamics(
    payload_kg: float = 0.0, kind: str = "mobile_manipulator"
) -> MujocoArm:
    """Dynamics of a robot's arm with its hand, mounted as `sim.robots` mounts it.

    Args:
        payload_kg: mass held at the end effector [kg].
        kind: "arm", "mobile_manipulator", "ur5e" or "so101".

    Raises:
        ConfigError: if the arm comes from a package that is not installed.
    """

    def shape(tool_m: float, tool_radius_m: float) -> MujocoArmShape:
        robot = mujoco.MjSpec()
        add_robot(robot, kind)
        return MujocoArmShape(
            _arm_spec(payload_kg, kind),
            robot.compile(),
            EE,
            tool_m=tool_m,
            tool_radius_m=tool_radius_m,
        )

    return MujocoArm(_arm_spec(payload_kg, kind).compile(), shape=shape)


def _arm_spec(payload_kg: float, kind: str) -> mujoco.MjSpec:
    """The arm with its hand and a payload [kg], without any geom."""
    spec = mujoco.MjSpec()
    set_options(spec)
    base = add_base_link(spec.worldbody, np.zeros(3), fixed=True)
    if kind in PACKAGED_ARMS:
        add_packaged_arm(spec, base, kind, shapes=False)
    else:
        add_hand(spec, add_arm(spec, base, shapes=False), actuated=False)
    for geom in list(spec.geoms):
        spec.delete(geom)
    if payload_kg > 0.0:
        _add_payload(spec, payload_kg)
    return spec


def _add_payload(spec: mujoco.MjSpec, mass: float) -> None:
    site = spec.site(EE)
    load = site.parent.add_body(name="payload", pos=list(site.pos))
    load.explicitinertial = True
    load.mass = mass
    load.inertia = [1e-4 * mass] * 3
