"""Changing what a memory says of a floor, without a robot: areas and names.

The change is one transaction, so the memory holds all of it or nothing. A file that a
robot has open is refused, for the robot would write its own map over it; robots that
share a map take the change in at their next save.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.areas import areas_from_plain, check_name
from neural_brain.models.maps.snapshot import VERSION, MapSnapshot
from neural_brain.models.memory.anywhere import Place
from neural_brain.models.memory.fleet import FleetStore, is_shared
from neural_brain.models.memory.floors import SavedFloor, saved_floors
from neural_brain.models.memory.generation import read_generation
from neural_brain.models.memory.opening import integrity, open_read_only
from neural_brain.models.memory.store import MemoryStore

Change = Callable[[dict[str, Any]], dict[str, Any]]


def read_floors(place: Place) -> tuple[SavedFloor, ...]:
    """All floors of a memory, which is not changed.

    Raises:
        MapFileError: if there is no memory or it cannot be read.
    """
    if is_shared(place):
        with FleetStore(str(place)) as store:
            return saved_floors(store)
    with closing(open_read_only(Path(place))) as connection:
        try:
            return saved_floors(_Reader(connection))
        except sqlite3.Error as error:
            raise MapFileError(
                f"Cannot read the floors of {place}: {error}. Run `neural-brain map "
                f"check {place}` to see what is left."
            ) from error


def load_floor(place: Place, wanted: str | None = None) -> MapSnapshot:
    """The newest whole map of a floor of a memory, which is not changed.

    Args:
        place: path of a file, or `postgresql://...`.
        wanted: name or number of the floor, None = saved last.

    Raises:
        MapFileError: if there is none.
    """
    floor = pick_floor(read_floors(place), wanted)
    if is_shared(place):
        with FleetStore(str(place)) as store:
            return store.load_generation(floor.generation)
    with closing(open_read_only(Path(place))) as connection:
        return read_generation(connection, floor.generation)


def pick_floor(floors: tuple[SavedFloor, ...], wanted: str | None) -> SavedFloor:
    """The floor of a name or a number; None means the one that was saved last.

    Raises:
        MapFileError: if there is none; says which there are.
    """
    if not floors:
        raise MapFileError(
            "The memory holds no map that is whole. A map is saved when the robot has "
            "explored."
        )
    if wanted is None:
        return max(floors, key=lambda floor: floor.generation)
    for floor in floors:
        if wanted.lower() == floor.name.lower() or wanted == str(floor.place):
            return floor
    known = ", ".join(f"{floor.place} ({floor.name or 'no name'})" for floor in floors)
    raise MapFileError(
        f"There is no floor {wanted!r}. The memory holds: {known}. Give one of them."
    )


def edit_floor(place: Place, wanted: str | None, change: Change) -> SavedFloor:
    """Change the data of a floor.

    Args:
        place: path of a file, or `postgresql://...`.
        wanted: name or number of the floor, None = saved last.
        change: gets the data of the map snapshot and returns new data.

    Returns:
        The floor as it is afterwards.

    Raises:
        MapFileError: if it cannot be changed, or the areas could not be right; the
            memory is then as it was.
    """
    if is_shared(place):
        with FleetStore(str(place)) as shared:
            floor = pick_floor(saved_floors(shared), wanted)
            snapshot = shared.load_map(floor.place)
            if snapshot is None:
                raise MapFileError(f"The map of floor {floor.place} is damaged.")
            data = _changed(snapshot.data, change)
            shared.save_map(replace(snapshot, data=data), snapshot.stamp)
            return replace(floor, name=str(data.get("floor", "")), data=data)
    path = Path(place)
    _refuse_unsafe(path, wanted)
    with MemoryStore(path) as store:
        floor = pick_floor(saved_floors(store), wanted)
        data = _changed(floor.data, change)
        store.replace_data(floor.generation, data)
    return replace(floor, name=str(data.get("floor", "")), data=data)


def rename_floor(place: Place, wanted: str, name: str) -> SavedFloor:
    """Give a floor another name.

    Raises:
        MapFileError: if nobody could say it, or another floor has it.
    """
    name = check_name(name, "name of a floor")
    chosen = pick_floor(read_floors(place), wanted)
    for floor in read_floors(place):
        if floor.place != chosen.place and floor.name.lower() == name.lower():
            raise MapFileError(
                f"Map {floor.place} is called {floor.name!r} already. Rename it first, "
                "or choose another name."
            )
    return edit_floor(place, str(chosen.place), lambda data: {**data, "floor": name})


class _Reader:
    """Questions to a connection that only reads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def query(
        self, sql: str, values: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Rows of a read-only question."""
        return self._connection.execute(sql, values or {}).fetchall()


def _changed(data: dict[str, Any], change: Change) -> dict[str, Any]:
    """The new data, of the present version: older releases would drop the areas."""
    if data.get("version") not in (2, VERSION):
        raise MapFileError(
            f"The map has version {data.get('version')!r}; areas need version 2 to "
            f"{VERSION}. Start a robot with it once: it saves the map anew."
        )
    new = {**change(data), "version": VERSION}
    areas_from_plain(new.get("areas", []))
    return new


def _refuse_unsafe(path: Path, wanted: str | None) -> None:
    """Stop at a file that is missing, foreign, damaged, without the floor or in use."""
    with closing(open_read_only(path)) as connection:
        damage = integrity(connection)
    if damage is not None:
        raise MapFileError(
            f"{path} is damaged ({damage}). Save what is left with `neural-brain map "
            f"repair {path}`, then try again."
        )
    pick_floor(read_floors(path), wanted)
    with closing(sqlite3.connect(path, timeout=0.5)) as connection:
        try:  # leaving the log needs the file alone, so it tells whether it is
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise MapFileError(
                f"{path} is in use ({error}). Stop the robot or the program that uses "
                "it first: it would write its own map over the change. A running robot "
                "takes the same in words, such as 'stay out of the nursery'."
            ) from error
