"""The floors that a memory holds: every map of it is one, most of them have names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.areas import check_name
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.floors import begin_floor, go_to_floor, name_floor
from neural_brain.models.memory.codec import unpack_data
from neural_brain.models.memory.contract import Memory
from neural_brain.models.signals import Floor

MOST_THINGS = 300  # of another floor that are told


class Askable(Protocol):
    """Answers questions to the tables of `schema.py`."""

    def query(
        self, sql: str, values: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Rows of a read-only question."""


@dataclass(frozen=True, kw_only=True)
class SavedFloor:
    """The newest whole map of one floor, without its grids.

    Attributes:
        place: its number, `generations.map`.
        generation: number of its newest whole generation.
        name: of the floor, "" if nobody has named it.
        stamp: when it was saved [s].
        data: all of the snapshot but arrays.
    """

    place: int
    generation: int
    name: str
    stamp: float
    data: dict[str, Any]


def saved_floors(store: Askable) -> tuple[SavedFloor, ...]:
    """All floors of a memory by number; generations that are damaged are passed over.

    Raises:
        MapFileError: if the memory cannot be read.
    """
    rows = store.query(
        "SELECT map, id, stamp, data, sha256 FROM generations ORDER BY map, id DESC"
    )
    found: dict[int, SavedFloor] = {}
    for place, generation, stamp, blob, digest in rows:
        if int(place) in found:
            continue
        try:
            data = unpack_data(bytes(blob), digest, f"map generation {generation}")
        except MapFileError:
            continue
        found[int(place)] = SavedFloor(
            place=int(place),
            generation=int(generation),
            name=str(data.get("floor", "")),
            stamp=float(stamp),
            data=data,
        )
    return tuple(found.values())


def note_floors(ours: CognitiveMap, store: Memory) -> None:
    """Tell the map which other floors the memory holds, and a number that is free."""
    floors = saved_floors(store)
    ours.free_id = max([ours.map_id, *(floor.place for floor in floors)]) + 1
    ours.other_floors = tuple(
        _floor(floor)
        for floor in floors
        if floor.name and floor.name.lower() != ours.floor.lower()
    )


def change_floor(ours: CognitiveMap, store: Memory | None, name: str, t: float) -> None:
    """The robot is on another floor now: save this one and go on with that one.

    A floor that the memory does not know is begun. The map must be in use: where it is
    empty and has no name, it only gets the name.

    Args:
        ours: the map in use; holds the other floor afterwards.
        store: the memory.
        name: of the floor, as people say it.
        t: now [s].

    Raises:
        MapFileError: if there is no memory, or it cannot be written or read; the map
            is then as it was.
    """
    check_name(name, "name of a floor")
    if name.lower() == ours.floor.lower():
        return
    if store is None:
        raise MapFileError(
            "I have no memory to keep floors in. Start me with a memory file "
            "(--memory FILE, or memory_file of the maps node)."
        )
    known = [f for f in saved_floors(store) if f.name.lower() == name.lower()]
    if not known and not ours.floor and not ours.grid.lidar.any():
        name_floor(ours, name)
        return
    joined = store.save_map(ours.snapshot(), t)
    del joined  # what others found on the floor that is left comes with its next load
    if known:
        snapshot = store.load_map(known[-1].place)
        if snapshot is None:
            raise MapFileError(
                f"The map of the {name} floor is damaged. See `neural-brain map check`."
            )
        go_to_floor(ours, snapshot)
    else:
        floors = saved_floors(store)
        begin_floor(ours, name, max([ours.map_id, *(f.place for f in floors)]) + 1)
    note_floors(ours, store)


def _floor(saved: SavedFloor) -> Floor:
    """What of a saved floor can be asked for."""
    data = saved.data
    names = [str(room.get("name", "")) for room in data.get("rooms", [])]
    names += [str(area.get("name", "")) for area in data.get("areas", [])]
    marks = data.get("landmarks", [])
    things = [
        f"{mark.get('colour', '')} {mark.get('category', '')}".strip() for mark in marks
    ]
    return Floor(
        name=saved.name,
        rooms=tuple(sorted({name for name in names if name})),
        things=tuple(sorted(set(things)))[:MOST_THINGS],
    )
