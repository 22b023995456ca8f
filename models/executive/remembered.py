"""What is remembered that fits a goal, in the order in which the robot would try it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neural_brain.models.executive.candidates import (
    ANY,
    EXACT,
    LIKELY,
    candidates,
    way_m,
)
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.geometry import Array
from neural_brain.models.maps.relations import describe
from neural_brain.models.signals import Goal, Landmark, MapState

FITS = {EXACT: "as said", LIKELY: "likely", ANY: "perhaps"}


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """A thing that may be meant.

    Attributes:
        room: where it is, "" if that has no name.
        way_m: length of the way there with its costs [m], infinite if none is known.
        where: from the robot's pose, in words.
        fits: how well it fits what was said: one of `FITS`.
    """

    thing: Landmark
    room: str
    way_m: float
    where: str
    fits: str


def remembered(
    goal: Goal,
    state: MapState,
    pose: Array,
    config: ExecutiveConfig | None = None,
    *,
    since_s: float = -math.inf,
    until_s: float = math.inf,
    fields: FieldCache | None = None,
) -> list[Remembered]:
    """Things that fit a goal, those that fit as said first.

    Args:
        goal: what is wanted: category, colour, room, near or beside what, `which`.
        state: the map.
        pose: of the robot (3,) in `map`; ways and directions count from there.
        config: when a landmark counts.
        since_s: only what was seen at this time of the brain [s] or later.
        until_s: only what was seen last at this time or before.
        fields: costs of driving, if they are at hand.
    """
    config = config or ExecutiveConfig()
    fields = fields or FieldCache(config)
    situation = Situation(
        t=state.stamp, state=state, pose=pose, status=None, fields=fields
    )
    found: dict[int, Remembered] = {}
    for misfit, fits in FITS.items():
        for thing in candidates(goal, situation, config, misfit=misfit):
            if thing.id in found or not since_s <= thing.last_seen <= until_s:
                continue
            found[thing.id] = Remembered(
                thing=thing,
                room=situation.room_of(thing.center_map[:2]),
                way_m=way_m(thing, situation.field),
                where=describe(pose, thing.center_map),
                fits=fits,
            )
    return list(found.values())
