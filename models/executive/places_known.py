"""Names of places that people have given: in sentences, on the map, on other floors."""

from __future__ import annotations

import re

from neural_brain.models.executive.lexicon import FLOOR, ROOM
from neural_brain.models.executive.tokens import Phrases
from neural_brain.models.signals import Area, AreaKind, MapState, Room

CALLED_SO = {AreaKind.DOCK: "dock", AreaKind.LIFT: "lift"}
WHOLE = (
    "basement",
    "attic",
    "cellar",
    "loft",
)  # floors that are not called "... floor"
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_MOST_WORDS = 8


def phrases(state: MapState | None) -> Phrases:
    """Kind and name by words, for all places that the map and other floors name."""
    found: Phrases = {}
    if state is None:
        return found
    for floor in state.other_floors:
        for room in floor.rooms:
            _add(found, room, ROOM, room)
        _add(found, floor_words(floor.name), FLOOR, floor.name)
    if state.floor:
        _add(found, floor_words(state.floor), FLOOR, state.floor)
    for area in state.areas:
        if area.name in ("dock", "lift") or area.kind is AreaKind.ONE_WAY:
            continue  # the lexicon has them; "lift" alone is also something to do
        _add(found, area.name, ROOM, area.name)
    return found


def areas_called(name: str, areas: tuple[Area, ...]) -> tuple[Area, ...]:
    """Areas that one can go to by a name; "dock" and "lift" mean all of these."""
    return tuple(
        area
        for area in areas
        if area.kind not in (AreaKind.KEEP_OUT, AreaKind.SLOW, AreaKind.ONE_WAY)
        and name.lower() in (area.name.lower(), CALLED_SO.get(area.kind, ""))
    )


def keep_out_called(name: str, areas: tuple[Area, ...]) -> Area | None:
    """The keep-out area of a name, None if there is none."""
    for area in areas:
        if area.kind is AreaKind.KEEP_OUT and area.name.lower() == name.lower():
            return area
    return None


def rooms_called(name: str, state: MapState) -> tuple[Room, ...]:
    """Rooms to which the robot itself has given a name."""
    return tuple(room for room in state.rooms if room.name and room.name == name)


def the(name: str) -> str:
    """A name as it stands in a sentence: "the kitchen", but "Anna's room"."""
    first = name.split()[0] if name.split() else ""
    own = first.lower().endswith("'s") or first.lower() in ("my", "our", "your")
    number = re.fullmatch(r"room \d+", name)
    return name if own or number else f"the {name}"


def floor_words(name: str) -> str:
    """A floor as people call it: "first floor", "basement"."""
    return name if name.lower() in WHOLE else f"{name} floor"


def _add(found: Phrases, words: str, kind: str, name: str) -> None:
    said = tuple(_WORDS.findall(words.lower()))
    if 0 < len(said) <= _MOST_WORDS:
        found[said] = (kind, name)
