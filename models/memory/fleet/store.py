"""The memory of a fleet: robots write one map and one diary, and nothing is lost.

A robot that saves is alone for a moment: the row of the schema version is locked until
its transaction ends. If others have written since it last read, what they found is
added to its map first (`models/maps/news.py`), and the robot goes on with the result.
A robot that is killed, or whose line is cut, leaves the last complete transaction.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.patches import Float32
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.diary import drop_oldest, read_events, write_events
from neural_brain.models.memory.fleet.address import read_address
from neural_brain.models.memory.fleet.connection import Server, Session
from neural_brain.models.memory.fleet.looks import Look, find_looks
from neural_brain.models.memory.fleet.opening import check_version, open_shared
from neural_brain.models.memory.fleet.union import (
    Numbers,
    commit_map,
    join_places,
    unite,
)
from neural_brain.models.memory.generation import read_generation
from neural_brain.models.memory.store import MemoryConfig
from neural_brain.models.memory.waiting import Waiting
from neural_brain.models.signals import Event

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Base:
    """What this robot and the server both have: a generation of a place."""

    place: int
    generation: int
    snapshot: MapSnapshot


class FleetStore:
    """Maps and events on a PostgreSQL server, shared with other robots.

    The same calls as `MemoryStore`. `messages` holds what the user should know.

    Args:
        url: `postgresql://user@host/database?application_name=ROBOT`; the name goes
            into the diary. Tables are made when the database has none.
        config: what is kept; `maps` is not used, no place is ever dropped.
        maps: how the maps are laid onto each other.

    Raises:
        MapFileError: if the server cannot be used; says what to do.
    """

    def __init__(
        self,
        url: str,
        config: MemoryConfig | None = None,
        maps: MapsConfig | None = None,
    ) -> None:
        address = read_address(url)
        self.path = address.shown
        self.config = config or MemoryConfig()
        self._maps = maps or MapsConfig()
        self._robot = address.robot
        self._lock = threading.RLock()
        self._server = Server(address)
        self._bases: dict[tuple[int, int], _Base] = {}
        self._numbers: Numbers | None = None
        self._unsaid = Waiting(self.config.max_events)
        self.messages = open_shared(self._server)
        for message in self.messages:
            log.warning(message)

    def save_map(self, snapshot: MapSnapshot, t: float) -> MapSnapshot | None:
        """Commit what this robot found, joined with what others did since.

        Returns:
            The map to go on with (`models.maps.adopt`) if others have found something,
            else None.

        Raises:
            MapFileError: if it cannot be written; what was saved before stays, and the
                next save writes it all.
        """
        key = _key(snapshot)
        with self._lock:
            base = self._bases.get(key)
            with self._server.transaction() as session:
                check_version(session, self.path, lock=True)
                place = _new_place(session) if base is None else base.place
                joined = None if base is None else self._join(session, base, snapshot)
                written = joined or snapshot
                keep = self.config.generations
                generation = commit_map(session, written, t, place=place, keep=keep)
                self._write_diary(session)
            self._said()
            new = _Base(place=place, generation=generation, snapshot=written)
            if joined is None or base is None:
                self._bases = {key: new}
                return None
            joined = _descend(joined, generation)
            # until the robot goes on with the joined map it may save the old one again
            old = replace(base, snapshot=snapshot)
            self._bases = {key: old, _key(joined): new}
            return joined

    def load_map(self, place: int | None = None) -> MapSnapshot | None:
        """The newest map that is whole, or None if there is none.

        Maps of robots that began apart are joined first, where they fit.

        Args:
            place: number of the place; None = any.
        """
        with self._lock, self._server.transaction() as session:
            check_version(session, self.path, lock=True)
            if place is None:
                keep = self.config.generations
                self.messages += join_places(session, self._maps, keep)
            found = _newest(session, place, self._tell)
            if found is None:
                return None
            place, generation, snapshot = found
            self._numbers = Numbers.take(session)
            snapshot = _descend(self._numbers.give(snapshot), generation)
            base = _Base(place=place, generation=generation, snapshot=snapshot)
            self._bases = {_key(snapshot): base}
            return snapshot

    def load_generation(self, generation: int) -> MapSnapshot:
        """One saved map.

        Raises:
            MapFileError: if it does not exist or is damaged.
        """
        with self._lock, self._server.transaction() as session:
            return read_generation(session, generation)

    def add_events(self, events: Iterable[Event]) -> None:
        """Append to the diary; while the server cannot take them they wait here."""
        with self._lock:
            self._unsaid.add(self._signed(event) for event in events)
            if not self._unsaid.due:
                return
            try:
                with self._server.transaction() as session:
                    self._write_diary(session)
            except MapFileError as error:
                if self._unsaid.put_off():
                    self._tell(f"{error} The diary waits in this robot until then.")
                return
            self._said()

    def events(
        self,
        *,
        kind: str | None = None,
        source: str | None = None,
        since: float | None = None,
        limit: int = 1000,
    ) -> list[Event]:
        """Events of all robots as they were written, the newest `limit` that match."""
        with self._lock, self._server.transaction() as session:
            found, lost = read_events(session, kind, source, since, limit)
        if lost:
            self._tell(f"{lost} damaged events in {self.path} were left out.")
        return found

    def query(
        self, sql: str, values: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Rows of a read-only question to the tables of `schema.py`.

        Args:
            sql: a SELECT, with `:name` where values go.
            values: by name.
        """
        with self._lock, self._server.transaction(reading=True) as session:
            return [tuple(row) for row in session.execute(sql, values).fetchall()]

    def like(self, feature: Float32, limit: int = 10) -> list[Look]:
        """Landmarks that look most like a feature (`word_feature`, `region_feature`).

        Args:
            feature: (DIMENSION,), as of `models/maps/patches.py`.
            limit: at most so many.
        """
        with self._lock, self._server.transaction() as session:
            return find_looks(session, feature, limit)

    def close(self) -> None:
        """Write what waits and close the connection; safe to call twice.

        Raises:
            MapFileError: if events could not be written any more; says how many.
        """
        with self._lock:
            try:
                if self._unsaid.events:
                    with self._server.transaction() as session:
                        self._write_diary(session)
                    self._said()
            except MapFileError as error:
                count = len(self._unsaid.events) + self._unsaid.done()
                raise MapFileError(
                    f"{count} events of the diary are lost. {error}"
                ) from error
            finally:
                self._server.close()

    def __enter__(self) -> FleetStore:
        """Use the store in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def _join(
        self, session: Session, base: _Base, snapshot: MapSnapshot
    ) -> MapSnapshot | None:
        """Our map with what others wrote since the base, None if they did not."""
        row = session.execute(
            "SELECT max(id) FROM generations WHERE map = :place", {"place": base.place}
        ).fetchone()
        if row[0] is None or row[0] == base.generation:
            return None
        newest = _newest(session, base.place, self._tell)
        if newest is None or newest[1] <= base.generation:
            return None
        joined = unite(snapshot, newest[2], base.snapshot, self._maps)
        if self._numbers is None or self._numbers.short(joined):
            self._numbers = Numbers.take(session)
        return self._numbers.give(joined)

    def _write_diary(self, session: Session) -> None:
        write_events(session, self._unsaid.events)
        if self._unsaid.events:
            drop_oldest(session, self.config.max_events, self.config.episodes.kept)

    def _said(self) -> None:
        lost = self._unsaid.done()
        if lost:
            self._tell(f"{lost} events could not wait for {self.path} and are lost.")

    def _signed(self, event: Event) -> Event:
        """The event with the name of the robot, if it has one."""
        if not self._robot:
            return event
        return replace(event, data={"robot": self._robot, **event.data})

    def _tell(self, message: str) -> None:
        self.messages.append(message)
        log.warning(message)


def _key(snapshot: MapSnapshot) -> tuple[int, int]:
    """Number of the robot's map, and the generation that it continues."""
    data = snapshot.data
    return int(data.get("map", 1)), int(data.get("lineage", 0))


def _descend(snapshot: MapSnapshot, generation: int) -> MapSnapshot:
    """The map for a robot that continues a generation."""
    return replace(snapshot, data={**snapshot.data, "lineage": generation})


def _new_place(session: Session) -> int:
    row = session.execute("SELECT coalesce(max(map), 0) + 1 FROM generations")
    return int(row.fetchone()[0])


def _newest(
    session: Session, place: int | None, tell: Any
) -> tuple[int, int, MapSnapshot] | None:
    """Place, number and map of the newest generation (of a place) that is whole."""
    rows = session.execute(
        "SELECT map, id FROM generations "
        "WHERE CAST(:place AS BIGINT) IS NULL OR map = :place ORDER BY id DESC",
        {"place": place},
    ).fetchall()
    for number, generation in rows:
        try:
            return int(number), int(generation), read_generation(session, generation)
        except MapFileError as error:
            tell(f"Map generation {generation} is left out: {error}")
    return None
