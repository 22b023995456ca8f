"""What a home is: rooms, walls, doors, things. Plain data without any geometry engine.

Frame `home`: x right, y up in the plan, z up; origin at the inner corner of the outer
walls. All lengths are [m] on a 1 mm raster, so that text and JSON are exact.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from neural_brain.models.errors import SimulationError

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Room:
    """A rectangular room: inner area x0, y0, x1, y1 [m]; `name` is unique."""

    id: int
    kind: str
    name: str
    rect: Rect

    @property
    def area_m2(self) -> float:
        """Floor area [m2]."""
        x0, y0, x1, y1 = self.rect
        return (x1 - x0) * (y1 - y0)


@dataclass(frozen=True, kw_only=True)
class Door:
    """A doorway between two rooms: the gap in the wall as a rectangle [m].

    `along` is the axis of the wall ("x" or "y"). A closed door is filled by a leaf.
    """

    id: int
    rooms: tuple[int, int]
    rect: Rect
    along: str
    closed: bool

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the doorway [m]."""
        x0, y0, x1, y1 = self.rect
        return (0.5 * (x0 + x1), 0.5 * (y0 + y1))


@dataclass(frozen=True, kw_only=True)
class HomeObject:
    """A piece of furniture or a small object.

    Attributes:
        id: index in `HomeSpec.objects`; its body in the simulation is `obj_<id>`.
        category: word of `CATEGORIES`. colour: word of `COLOURS`.
        room: id of its room.
        position: middle of its lower face (3,) [m], frame `home`.
        yaw_deg: turn about z [deg]; its front looks along its own -y.
        size: width, depth, height (3,) [m] along its own axes.
        support: id of the furniture that it stands on; -1 = the floor.
        variant: number of the shape; tune and test homes use different ones.
        material: word of `MATERIALS`.
        free: true if it can be pushed around; else it is fixed to the world.
    """

    id: int
    category: str
    colour: str
    room: int
    position: tuple[float, float, float]
    yaw_deg: int
    size: tuple[float, float, float]
    support: int
    variant: int
    material: str
    free: bool

    @property
    def center(self) -> tuple[float, float, float]:
        """Middle of its bounding box [m], frame `home`."""
        x, y, z = self.position
        return (x, y, z + 0.5 * self.size[2])


@dataclass(frozen=True, kw_only=True)
class HomeSpec:
    """A whole home; `start` is a free pose (3,) x [m], y [m], yaw [deg]."""

    seed: int
    size: tuple[float, float]
    wall_height: float
    rooms: tuple[Room, ...]
    walls: tuple[Rect, ...]
    doors: tuple[Door, ...]
    objects: tuple[HomeObject, ...]
    start: tuple[float, float, int]
    instances: str

    def room_at(self, x: float, y: float) -> Room | None:
        """The room that holds a point [m], or None (in a wall or a doorway)."""
        for room in self.rooms:
            x0, y0, x1, y1 = room.rect
            if x0 <= x <= x1 and y0 <= y <= y1:
                return room
        return None


def to_json(home: HomeSpec) -> str:
    """The home as JSON text; the same home gives the same text."""
    return json.dumps(dataclasses.asdict(home), sort_keys=True, indent=1)


def from_json(text: str) -> HomeSpec:
    """Read a home that `to_json` wrote.

    Raises:
        SimulationError: if the text is not such a home.
    """
    try:
        values: dict[str, Any] = json.loads(text)
        return HomeSpec(
            **{
                **{k: _tuples(v) for k, v in values.items()},
                "rooms": tuple(Room(**_fields(v)) for v in values["rooms"]),
                "doors": tuple(Door(**_fields(v)) for v in values["doors"]),
                "objects": tuple(HomeObject(**_fields(v)) for v in values["objects"]),
            }
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SimulationError(
            f"This is not the description of a home: {error!r}. Expected JSON as "
            "`to_json` writes it; write it again from the seed."
        ) from error


def _fields(values: dict[str, Any]) -> dict[str, Any]:
    return {key: _tuples(value) for key, value in values.items()}


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    return value
