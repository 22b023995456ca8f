"""The memory that lasts: one SQLite file with maps, landmarks and events."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neural_brain.models.config import param, validate
from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.codec import pack_data
from neural_brain.models.memory.diary import drop_oldest, read_events, write_events
from neural_brain.models.memory.episodes import EpisodeConfig
from neural_brain.models.memory.generation import (
    keep_newest,
    read_generation,
    write_generation,
)
from neural_brain.models.memory.opening import open_file
from neural_brain.models.memory.waiting import Waiting
from neural_brain.models.signals import Event

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class MemoryConfig:
    """What is kept, and for how long another program may hold the file."""

    generations: int = param(3, "snapshots kept of a map", low=1, high=100)
    maps: int = param(10, "places whose map is kept", low=1, high=1000)
    max_events: int = param(100_000, "oldest events go beyond", low=100, high=10**8)
    timeout_s: float = param(1.0, "wait for a locked file", low=0.0, high=60.0)
    episodes: EpisodeConfig = field(default_factory=EpisodeConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class MemoryStore:
    """Maps and events in one file; every change is one transaction.

    A process killed at any point leaves the last committed state. `messages` holds
    what the user should know about the opening (a damaged file put aside, ...).

    Args:
        path: the file; it is begun when it does not exist.
        config: what is kept.

    Raises:
        MapFileError: if the file cannot be used; says what to do.
    """

    def __init__(self, path: str | Path, config: MemoryConfig | None = None) -> None:
        self.path = Path(path)
        self.config = config or MemoryConfig()
        self._lock = threading.RLock()
        self._waiting = Waiting(self.config.max_events)
        self._connection, self.messages = open_file(self.path, self.config.timeout_s)

    def save_map(self, snapshot: MapSnapshot, t: float) -> None:
        """Write a new generation of the map and drop the oldest of the same map.

        Raises:
            MapFileError: if it cannot be written; what was saved before stays.
        """
        place = int(snapshot.data.get("map", 1))
        with self._transaction() as connection:
            write_generation(connection, snapshot, t, place)
            keep_newest(connection, place, self.config.generations)
            connection.execute(
                "DELETE FROM generations WHERE map NOT IN (SELECT map FROM "
                "generations GROUP BY map ORDER BY max(id) DESC LIMIT :maps)",
                {"maps": self.config.maps},
            )

    def load_map(self, place: int | None = None) -> MapSnapshot | None:
        """The newest map that is whole, or None if there is none.

        A damaged generation is skipped, which is told in `messages`.

        Args:
            place: number of the place; None = any.
        """
        for generation in self.generations(place):
            try:
                return self.load_generation(generation)
            except MapFileError as error:
                self._tell(f"Map generation {generation} of {self.path}: {error}")
        return None

    def generations(self, place: int | None = None) -> list[int]:
        """Numbers of the saved maps (of a place), newest first."""
        rows = self.query(
            "SELECT id FROM generations WHERE :place IS NULL OR map = :place "
            "ORDER BY id DESC",
            {"place": place},
        )
        return [int(row[0]) for row in rows]

    def load_generation(self, generation: int) -> MapSnapshot:
        """One saved map.

        Raises:
            MapFileError: if it does not exist or is damaged.
        """
        with self._lock, self._readable():
            return read_generation(self._connection, generation)

    def replace_data(self, generation: int, data: dict[str, Any]) -> None:
        """Write the data of a saved map anew; its arrays stay.

        Raises:
            MapFileError: if it cannot be written; what was saved before stays.
        """
        blob, digest = pack_data(data)
        with self._transaction() as connection:
            connection.execute(
                "UPDATE generations SET data = :data, sha256 = :sha256 WHERE id = :id",
                {"data": blob, "sha256": digest, "id": generation},
            )

    def add_events(self, events: Iterable[Event]) -> None:
        """Append to the diary; the oldest events go when there are too many.

        While the file cannot be written (a full disk, another program) they wait here,
        which is told once in `messages`; the robot drives on.
        """
        with self._lock:
            self._waiting.add(events)
            if not self._waiting.due:
                return
            try:
                self._write_diary()
            except MapFileError as error:
                if self._waiting.put_off():
                    self._tell(f"{error} The diary waits in the robot until then.")

    def events(
        self,
        *,
        kind: str | None = None,
        source: str | None = None,
        since: float | None = None,
        limit: int = 1000,
    ) -> list[Event]:
        """Events in order of time, the newest `limit` of those that match."""
        with self._lock, self._readable():
            found, lost = read_events(self._connection, kind, source, since, limit)
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
        with self._lock, self._readable():
            return self._connection.execute(sql, values or {}).fetchall()

    def close(self) -> None:
        """Write what waits and close the file; safe to call twice.

        Raises:
            MapFileError: if events could not be written any more; says how many.
        """
        with self._lock:
            try:
                if self._waiting.events:
                    self._write_diary()
            except MapFileError as error:
                lost = len(self._waiting.events) + self._waiting.done()
                raise MapFileError(
                    f"{lost} events of the diary are lost. {error}"
                ) from error
            finally:
                self._connection.close()

    def __enter__(self) -> MemoryStore:
        """Use the store in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def _write_diary(self) -> None:
        events = self._waiting.events
        with self._transaction() as connection:
            write_events(connection, events)
            drop_oldest(connection, self.config.max_events, self.config.episodes.kept)
        lost = self._waiting.done()
        if lost:
            self._tell(f"{lost} events could not wait for {self.path} and are lost.")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                self._roll_back()
                raise MapFileError(
                    f"Cannot write the memory file {self.path}: {error}. What was "
                    "saved before is kept. Free some disk space, check that the folder "
                    "can be written, and close other programs that use the file."
                ) from error
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            log.warning("The transaction was already undone: %s", error)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise MapFileError(
                f"Cannot read the memory file {self.path}: {error}. Restart with "
                "it: if it is damaged, it is put aside and a new one begun."
            ) from error

    def _tell(self, message: str) -> None:
        self.messages.append(message)
        log.warning(message)
