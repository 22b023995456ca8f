"""Our own parametric shapes of furniture and objects."""

from neural_brain.sim.homes.shapes.colours import RGB
from neural_brain.sim.homes.shapes.materials import Materials
from neural_brain.sim.homes.shapes.shaper import (
    SOLID_GROUP,
    UNSEEN_GROUP,
    VISUAL_GROUP,
    Shaper,
)
from neural_brain.sim.homes.shapes.thing import SHAPES, add_thing

__all__ = [
    "RGB",
    "SHAPES",
    "SOLID_GROUP",
    "UNSEEN_GROUP",
    "VISUAL_GROUP",
    "Materials",
    "Shaper",
    "add_thing",
]
