"""The floors of two memories of one building, paired by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.anywhere import Place
from neural_brain.models.memory.editing import load_floor, pick_floor, read_floors
from neural_brain.models.memory.floors import SavedFloor


def merge_floors(
    first: Place, second: Place, name: str, config: MapsConfig
) -> tuple[CognitiveMap, list[MapSnapshot]]:
    """What to lay onto the newest map of the first memory, and all other floors.

    Args:
        first: a memory; its newest map is of the floor `name`.
        second: another one of the same building.
        name: "" if that floor has none.
        config: how maps are laid onto each other.

    Raises:
        MapFileError: if floors of one name cannot be laid onto each other.
    """
    ours, theirs = list(read_floors(first)), list(read_floors(second))
    ours.remove(pick_floor(tuple(ours), None))
    partner = _named(theirs, name) or pick_floor(tuple(theirs), None)
    theirs.remove(partner)
    others = []
    for floor in ours:
        twin = _named(theirs, floor.name)
        if twin is None:
            others.append(load_floor(first, str(floor.place)))
            continue
        theirs.remove(twin)
        laid = _load(first, floor, config)
        try:
            laid.absorb(_load(second, twin, config))
        except MapFileError as error:
            raise MapFileError(f"The {floor.name} floor: {error}") from error
        others.append(laid.snapshot())
    others += [load_floor(second, str(floor.place)) for floor in theirs]
    return _load(second, partner, config), others


def number_floors(
    maps: Sequence[MapSnapshot], newest: MapSnapshot
) -> list[MapSnapshot]:
    """The same maps, each with a number of its own; the newest keeps its own."""
    taken = {int(newest.data.get("map", 1))}
    numbered = []
    for snapshot in maps:
        number = int(snapshot.data.get("map", 1))
        if snapshot is not newest:
            while number in taken:
                number += 1
            taken.add(number)
        data = {**snapshot.data, "map": number}
        numbered.append(replace(snapshot, data=data))
    return numbered


def _named(floors: list[SavedFloor], name: str) -> SavedFloor | None:
    return next((f for f in floors if name and f.name.lower() == name.lower()), None)


def _load(place: Place, floor: SavedFloor, config: MapsConfig) -> CognitiveMap:
    return CognitiveMap.restore(config, load_floor(place, str(floor.place)))
