"""Short ways to add the primitive geoms that robots are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mujoco

from neural_brain.sim.physics import PUSHER_BIT, ROBOT_GROUP, SOLID_BIT

WHITE = (0.92, 0.93, 0.95, 1.0)
DARK = (0.18, 0.19, 0.22, 1.0)
STEEL = (0.55, 0.57, 0.60, 1.0)
ACCENT = (0.10, 0.45, 0.70, 1.0)
PREFIX = "robot/"

Vector = Sequence[float]


def box(body: Any, pos: Vector, half: Vector, **options: Any) -> Any:
    """A box with half sizes [m]."""
    return _geom(body, mujoco.mjtGeom.mjGEOM_BOX, pos=pos, size=half, **options)


def sphere(body: Any, pos: Vector, radius: float, **options: Any) -> Any:
    """A ball [m]."""
    size = [radius, 0.0, 0.0]
    return _geom(body, mujoco.mjtGeom.mjGEOM_SPHERE, pos=pos, size=size, **options)


def cylinder(
    body: Any, start: Vector, end: Vector, radius: float, **options: Any
) -> Any:
    """A cylinder between two points [m]."""
    return _between(body, mujoco.mjtGeom.mjGEOM_CYLINDER, start, end, radius, **options)


def capsule(
    body: Any, start: Vector, end: Vector, radius: float, **options: Any
) -> Any:
    """A capsule whose axis runs between two points [m]."""
    return _between(body, mujoco.mjtGeom.mjGEOM_CAPSULE, start, end, radius, **options)


def _between(
    body: Any, kind: Any, start: Vector, end: Vector, radius: float, **options: Any
) -> Any:
    ends = [*start, *end]
    return _geom(body, kind, fromto=ends, size=[radius, 0.0, 0.0], **options)


def _geom(body: Any, kind: Any, *, touch: bool = True, **options: Any) -> Any:
    options.setdefault("rgba", WHITE)
    options.setdefault("mass", 0.0)
    options["contype"] = SOLID_BIT if touch else 0
    options["conaffinity"] = SOLID_BIT | PUSHER_BIT if touch else 0
    return body.add_geom(type=kind, group=ROBOT_GROUP, **options)
