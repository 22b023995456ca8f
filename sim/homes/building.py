"""Floors, walls and doors of a home as geoms.

What is only drawn (tiles, coats of paint) hangs on the body `decor`, so that the
collision tree of the world body stays small.
"""

from __future__ import annotations

from typing import Any

import mujoco

from neural_brain.sim.homes.shapes import SOLID_GROUP, VISUAL_GROUP, Materials
from neural_brain.sim.homes.shapes.colours import Rgb
from neural_brain.sim.homes.spec import HomeSpec, Rect, Room

LEAF_M = 0.04
LINTEL_M = 2.05
PAINT_M = 0.002

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


def add_building(spec: mujoco.MjSpec, materials: Materials, home: HomeSpec) -> None:
    """Add everything of a home that is not a thing."""
    decor = spec.worldbody.add_body(name="decor")
    _add_floors(spec, materials, home, decor)
    _add_walls(spec, materials, home)
    for room in home.rooms:
        _paint(materials, home, room, decor)
    _add_doors(spec, materials, home)


def _add_floors(
    spec: mujoco.MjSpec, materials: Materials, home: HomeSpec, decor: Any
) -> None:
    """One unseen plane to stand on; a thin tiled board per room to look at."""
    ground = spec.worldbody.add_geom(
        name="floor", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1]
    )
    ground.rgba = [0.5, 0.5, 0.5, 0.0]
    ground.group = SOLID_GROUP
    width, depth = home.size
    sill = (-0.16, -0.16, width + 0.16, depth + 0.16)
    name = materials.get("floor", (0.45, 0.42, 0.40))
    _box(decor, sill, (-0.03, -0.004), name, solid=False)
    for room in home.rooms:
        first, second, per_metre = _FLOORS[room.kind]
        tiles = materials.floor(f"tiles_{room.id}", first, second, per_metre)
        _box(decor, room.rect, (-0.02, 0.0), tiles, solid=False)


def _add_walls(spec: mujoco.MjSpec, materials: Materials, home: HomeSpec) -> None:
    wall = materials.get("wall", (0.85, 0.84, 0.81))
    for rect in home.walls:
        _box(spec.worldbody, rect, (0.0, home.wall_height), wall)
    for door in home.doors:
        _box(spec.worldbody, door.rect, (LINTEL_M, home.wall_height), wall)


def _paint(materials: Materials, home: HomeSpec, room: Room, decor: Any) -> None:
    """A thin coat of the room's colour on its walls, open at its doorways."""
    paint = materials.get("wall", _WALLS[(home.seed + room.id) % len(_WALLS)])
    x0, y0, x1, y1 = room.rect
    sides: tuple[tuple[Rect, str], ...] = (
        ((x0, y0, x1, y0 + PAINT_M), "x"),
        ((x0, y1 - PAINT_M, x1, y1), "x"),
        ((x0, y0, x0 + PAINT_M, y1), "y"),
        ((x1 - PAINT_M, y0, x1, y1), "y"),
    )
    for rect, along in sides:
        i = 0 if along == "x" else 1
        holes = sorted(
            (door.rect[i], door.rect[i + 2])
            for door in home.doors
            if door.along == along and _touches(door.rect, rect)
        )
        full, above = (0.0, home.wall_height), (LINTEL_M, home.wall_height)
        at = rect[i]
        for start, end in [*holes, (rect[i + 2], rect[i + 2])]:
            for low, high, height in ((at, start, full), (start, end, above)):
                if high - low > 2 * PAINT_M:
                    part = _part(rect, along, low, high)
                    _box(decor, part, height, paint, solid=False)
            at = end


def _part(rect: Rect, along: str, low: float, high: float) -> Rect:
    """The piece of a wall's rectangle between two coordinates along the wall."""
    if along == "x":
        return (low, rect[1], high, rect[3])
    return (rect[0], low, rect[2], high)


def _touches(a: Rect, b: Rect) -> bool:
    slack = 0.001
    return (
        a[0] <= b[2] + slack
        and b[0] <= a[2] + slack
        and a[1] <= b[3] + slack
        and b[1] <= a[3] + slack
    )


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
        _box(body, hand, (1.0, 1.03), steel, solid=False)


def _box(
    body: Any,
    rect: Rect,
    span: tuple[float, float],
    material: str,
    *,
    solid: bool = True,
) -> None:
    x0, y0, x1, y1 = rect
    geom = body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX)
    geom.pos = [0.5 * (x0 + x1), 0.5 * (y0 + y1), 0.5 * (span[0] + span[1])]
    geom.size = [0.5 * (x1 - x0), 0.5 * (y1 - y0), 0.5 * (span[1] - span[0])]
    geom.material = material
    geom.group = SOLID_GROUP if solid else VISUAL_GROUP
    geom.contype = geom.conaffinity = int(solid)
