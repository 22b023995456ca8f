"""Asking back when things of several colours fit a goal equally."""

from __future__ import annotations

from neural_brain.models.executive.candidates import choices
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.places_known import the
from neural_brain.models.executive.situation import fits_room, room_of
from neural_brain.models.signals import Goal, MapState

NEAREST = ("nearest", "closest")
ANY = ("any", "either", "whichever", "all", *NEAREST)


def which_one(goal: Goal, state: MapState | None, config: ExecutiveConfig) -> str:
    """A question, "" if the goal is clear enough."""
    if goal.action not in ("press", "push") or goal.which or state is None:
        return ""
    things = [
        thing
        for thing in choices(goal, state, config)
        if not goal.room or fits_room(thing.center_map[:2], goal.room, state) < 3
    ]
    if len({thing.colour for thing in things}) < 2:
        return ""
    known: dict[str, None] = {}
    for thing in things:
        room = room_of(thing.center_map[:2], state)
        name = f"the {thing.colour} {thing.category}".replace("  ", " ")
        known[name + (f" in {the(room)}" if room else "")] = None
    names = list(known)[:6]
    return f"Which one: {', '.join(names[:-1])} or {names[-1]}?"
