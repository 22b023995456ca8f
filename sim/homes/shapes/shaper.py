"""Adds geoms to the body of one thing, in the thing's own frame.

The frame lies in the middle of the lower face: x along the width, y along the depth
with the front at -y, z up. Solid geoms (group 0) touch and are seen by the lidar;
decoration (group 1) is only drawn. Under a shape from a pack the solid geoms lie in
group 3: they touch and the lidar sees them, but cameras do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np

from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.homes.shapes.colours import Rgb
from neural_brain.sim.homes.shapes.materials import Materials

SOLID_GROUP = 0
VISUAL_GROUP = 1
UNSEEN_GROUP = 3
SOFT = ("fabric", "leaf")
SOFT_S = 0.06  # contact time of what gives way, three times that of hard things
Point = Sequence[float]


class Shaper:
    """Draws one thing.

    Args:
        body: body of the thing.
        materials: the model's materials.
        size: width, depth, height [m].
        colour: main colour.
        draw: random stream of this instance.
        material: what it is made of.
        density: of solid geoms [kg/m3]; matters for free bodies only.
        world: where solid geoms go, with their frame, if the thing is fixed. Physics
            then tests one static tree of boxes instead of one per thing.
        seen: false leaves the drawing to a shape from a pack.
    """

    def __init__(
        self,
        body: Any,
        materials: Materials,
        size: tuple[float, float, float],
        *,
        colour: Rgb,
        draw: Draw,
        material: str,
        density: float,
        world: tuple[Any, Any] | None = None,
        seen: bool = True,
    ) -> None:
        self.w, self.d, self.h = size
        self.colour = colour
        self.draw = draw
        self._body, self._materials = body, materials
        self._material, self._density = material, density
        self._world, self._seen = world, seen
        self._solids = 0

    def box(
        self,
        low: Point,
        high: Point,
        *,
        rgb: Rgb | None = None,
        solid: bool = True,
        made_of: str | None = None,
        pitch: float = 0.0,
    ) -> None:
        """A box between two corners, tilted by `pitch` [rad] about its own x axis."""
        a, b = np.asarray(low, float), np.asarray(high, float)
        geom = self._geom(mujoco.mjtGeom.mjGEOM_BOX, rgb, solid, made_of)
        if geom is None:
            return
        geom.pos = 0.5 * (a + b)
        geom.size = 0.5 * np.abs(b - a)
        geom.quat = [np.cos(0.5 * pitch), np.sin(0.5 * pitch), 0.0, 0.0]

    def cylinder(
        self,
        start: Point,
        end: Point,
        radius: float,
        *,
        rgb: Rgb | None = None,
        solid: bool = True,
        made_of: str | None = None,
    ) -> None:
        """A cylinder between the centres of its two faces."""
        geom = self._geom(mujoco.mjtGeom.mjGEOM_CYLINDER, rgb, solid, made_of)
        if geom is None:
            return
        geom.fromto = [*start, *end]
        geom.size = [radius, 0.0, 0.0]

    def capsule(
        self,
        start: Point,
        end: Point,
        radius: float,
        *,
        rgb: Rgb | None = None,
        solid: bool = True,
        made_of: str | None = None,
    ) -> None:
        """A capsule between the centres of its two end balls."""
        geom = self._geom(mujoco.mjtGeom.mjGEOM_CAPSULE, rgb, solid, made_of)
        if geom is None:
            return
        geom.fromto = [*start, *end]
        geom.size = [radius, 0.0, 0.0]

    def ball(
        self,
        center: Point,
        radii: float | Point,
        *,
        rgb: Rgb | None = None,
        solid: bool = True,
        made_of: str | None = None,
        rolls: bool = False,
    ) -> None:
        """A sphere, or an ellipsoid when three radii are given."""
        round_ = isinstance(radii, (int, float))
        kind = (
            mujoco.mjtGeom.mjGEOM_SPHERE
            if round_
            else (mujoco.mjtGeom.mjGEOM_ELLIPSOID)
        )
        geom = self._geom(kind, rgb, solid, made_of)
        if geom is None:
            return
        geom.pos = list(center)
        if rolls:  # or it would never come to rest
            geom.condim = 6
            geom.friction = [0.6, 0.01, 0.004]
        geom.size = [float(radii), 0.0, 0.0] if round_ else list(radii)

    def legs(
        self,
        height: float,
        thick: float,
        *,
        inset: float = 0.03,
        rgb: Rgb | None = None,
    ) -> None:
        """Four square legs at the corners of the footprint, from the floor up."""
        x, y = self.w / 2 - inset - thick / 2, self.d / 2 - inset - thick / 2
        for sx, sy in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            self.box(
                (sx * x - thick / 2, sy * y - thick / 2, 0.0),
                (sx * x + thick / 2, sy * y + thick / 2, height),
                rgb=rgb,
            )

    def _geom(
        self, kind: Any, rgb: Rgb | None, solid: bool, made_of: str | None
    ) -> Any | None:
        if not solid and not self._seen:
            return None
        if solid and self._world is not None:
            geom = self._world[0].add_geom(type=kind)
            geom.set_frame(self._world[1])
            geom.name = f"{self._body.name}_{self._solids}"
            self._solids += 1
        else:
            geom = self._body.add_geom(type=kind)
        geom.material = self._materials.get(
            made_of or self._material, rgb or self.colour
        )
        below = SOLID_GROUP if self._seen else UNSEEN_GROUP
        geom.group = below if solid else VISUAL_GROUP
        geom.contype = geom.conaffinity = int(solid)
        geom.density = self._density if solid else 0.0
        if solid:
            geom.friction = [0.6, 0.005, 0.0005]
            if (made_of or self._material) in SOFT:
                geom.solref = [SOFT_S, 1.0]
        return geom
