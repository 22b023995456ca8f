"""Floors: maps of one building that lie above each other, one at a time in use.

Every floor is a map of its own (grid, landmarks, areas, keyframes) with a number, which
is `generations.map` in the memory, and a name that people gave it.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.areas import check_name, with_area, without
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.outlines import middle
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.signals import AreaKind, MapOrder, MapRequest


def name_floor(ours: CognitiveMap, name: str) -> None:
    """Give the floor that is mapped now another name.

    Raises:
        MapFileError: if nobody could say it.
    """
    ours.floor = check_name(name, "name of a floor")
    ours.tell("floor", f"this floor is the {name} floor", {"floor": name})


def begin_floor(ours: CognitiveMap, name: str, map_id: int) -> None:
    """Begin an empty map of another floor; the robot stands at its origin.

    Args:
        ours: the map in use; what it holds should have been saved.
        name: of the new floor.
        map_id: a number that no other map of the memory has.

    Raises:
        MapFileError: if nobody could say the name; the map is then as it was.
    """
    name = check_name(name, "name of a floor")
    ours.begin(map_id)
    ours.floor = name
    ours.tell("floor", f"I begin a map of the {name} floor", {"floor": name})


def go_to_floor(ours: CognitiveMap, snapshot: MapSnapshot) -> None:
    """Go on with the map of another floor; the robot has to find itself there.

    It is looked for at the lift first, where the present floor and the other one have
    one of the same name, else where it last was, then everywhere. However long that
    takes, no new map is begun: a person has said where it is.

    Raises:
        MapFileError: if the snapshot cannot be used; the map is then as it was.
    """
    fresh = CognitiveMap.restore(ours.config, snapshot)
    came = {a.name for a in ours.areas if a.kind is AreaKind.LIFT}
    ours.take(fresh, sure=True)
    for area in ours.areas:
        if area.kind is AreaKind.LIFT and area.name in came:
            pose = area.pose_map
            pose = np.append(middle(area.outline), 0.0) if pose is None else pose
            ours.localiser.recall(ours.localiser.pose_map_odom, pose)
    floor = ours.floor or f"map {ours.map_id}"
    ours.tell("floor", f"I go on with the map of the {floor} floor", {"floor": floor})


def change_map(ours: CognitiveMap, request: MapRequest) -> None:
    """Add or remove an area, or name this floor, as a person asked.

    Raises:
        MapFileError: if it cannot be right; the map is then as it was.
    """
    if request.order is MapOrder.NAME_FLOOR:
        name_floor(ours, request.floor)
        return
    area = request.area
    if area is None or request.order is MapOrder.FLOOR:
        raise MapFileError(
            f"The request {request.order.value!r} names no area. Say which one."
        )
    before = len(ours.areas)
    if request.order is MapOrder.ADD:
        ours.areas = with_area(ours.areas, area)
    else:
        ours.areas = without(ours.areas, area.kind, area.name)
        if len(ours.areas) == before:
            raise MapFileError(
                f"There is no {area.kind.value} area {area.name!r} on this floor."
            )
    done = "is noted" if request.order is MapOrder.ADD else "is removed"
    text = f"the {area.kind.value} area {area.name} {done}"
    ours.tell("area", text, {"kind": area.kind.value, "name": area.name})
