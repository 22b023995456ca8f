"""What people say to a robot in a door that is to be driven one way only."""

from __future__ import annotations

import re

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.maps.areas import check_area
from neural_brain.models.maps.one_way import one_way_area
from neural_brain.models.signals import AreaKind, MapOrder, MapRequest, MapState

SAME_M = 1.5  # so near it is the same door
_DOOR = r"(?:door|doorway|passage|corridor)"
_ONE_WAY = rf"(?:an? )?one[ -]way(?: {_DOOR})?"
_SAID = re.compile(
    rf"(?:please )?this (?:{_DOOR} )?is (?:(?P<one>{_ONE_WAY})|(?:not|no longer) "
    rf"{_ONE_WAY}|two[ -]way|open both ways)(?: any ?more)?[.! ]*",
    re.IGNORECASE,
)


def hear_one_way(
    words: str, t: float, state: MapState | None, pose: Array | None
) -> tuple[str, MapRequest | None] | None:
    """Answer and change of the map, None if it is no such sentence.

    The robot stands in the door and faces the way that is allowed.

    Args:
        words: what was said, with single blanks.
        t: now [s].
        state: the map.
        pose: pose_map_base (3,), None if not known yet.
    """
    said = _SAID.fullmatch(words)
    if said is None:
        return None
    if state is None or pose is None or not state.localised:
        return "I am not sure where I am. Say it again when I have found myself.", None
    doors = [area for area in state.areas if area.kind is AreaKind.ONE_WAY]
    here = [
        area
        for area in doors
        if area.pose_map is not None and np.hypot(*(area.pose_map - pose)[:2]) < SAME_M
    ]
    if said["one"]:
        names = {area.name for area in doors}
        free = (f"one-way door {k}" for k in range(1, len(names) + 2))
        name = here[0].name if here else next(n for n in free if n not in names)
        area = check_area(one_way_area(name, pose, t))
        text = f"I drive through here only the way that I face now, and call it {name}."
        return text, MapRequest(stamp=t, order=MapOrder.ADD, area=area)
    if not here:
        return "I know no one-way door here.", None
    request = MapRequest(stamp=t, order=MapOrder.REMOVE, area=here[0])
    return "I drive through here both ways again.", request
