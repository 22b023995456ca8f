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
from neural_brain.sim.homes.shapes import (
    SOLID_GROUP,
    VISUAL_GROUP,
    Materials,
    add_thing,
)
from neural_brain.sim.homes.spec import HomeSpec, Rect, Room
from neural_brain.sim.physics import set_options

LEAF_M = 0.04
LINTEL_M = 2.05
CATEGORY_NUMERIC = "object_category"
Rgb = tuple[float, float, float]

_FLOORS: dict[str, tuple[Rgb, Rgb, float]] = {
    "kitchen": ((0.80, 0.78, 0.72), (0.68, 0.66, 0.62), 3.0),
    "living room": ((0.66, 0.52, 0.38), (0.61, 0.47, 0.34), 5.0),
    "bedroom": ((0.60, 0.58, 0.64), (0.57, 0.55, 0.61), 8.0),
    "bathroom": ((0.74, 0.82, 0.84), (0.60, 0.70, 0.74), 4.0),
    "office": ((0.56, 0.58, 0.54), (0.52, 0.54, 0.50), 8.0),
    "hall": ((0.70, 0.64, 0.56), (0.62, 0.56, 0.49), 2.5),
    "dining room": ((0.58, 0.44, 0.32), (0.53, 0.40, 0.29), 5.0),
    "storage": ((0.62, 0.62, 0.62), (0.57, 0.57, 0.57), 2.0),
}
_WALLS: tuple[Rgb, ...] = (
    (0.86, 0.84, 0.79),
    (0.80, 0.84, 0.86),
    (0.86, 0.80, 0.76),
    (0.81, 0.86, 0.79),
    (0.87, 0.86, 0.84),
)


def build_model(
    home: HomeSpec,
    robot: str | None = None,
    pose: ArrayLike | None = None,
) -> mujoco.MjModel:
    """Compile a home with a robot.

    Args:
        home: what to build.
        robot: kind of robot, or None for an empty home.
        pose: where it stands (3,) x [m], y [m], yaw [rad]; None = `home.start`.
    """
    return build_spec(home, robot, pose).compile()


def build_spec(
    home: HomeSpec,
    robot: str | None = None,
    pose: ArrayLike | None = None,
) -> mujoco.MjSpec:
    """The editable model of a home with a robot; arguments as `build_model`."""
    spec = mujoco.MjSpec()
    spec.modelname = f"home_{home.seed}"
    set_options(spec)
    _let_sleep(spec)
    _set_light(spec, home)
    materials = Materials(spec)
    _add_floors(spec, materials, home)
    _add_walls(spec, materials, home)
    _add_doors(spec, materials, home)
    for thing in home.objects:
        add_thing(spec, materials, thing)
    spec.add_numeric(
        name=CATEGORY_NUMERIC,
        data=[float(CATEGORIES.index(thing.category)) for thing in home.objects],
        size=len(home.objects),
    )
    if robot is not None:
        from neural_brain.sim.robots import add_robot

        add_robot(spec, robot, start_pose(home) if pose is None else pose)
    return spec


def start_pose(home: HomeSpec) -> NDArray[np.float64]:
    """The start pose of a home (3,) x [m], y [m], yaw [rad]."""
    x, y, yaw_deg = home.start
    return np.array([x, y, np.radians(yaw_deg)])


def object_of_geom(model: mujoco.MjModel) -> NDArray[np.int32]:
    """The id of the thing that every geom belongs to (ngeom,); -1 = none."""
    ids = np.full(model.ngeom, -1, np.int32)
    for geom in range(model.ngeom):
        body = int(model.geom_bodyid[geom])
        name = model.body(body).name if body else model.geom(geom).name
        if name.startswith("obj_"):
            ids[geom] = int(name.split("_")[1])
    return ids


