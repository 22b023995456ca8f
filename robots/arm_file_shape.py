"""Where an arm from a file is solid: the geometry for contacts, or what is drawn."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.robots.arm_cover import FLAT
from neural_brain.robots.arm_shape import LeftOut, MujocoArmShape
from neural_brain.robots.arm_sweep import joints_below
from neural_brain.robots.urdf_meshes import is_urdf, solid_urdf

_DUMMY_KG = 1e-3  # frames of a URDF get masses like this to please simulators
_LEAVE_OUT = LeftOut(closer_m=0.01, share=0.5)  # balls around meshes stand out more
_OFF = "or leave workspace planes and self_distance out."


def shape_in_file(
    arm: mujoco.MjSpec,
    path: str | Path,
    ee: str,
    *,
    tool_m: float = 0.0,
    tool_radius_m: float = 0.0,
) -> MujocoArmShape:
    """Balls that cover an arm, from the geometry in its file.

    A link is covered where it can touch, or else where it is drawn. Fingers belong to
    the hand wherever they can be; all other parts of the file are the robot itself.

    Args:
        arm: the arm alone, read from the file; spent.
        path: URDF or MJCF file.
        ee: site of the hand.
        tool_m: length of a tool beyond the hand [m].
        tool_radius_m: its radius [m].

    Raises:
        ConfigError: if a mesh is missing, a link of the arm has a mass but no geometry,
            or it is not known how far something slides.
    """
    own = {joint.name for joint in arm.joints}
    hand = arm.site(ee).parent.name
    robot = _robot(path, hand, own)
    _check_slides(robot, path)
    moving, resting = _bare(robot, own)
    if tool_m > 0.0:
        moving = [name for name in moving if name != hand]
    if moving:
        raise ConfigError(
            f"The arm file {str(path)!r} does not say where {', '.join(moving)} of the "
            "arm are solid: they have a mass, but no geometry. Give them collision "
            f"geometry there (what is fixed at {ee!r} may be told by "
            f"fast.reflex.workspace.tool_m), {_OFF}"
        )
    where = tuple(f"{name} in {str(path)!r}" for name in resting)
    return MujocoArmShape(
        arm,
        robot,
        ee,
        tool_m=tool_m,
        tool_radius_m=tool_radius_m,
        bare=where,
        leave_out=_LEAVE_OUT,
        slides_whole=True,
    )


def name_all(spec: mujoco.MjSpec) -> None:
    """Name bodies and joints that have no name, in the order of the file."""
    for kind, parts in (("body", spec.bodies), ("joint", spec.joints)):
        for index, part in enumerate(parts):
            if not part.name:
                part.name = f"unnamed_{kind}{index}"


def _robot(path: str | Path, hand: str, own: set[str]) -> mujoco.MjModel:
    """All that is in the file, each link with its solid geometry alone."""
    try:
        if is_urdf(path):
            spec = mujoco.MjSpec.from_string(solid_urdf(path))
        else:
            spec = mujoco.MjSpec.from_file(str(path))
        compiler = spec.compiler
        compiler.fusestatic, compiler.balanceinertia = False, True
        compiler.boundmass, compiler.boundinertia = 1e-9, 1e-12  # it never moves
        name_all(spec)
        _lock_below(spec, hand, own)
        _keep_solid(spec)
        return spec.compile()
    except ValueError as error:
        raise ConfigError(
            f"Where the arm in {str(path)!r} is solid could not be read: {error}. Put "
            f"its meshes (STL, OBJ or MSH) where the file names them, {_OFF}"
        ) from error


def _lock_below(spec: mujoco.MjSpec, hand: str, own: set[str]) -> None:
    """Lock what stands still in the arm's dynamics: wheels and lifts below the arm."""
    body = spec.body(hand)
    while body.name != "world":
        for joint in list(body.joints):
            if joint.name not in own:
                spec.delete(joint)
        body = body.parent


def _keep_solid(spec: mujoco.MjSpec) -> None:
    """Of each body the geoms that can touch, or else all; only meshes that they use."""
    rest = (spec.actuators, spec.equalities, spec.sensors, spec.tendons, spec.keys)
    for parts in (*rest, spec.pairs, spec.skins):
        for part in list(parts):
            spec.delete(part)
    for body in spec.bodies:
        touching = [g for g in body.geoms if g.contype or g.conaffinity]
        kept = touching or list(body.geoms)
        for geom in list(body.geoms):
            if geom in kept:
                geom.contype, geom.material = 1, ""
            else:
                spec.delete(geom)
    used = {geom.meshname for geom in spec.geoms}
    for mesh in list(spec.meshes):
        if (mesh.name or Path(mesh.file).stem) in used:
            mesh.inertia = mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL
        else:
            spec.delete(mesh)
    for part in (*spec.materials, *spec.textures):
        spec.delete(part)


def _check_slides(robot: mujoco.MjModel, path: str | Path) -> None:
    """A slide without limits could be anywhere."""
    slides = robot.jnt_type == int(mujoco.mjtJoint.mjJNT_SLIDE)
    endless = np.flatnonzero(slides & (robot.jnt_limited == 0)).tolist()
    if endless:
        names = ", ".join(robot.joint(j).name for j in endless)
        raise ConfigError(
            f"The arm file {str(path)!r} does not say how far {names} can slide. Give "
            f"them limits there, {_OFF}"
        )


def _bare(robot: mujoco.MjModel, own: set[str]) -> tuple[list[str], list[str]]:
    """Bodies with a mass but no geometry: those of the arm, and all others."""
    shown = ~np.isin(robot.geom_type, FLAT)
    covered = set(robot.geom_bodyid[shown].tolist())
    arm: list[str] = []
    rest: list[str] = []
    for body in np.flatnonzero(robot.body_mass > _DUMMY_KG).tolist():
        if body not in covered:
            _, on_arm = joints_below(robot, body, own)
            (arm if on_arm else rest).append(robot.body(body).name)
    return arm, rest
