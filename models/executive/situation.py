"""What the executive knows at one decision, with the costly parts computed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import area_m2, distance, inside
from neural_brain.models.maps.routes import equal_routes
from neural_brain.models.motion import (
    TravelField,
    areas_key,
    closed,
    make_costmap,
    travel_field,
    way_out,
)
from neural_brain.models.signals import (
    Area,
    AreaKind,
    Landmark,
    MapState,
    MotionStatus,
    Route,
)

WALL_M = 0.3  # furniture stands outside of the floor by which a room is outlined


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Time, map, the robot's pose (3,) in `map`, how motion goes, costs of driving."""

    t: float
    state: MapState
    pose: Array
    status: MotionStatus | None
    fields: FieldCache

    @property
    def field(self) -> TravelField | None:
        """Cost of driving anywhere; None when the robot stands in an obstacle."""
        return self.fields.get(self.state, self.pose)

    def closed_at(self, point: Array) -> bool:
        """Whether a point (2,) lies in a keep-out area."""
        spot = np.asarray(point)[None]
        return any(inside(outline, spot)[0] for outline in closed(self.state.areas))

    def over(self, sub_goal_id: int) -> str:
        """How sub-goal `id` ended: "done", "failed" or "" while it runs."""
        status = self.status
        if status is None or status.id != sub_goal_id or status.state == "running":
            return ""
        return status.state

    def room_of(self, point: Array) -> str:
        """Name of the room at a point (2,), "" if unknown."""
        return room_of(point, self.state)


class FieldCache:
    """Plans again only when the map or the robot's place has changed.

    Args:
        config: radius and costmap.
    """

    def __init__(self, config: ExecutiveConfig) -> None:
        self.config = config
        self._key: tuple[object, ...] | None = None
        self._routes: tuple[Route, ...] = ()
        self._field: TravelField | None = None

    def get(self, state: MapState, pose: Array) -> TravelField | None:
        """Cost of driving from a pose (3,) to anywhere."""
        spot = np.round(pose[:2] / 0.25).astype(int)
        key = (
            state.grid.version,
            *spot.tolist(),
            state.tolls,
            areas_key(state.areas),
        )
        if key != self._key or not equal_routes(state.routes, self._routes):
            self._field = self._make(state, pose[:2])
            self._key, self._routes = key, state.routes
        return self._field

    def _make(self, state: MapState, here: Array) -> TravelField | None:
        """From inside a keep-out area the ways begin where the robot would leave it."""
        c, outlines = self.config, closed(state.areas)
        costmap = make_costmap(
            state.grid,
            c.costmap,
            c.radius_m,
            keep_out=outlines,
            routes=state.routes,
        )
        if not any(distance(outline, here[None])[0] < 0.0 for outline in outlines):
            return travel_field(costmap, here, snap_m=1.0, tolls=state.tolls)
        bare = make_costmap(state.grid, c.costmap, c.radius_m)
        leaving = way_out(bare, costmap, here)
        if leaving is None:
            return None
        return travel_field(costmap, leaving.exit, tolls=state.tolls)


def room_of(point: Array, state: MapState) -> str:
    """Name of the room at a point (2,): as people call it, else as the robot does."""
    named = named_at(point, state)
    return named[0] if named else _found_at(point, state)


def fits_room(
    point: Array, name: str, state: MapState, *, found: str | None = None
) -> int:
    """0 if a point (2,) lies in a room of a name, 1 if that is not known, 3 if not.

    Args:
        point: in `map` [m].
        name: as a person says it.
        state: the map.
        found: name that the robot gave to the room there, if it is at hand.
    """
    named = [other.lower() for other in named_at(point, state)]
    found = _found_at(point, state) if found is None else found
    if name.lower() in named or (not named and found == name):
        return 0
    if any(area.name.lower() == name.lower() for area in _rooms(state)):
        return 3  # where that room is has been said
    if found == name:
        return 0
    return 3 if named or found else 1


def _rooms(state: MapState) -> list[Area]:
    rooms = (area for area in state.areas if area.kind is AreaKind.ROOM)
    return [area for area in rooms if len(area.outline) >= 3]


def named_at(point: Array, state: MapState) -> list[str]:
    """Names that people gave to places around a point, the smallest first."""
    spot = np.asarray(point)[None, :2]
    around = [a for a in _rooms(state) if distance(a.outline, spot)[0] < WALL_M]
    return [a.name for a in sorted(around, key=lambda a: area_m2(a.outline))]


def _found_at(point: Array, state: MapState) -> str:
    """Name that the robot gave to the room of the nearest place."""
    if not state.places:
        return ""
    xy = np.array([place.xy for place in state.places])
    nearest = int(np.argmin(np.hypot(*(xy - point[:2]).T)))
    room = state.places[nearest].room
    names = {r.id: r.name for r in state.rooms}
    return names.get(room, "")


def landmark_words(landmark: Landmark) -> str:
    """A thing in words: "red mug", or "mug" when its colour is not known."""
    return f"{landmark.colour} {landmark.category}".strip()


def some(landmark: Landmark) -> str:
    """The same with its article: "a red mug", "an orange ball"."""
    return with_article(landmark_words(landmark))


def with_article(words: str) -> str:
    """A noun with "a" or "an"."""
    return f"{'an' if words[:1] in tuple('aeiou') else 'a'} {words}"
