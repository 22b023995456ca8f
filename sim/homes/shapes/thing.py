"""One thing of a home as one body."""

from __future__ import annotations

import math
from typing import Any

import mujoco

from neural_brain.sim.homes.catalog import stream_of
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.homes.shapes.appliances import SHAPES as APPLIANCES
from neural_brain.sim.homes.shapes.belongings import SHAPES as BELONGINGS
from neural_brain.sim.homes.shapes.colours import shade
from neural_brain.sim.homes.shapes.kitchenware import SHAPES as KITCHENWARE
from neural_brain.sim.homes.shapes.materials import Materials
from neural_brain.sim.homes.shapes.pack import draw_piece
from neural_brain.sim.homes.shapes.seats import SHAPES as SEATS
from neural_brain.sim.homes.shapes.shaper import Shaper
from neural_brain.sim.homes.shapes.storage import SHAPES as STORAGE
from neural_brain.sim.homes.spec import HomeObject
from neural_brain.sim.packs import Piece

SHAPES = {
    **SEATS,
    **STORAGE,
    **APPLIANCES,
    **KITCHENWARE,
    **BELONGINGS,
}
DENSITY = {"box": 60.0, "ball": 60.0, "book": 500.0, "toy car": 200.0}
DEFAULT_DENSITY = 350.0
LIFT_M = 0.001
"""Free bodies start this much above their support."""


def add_thing(
    spec: mujoco.MjSpec,
    materials: Materials,
    thing: HomeObject,
    piece: Piece | None = None,
) -> None:
    """Add the body `obj_<id>` with its geoms, fixed to the world or free.

    Args:
        spec: model under construction.
        materials: its materials.
        thing: what to add.
        piece: shape of a pack to draw instead of ours; what touches stays ours.
    """
    body = add_body(spec, thing)
    colour = shade(thing.colour, Draw(thing.variant))
    shaper = Shaper(
        body,
        materials,
        thing.size,
        colour=colour,
        draw=stream_of(thing.category, thing.variant),
        material=thing.material,
        density=DENSITY.get(thing.category, DEFAULT_DENSITY),
        world=None if thing.free else (spec.worldbody, add_frame(spec, body)),
        seen=piece is None,
    )
    SHAPES[thing.category](shaper)
    if piece is not None:
        draw_piece(spec, materials, body, piece, (thing, colour))


def add_body(spec: mujoco.MjSpec, thing: HomeObject) -> Any:
    """The empty body of a thing at its pose."""
    half = 0.5 * math.radians(thing.yaw_deg)
    x, y, z = thing.position
    body = spec.worldbody.add_body(
        name=f"obj_{thing.id}",
        pos=[x, y, z + (LIFT_M if thing.free else 0.0)],
        quat=[math.cos(half), 0.0, 0.0, math.sin(half)],
    )
    if thing.free:
        body.add_freejoint(name=f"obj_{thing.id}_joint")
    return body


def add_frame(spec: mujoco.MjSpec, body: Any) -> Any:
    """A frame of the world at the pose of a body."""
    return spec.worldbody.add_frame(pos=body.pos, quat=body.quat)
