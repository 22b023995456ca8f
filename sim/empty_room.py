"""A plain square room with a robot: the smallest world for tests and first steps."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import ArrayLike

from neural_brain.sim.robots.build import add_robot
from neural_brain.sim.shove import add_pusher

WALL_HALF_M = 0.05


def room_spec(half_m: float = 3.0) -> mujoco.MjSpec:
    """Floor, four walls (inner faces at +-half_m [m]) and a light; no robot."""
    spec = mujoco.MjSpec()
    world = spec.worldbody
    world.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[0, 0, 0.1],
        rgba=[0.75, 0.68, 0.58, 1],
    )
    for name, x, y in (
        ("east", 1, 0),
        ("west", -1, 0),
        ("north", 0, 1),
        ("south", 0, -1),
    ):
        middle = half_m + WALL_HALF_M
        world.add_geom(
            name=f"wall_{name}",
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[x * middle, y * middle, 1.25],
            size=[
                WALL_HALF_M if x else half_m + 2 * WALL_HALF_M,
                WALL_HALF_M if y else half_m,
                1.25,
            ],
            rgba=[0.85, 0.87, 0.82, 1],
        )
    world.add_light(
        pos=[0, 0, 2.4],
        dir=[0, 0, -1],
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        castshadow=False,
    )
    return spec


def build_room(
    kind: str = "mobile_manipulator",
    pose: ArrayLike = (0.0, 0.0, 0.0),
    *,
    half_m: float = 3.0,
    table: bool = False,
    meshes: bool = False,
) -> mujoco.MjModel:
    """Compile a room with a robot.

    Args:
        kind: see `add_robot`.
        pose: planar pose (3,) of the robot.
        half_m: half the inner width of the room [m].
        table: put a fixed table 0.75 m high 0.65 m ahead of the origin, with a red
            ball of 0.1 kg on it (body "ball").
        meshes: see `add_robot`.
    """
    spec = room_spec(half_m)
    if table:
        _add_table(spec)
    add_robot(spec, kind, np.asarray(pose, dtype=float), meshes=meshes)
    add_pusher(spec)
    return spec.compile()


def _add_table(spec: mujoco.MjSpec) -> None:
    table = spec.worldbody.add_body(name="table", pos=[0.85, 0.0, 0.0])
    wood = [0.55, 0.38, 0.22, 1]
    box = mujoco.mjtGeom.mjGEOM_BOX
    table.add_geom(type=box, pos=[0, 0, 0.735], size=[0.3, 0.5, 0.015], rgba=wood)
    for x in (-0.27, 0.27):
        for y in (-0.47, 0.47):
            table.add_geom(
                type=box, pos=[x, y, 0.36], size=[0.02, 0.02, 0.36], rgba=wood
            )
    ball = spec.worldbody.add_body(name="ball", pos=[0.75, 0.3, 0.791])
    ball.add_freejoint()
    ball.add_geom(
        type=mujoco.mjtGeom.mjGEOM_SPHERE,
        size=[0.04, 0, 0],
        mass=0.1,
        rgba=[0.8, 0.1, 0.1, 1],
        condim=6,
        friction=[0.6, 0.005, 0.005],
    )
