"""One thing that is tried for a goal: what is known of it now, how to touch it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.categories import SMALL_OBJECTS
from neural_brain.models.executive.config import StandoffConfig
from neural_brain.models.executive.places_known import areas_called, rooms_called
from neural_brain.models.executive.situation import Situation
from neural_brain.models.executive.touching import Touch, clear_of, of_thing, touch_from
from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import inside, middle
from neural_brain.models.motion import TravelField
from neural_brain.models.signals import Area, Goal, Landmark

HEAD_ROOM_M = 0.1  # below the highest spot that is pressed, to see it in the middle


@dataclass
class Attempt:
    """The thing that is tried now, as `chosen` at first, and what was tried on it."""

    thing: Landmark
    chosen: Landmark
    poses: list[Array] = field(default_factory=list)
    pose: Array | None = None
    reason: str = ""
    look_at: Array | None = None
    moves: int = 0
    looks: int = 0
    looked_s: float = 0.0
    reviewed_s: float = 0.0


def fresh(situation: Situation, thing: Landmark) -> Landmark | None:
    """The same thing as the map knows it now, or one of its kind at its place."""
    for landmark in situation.state.landmarks:
        if landmark.id == thing.id:
            return landmark
    same = [
        landmark
        for landmark in situation.state.landmarks
        if landmark.category == thing.category
        and np.hypot(*(landmark.center_map - thing.center_map)[:2])
        < max(0.4, 0.5 * float(thing.size[:2].max()))
    ]
    return same[0] if same else None


def is_other(attempt: Attempt, goal: Goal, thing: Landmark) -> bool:
    """Whether what was chosen for a goal has another name or colour by now."""
    chosen = attempt.chosen
    renamed = chosen.category == goal.category != thing.category
    return renamed or bool(goal.colour and chosen.colour == goal.colour != thing.colour)


def above(thing: Landmark, config: StandoffConfig) -> Array:
    """Where to look (3,) for what can be reached of a thing that goes on upward."""
    x, y, _ = thing.center_map
    return np.array([x, y, config.front_z_m[1] - HEAD_ROOM_M])


def touch_in(
    situation: Situation, attempt: Attempt, seen: Array | None, config: StandoffConfig
) -> Touch | None:
    """How to touch the surface of the thing, or None.

    Args:
        situation: map and costs.
        attempt: the thing, and poses from which it failed.
        seen: spots (k, 6) of surfaces that were seen there, or None.
        config: distances and heights that the arm reaches.
    """
    thing, travel = attempt.thing, situation.field
    if travel is None:
        return None
    spots = of_thing(seen, thing)
    small = [
        x
        for x in situation.state.landmarks
        if x.category in SMALL_OBJECTS and x.category != thing.category
    ]
    tried = np.array(attempt.poses).reshape(-1, 3)
    for some in (clear_of(spots, small), spots):
        touch = touch_from(some, situation.pose, travel, config, tried=tried)
        if touch is not None:
            return touch
    return None


def room_spot(situation: Situation, name: str) -> Array | None:
    """The reachable place (2,) [m] of a room of that name, nearest to its centre.

    Where people have called a place so, that one.
    """
    travel = situation.field
    if travel is None:
        return None
    for area in areas_called(name, situation.state.areas):
        spot = _spot_in(area, travel)
        if spot is not None:
            return spot
    rooms = rooms_called(name, situation.state)
    spots = []
    for room in rooms:
        inside = [p.xy for p in situation.state.places if p.room == room.id]
        for xy in [room.center, *inside]:
            free = travel.nearest_reachable(np.asarray(xy), 0.5)
            if free is not None:
                spots.append((float(np.hypot(*(free - room.center))), free))
    return min(spots, key=lambda item: item[0])[1] if spots else None


def _spot_in(area: Area, travel: TravelField) -> Array | None:
    """The reachable spot of an area that is nearest to its middle."""
    center = middle(area.outline)
    xy = travel.costmap.coarse_xy[np.isfinite(travel.cost)]
    xy = xy[inside(area.outline, xy)]
    if len(xy) == 0:
        return None
    return np.array(xy[int(np.argmin(np.hypot(*(xy - center).T)))])
