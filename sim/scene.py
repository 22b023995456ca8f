"""A simulated world: a home and, if wanted, a robot in it.

Geom groups: 0 = solid (touches, seen by the lidar), 1 = only drawn. Every thing is one
body `obj_<id>`, every closed door a body `door_<id>`. The solid geoms of fixed things
hang on the world body (named `obj_<id>_<k>`), which keeps physics fast; so ask
`object_of_geom` and `category_of_geom` for the truth of segmentation and contacts.
"""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import ArrayLike, NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.errors import ModelFileError
from neural_brain.sim.homes.building import add_building
from neural_brain.sim.homes.shapes import Materials, add_thing
from neural_brain.sim.homes.spec import HomeSpec
from neural_brain.sim.owners import OBJECT_PREFIX, owner_of_geom
from neural_brain.sim.packs import Pack, load, pack_dir
from neural_brain.sim.physics import set_options

CATEGORY_NUMERIC = "object_category"


def build_model(
    home: HomeSpec,
    robot: str | None = None,
    pose: ArrayLike | None = None,
    *,
    packs: bool | None = False,
    meshes: bool = False,
) -> mujoco.MjModel:
    """Compile a home with a robot.

    Args:
        home: what to build.
        robot: kind of robot, or None for an empty home.
        pose: where it stands (3,) x [m], y [m], yaw [rad]; None = `home.start`.
        packs: draw things with fetched third-party shapes (see `sim.packs`); None =
            if they are there. Layout, contacts and lidar are the same either way.
        meshes: draw the robot's arm with meshes, see `sim.robots.add_robot`.

    Raises:
        ConfigError: if meshes are demanded but their package is not installed.
        ModelFileError: if packs are demanded but were not fetched, or are damaged.
    """
    return build_spec(home, robot, pose, packs=packs, meshes=meshes).compile()


def build_spec(
    home: HomeSpec,
    robot: str | None = None,
    pose: ArrayLike | None = None,
    *,
    packs: bool | None = False,
    meshes: bool = False,
) -> mujoco.MjSpec:
    """The editable model of a home with a robot; arguments as `build_model`."""
    spec = mujoco.MjSpec()
    spec.modelname = f"home_{home.seed}"
    set_options(spec)
    _set_light(spec, home)
    materials = Materials(spec)
    add_building(spec, materials, home)
    pack = _pack(packs)
    for thing in home.objects:
        piece = None
        if pack is not None:
            piece = pack.choose(thing.category, home.instances, thing.variant)
        add_thing(spec, materials, thing, piece)
    spec.add_numeric(
        name=CATEGORY_NUMERIC,
        data=[float(CATEGORIES.index(thing.category)) for thing in home.objects],
        size=len(home.objects),
    )
    if robot is not None:
        from neural_brain.sim.robots import add_robot

        pose = start_pose(home) if pose is None else pose
        add_robot(spec, robot, pose, meshes=meshes)
    return spec


def start_pose(home: HomeSpec) -> NDArray[np.float64]:
    """The start pose of a home (3,) x [m], y [m], yaw [rad]."""
    x, y, yaw_deg = home.start
    return np.array([x, y, np.radians(yaw_deg)])


def object_of_geom(model: mujoco.MjModel) -> NDArray[np.int32]:
    """The id of the thing that every geom belongs to (ngeom,); -1 = none."""
    object_of_body = np.full(model.nbody, -1, np.int32)
    for body in range(model.nbody):
        name = model.body(body).name
        if name.startswith(OBJECT_PREFIX):
            object_of_body[body] = int(name.removeprefix(OBJECT_PREFIX))
    return object_of_body[owner_of_geom(model)]


def category_of_geom(model: mujoco.MjModel) -> NDArray[np.int32]:
    """The class number (index into `CATEGORIES`) of every geom (ngeom,); 0 = none."""
    objects = object_of_geom(model)
    if not (objects >= 0).any():
        return np.zeros(model.ngeom, np.int32)
    classes = np.asarray(model.numeric(CATEGORY_NUMERIC).data).astype(np.int32)
    return np.where(objects >= 0, classes[np.maximum(objects, 0)], 0).astype(np.int32)


def _pack(packs: bool | None) -> Pack | None:
    pack = None if packs is False else load()
    if packs and pack is None:
        raise ModelFileError(
            f"There is no furniture pack in {pack_dir()}. Type `neural-brain assets "
            "fetch` to get it, or build the home with packs=False."
        )
    return pack


def _set_light(spec: mujoco.MjSpec, home: HomeSpec) -> None:
    spec.visual.headlight.ambient = [0.50, 0.50, 0.50]
    spec.visual.headlight.diffuse = [0.26, 0.26, 0.26]
    spec.visual.headlight.specular = [0.05, 0.05, 0.05]
    spec.add_texture(
        name="sky",
        type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_GRADIENT,
        rgb1=[0.72, 0.75, 0.78],
        rgb2=[0.72, 0.75, 0.78],
        width=16,
        height=96,
    )
    spec.visual.map.znear = 0.02
    spec.visual.map.zfar = 60.0
    spec.stat.extent = 1.0
    spec.stat.center = [0.5 * home.size[0], 0.5 * home.size[1], 0.5]
    for direction, strength in (((0.4, 0.55, -1.0), 0.30), ((-0.6, -0.3, -0.7), 0.16)):
        light = spec.worldbody.add_light(pos=[0, 0, 4], dir=list(direction))
        light.type = mujoco.mjtLightType.mjLIGHT_DIRECTIONAL
        light.castshadow = False
        light.ambient = [0.0, 0.0, 0.0]
        light.diffuse = [strength] * 3
        light.specular = [0.1] * 3