def category_of_geom(model: mujoco.MjModel) -> NDArray[np.int32]:
    """The class number (index into `CATEGORIES`) of every geom (ngeom,); 0 = none."""
    objects = object_of_geom(model)
    if not (objects >= 0).any():
        return np.zeros(model.ngeom, np.int32)
    classes = np.asarray(model.numeric(CATEGORY_NUMERIC).data).astype(np.int32)
    return np.where(objects >= 0, classes[np.maximum(objects, 0)], 0).astype(np.int32)


def _let_sleep(spec: mujoco.MjSpec) -> None:
    """Bodies at rest and everything fixed cost no time, where MuJoCo can do that."""
    flag = getattr(mujoco.mjtEnableBit, "mjENBL_SLEEP", None)
    if flag is not None:
        spec.option.enableflags |= int(flag)


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


def _add_floors(spec: mujoco.MjSpec, materials: Materials, home: HomeSpec) -> None:
    """One unseen plane to stand on; a thin tiled board per room to look at."""
    ground = spec.worldbody.add_geom(
        name="floor", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1]
    )
    ground.rgba = [0.5, 0.5, 0.5, 0.0]
    ground.group = SOLID_GROUP
    width, depth = home.size
    sill = (-0.16, -0.16, width + 0.16, depth + 0.16)
    name = materials.get("floor", (0.45, 0.42, 0.40))
    _board(spec, "floor_sill", sill, (-0.03, -0.004), name)
    for room in home.rooms:
        _board(
            spec, f"floor_{room.id}", room.rect, (-0.02, 0.0), _tiles(materials, room)
        )


def _tiles(materials: Materials, room: Room) -> str:
    first, second, per_metre = _FLOORS[room.kind]
    return materials.floor(f"tiles_{room.id}", first, second, per_metre)


def _board(
    spec: mujoco.MjSpec,
    name: str,
    rect: Rect,
    span: tuple[float, float],
    material: str,
) -> None:
    geom = _box(spec.worldbody, rect, span, material)
    geom.name = name
    geom.group = VISUAL_GROUP
    geom.contype = geom.conaffinity = 0


def _add_walls(spec: mujoco.MjSpec, materials: Materials, home: HomeSpec) -> None:
    tint = _WALLS[home.seed % len(_WALLS)]
    wall = materials.get("wall", tint)
    for rect in home.walls:
        _box(spec.worldbody, rect, (0.0, home.wall_height), wall)
    for door in home.doors:
        _box(spec.worldbody, door.rect, (LINTEL_M, home.wall_height), wall)


def _add_doors(spec: mujoco.MjSpec, materials: Materials, home: HomeSpec) -> None:
    """A leaf with a handle in every closed doorway."""
    wood = materials.get("wood", (0.50, 0.34, 0.20))
    steel = materials.get("metal", (0.7, 0.7, 0.72))
    for door in home.doors:
        if not door.closed:
            continue
        body = spec.worldbody.add_body(name=f"door_{door.id}")
        x0, y0, x1, y1 = door.rect
        x, y = door.center
        half = 0.5 * LEAF_M
        leaf = (
            (x - half, y0, x + half, y1)
            if door.along == "y"
            else (x0, y - half, x1, y + half)
        )
        _box(body, leaf, (0.005, LINTEL_M), wood)
        far = 0.06
        hand = (
            (x - far, y1 - 0.14, x + far, y1 - 0.08)
            if door.along == "y"
            else (x1 - 0.14, y - far, x1 - 0.08, y + far)
        )
        knob = _box(body, hand, (1.0, 1.03), steel)
        knob.group = VISUAL_GROUP
        knob.contype = knob.conaffinity = 0


def _box(
    body: object, rect: Rect, span: tuple[float, float], material: str
) -> mujoco.MjsGeom:
    x0, y0, x1, y1 = rect
    geom = body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX)  # type: ignore[attr-defined]
    geom.pos = [0.5 * (x0 + x1), 0.5 * (y0 + y1), 0.5 * (span[0] + span[1])]
    geom.size = [0.5 * (x1 - x0), 0.5 * (y1 - y0), 0.5 * (span[1] - span[0])]
    geom.material = material
    geom.group = SOLID_GROUP
    return geom
