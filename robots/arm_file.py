"""The dynamics of an arm from its file, URDF or MJCF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import mujoco

from neural_brain.models.errors import ConfigError
from neural_brain.models.signals import ArmShape
from neural_brain.robots.arm_file_shape import name_all, shape_in_file
from neural_brain.robots.dynamics import MujocoArm


def arm_from_file(
    path: str | Path, ee: str, *, joints: Sequence[str] = ()
) -> MujocoArm:
    """Read a serial arm; what is drawn of it is left out, so no mesh need be there.

    A mesh that gives a link its mass (MJCF without `inertial`) is needed.

    Args:
        path: URDF or MJCF file. Its world, or its root link, is `base_link`.
        ee: link or site at the end effector; its axes are those of the hand.
        joints: those of the arm, base to tip; all others, such as fingers, are locked
            where the file has them at zero. Empty: all joints.

    Raises:
        ConfigError: if the file cannot be read or is no arm, has no such names, or
            `joints` are not those between its base and `ee`, in this order.
    """
    model = compile_arm(read_arm(path), path, ee, joints)
    return arm_of(model, path, ee, joints)


def arm_of(
    model: mujoco.MjModel, path: str | Path, ee: str, joints: Sequence[str]
) -> MujocoArm:
    """An arm that learns from its file where it is solid once it is asked."""

    def shape(tool_m: float, tool_radius_m: float) -> ArmShape:
        arm = read_arm(path)
        prepare_arm(arm, path, ee, joints)
        return shape_in_file(arm, path, ee, tool_m=tool_m, tool_radius_m=tool_radius_m)

    return MujocoArm(model, ee, shape=shape)


def read_arm(path: str | Path) -> mujoco.MjSpec:
    """What the file says, all of it.

    Raises:
        ConfigError: if it cannot be read.
    """
    try:
        spec = mujoco.MjSpec.from_file(str(path))
    except (ValueError, OSError) as error:
        raise ConfigError(
            f"The arm file {str(path)!r} could not be read: {error}. Expected a URDF "
            "or MJCF file; a xacro file must be expanded first."
        ) from error
    spec.compiler.fusestatic = False  # links at fixed joints keep their names
    name_all(spec)
    return spec


def compile_arm(
    spec: mujoco.MjSpec, path: str | Path, ee: str, joints: Sequence[str]
) -> mujoco.MjModel:
    """The model of the arm alone; `spec` is spent. Arguments as in `arm_from_file`.

    Raises:
        ConfigError: as `arm_from_file`.
    """
    prepare_arm(spec, path, ee, joints)
    try:
        model = spec.compile()
    except ValueError as error:
        raise ConfigError(
            f"The arm file {str(path)!r} is no model: {error}. Give each moving link a "
            "mass and an inertia."
        ) from error
    if joints:
        _check_order(model, path, ee, joints)
    return model


def prepare_arm(
    spec: mujoco.MjSpec, path: str | Path, ee: str, joints: Sequence[str]
) -> None:
    """Leave nothing but the arm, with a site `ee`. Arguments as in `arm_from_file`.

    Raises:
        ConfigError: if there are no such joints, or no such link or site.
    """
    _lock_others(spec, joints, path)
    _leave_out_looks(spec)
    if spec.site(ee) is None:
        body = spec.body(ee)
        if body is None:
            names = sorted(b.name for b in spec.bodies if b.name)
            raise ConfigError(
                f"The arm file {str(path)!r} has no link or site {ee!r}; it has the "
                f"links {', '.join(names)}. Choose one of them, or a site."
            )
        body.add_site(name=ee)


def _check_order(
    model: mujoco.MjModel, path: str | Path, ee: str, joints: Sequence[str]
) -> None:
    """Joints of another order would be led by each other's numbers."""
    way: list[str] = []
    body = int(model.site(ee).bodyid[0])
    while body:
        first, count = int(model.body_jntadr[body]), int(model.body_jntnum[body])
        way[:0] = [model.joint(first + i).name for i in range(count)]
        body = int(model.body_parentid[body])
    if way != list(joints):
        raise ConfigError(
            f"The arm file {str(path)!r} has, of the joints {', '.join(joints)}, on "
            f"the way from its base to {ee!r}: {', '.join(way) or 'none'}. Name the "
            "joints of one arm, base to tip, and a hand at its end."
        )


def _lock_others(spec: mujoco.MjSpec, joints: Sequence[str], path: str | Path) -> None:
    there = [joint.name for joint in spec.joints]
    missing = [name for name in joints if name not in there]
    if missing:
        raise ConfigError(
            f"The arm file {str(path)!r} has no joints {', '.join(missing)}; it has "
            f"{', '.join(there)}. Correct `joints`."
        )
    if joints:
        for part in (*spec.actuators, *spec.equalities, *spec.sensors, *spec.tendons):
            spec.delete(part)
        for key in list(spec.keys):
            spec.delete(key)
        for joint in list(spec.joints):
            if joint.name not in joints:
                spec.delete(joint)


def _leave_out_looks(spec: mujoco.MjSpec) -> None:
    """Delete geoms of links whose mass does not come from them."""
    for body in spec.bodies:
        if body.explicitinertial or body.name == "world":
            for geom in list(body.geoms):
                spec.delete(geom)
    if not any(geom.type == mujoco.mjtGeom.mjGEOM_MESH for geom in spec.geoms):
        for part in (*spec.meshes, *spec.materials, *spec.textures):
            spec.delete(part)
