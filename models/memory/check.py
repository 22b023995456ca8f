"""Looking at a memory file without changing it: is it whole, what does it hold?"""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.cognitive_map import CognitiveMap, MapsConfig
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.generation import read_generation
from neural_brain.models.memory.opening import integrity, open_read_only
from neural_brain.models.memory.schema import event_crc

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What a check found.

    Attributes:
        problems: one sentence each; empty = whole.
        generations: numbers of the saved maps, newest first.
        whole: those of them that can be opened.
        counts: rows by table.
        size_bytes: of the file without its log.
    """

    path: Path
    problems: tuple[str, ...]
    generations: tuple[int, ...]
    whole: tuple[int, ...]
    counts: dict[str, int]
    size_bytes: int


def check_file(path: str | Path) -> FileReport:
    """Check structure, checksums and versions of a memory file.

    Raises:
        MapFileError: if it is missing, of another program or of another version.
    """
    file = Path(path)
    connection = open_read_only(file)
    try:
        damage = integrity(connection)
        problems = [] if damage is None else [f"structure: {damage}"]
        generations, whole = _check_generations(connection, problems)
        counts = _count(connection, problems)
        _check_events(connection, problems)
    finally:
        connection.close()
    return FileReport(
        path=file,
        problems=tuple(problems),
        generations=tuple(generations),
        whole=tuple(whole),
        counts=counts,
        size_bytes=file.stat().st_size,
    )


def read_newest_map(path: str | Path) -> MapSnapshot | None:
    """The newest whole map of a file, read without changing the file.

    Raises:
        MapFileError: if the file is missing, of another program or another version.
    """
    connection = open_read_only(Path(path))
    try:
        for (generation,) in connection.execute(
            "SELECT id FROM generations ORDER BY id DESC"
        ).fetchall():
            try:
                return read_generation(connection, generation)
            except MapFileError as error:
                log.warning("generation %d is left out: %s", generation, error)
    except sqlite3.Error as error:
        raise MapFileError(
            f"Cannot read the maps of {path}: {error}. Run `neural-brain map check "
            f"{path}` to see what is left."
        ) from error
    finally:
        connection.close()
    return None


def load_newest(path: Path, config: MapsConfig) -> CognitiveMap:
    """The newest whole map of a file, which is not changed.

    Raises:
        MapFileError: if there is none.
    """
    snapshot = read_newest_map(path)
    if snapshot is None:
        raise MapFileError(
            f"{path} holds no map that is whole. Run `neural-brain map check {path}` "
            "to see why; a map is saved when the robot has explored."
        )
    return CognitiveMap.restore(config, snapshot)


def _check_generations(
    connection: sqlite3.Connection, problems: list[str]
) -> tuple[list[int], list[int]]:
    generations, whole = [], []
    try:
        rows = connection.execute("SELECT id FROM generations ORDER BY id DESC")
        for (generation,) in rows.fetchall():
            generations.append(int(generation))
            try:
                read_generation(connection, generation)
                whole.append(int(generation))
            except MapFileError as error:
                problems.append(f"map generation {generation}: {error}")
    except sqlite3.Error as error:
        problems.append(f"maps cannot be read: {error}")
    return generations, whole


def _count(connection: sqlite3.Connection, problems: list[str]) -> dict[str, int]:
    counts = {}
    for table in ("landmarks", "rooms", "places", "passages", "events"):
        try:
            sql = f"SELECT count(*) FROM {table}"  # noqa: S608 - fixed names
            counts[table] = int(connection.execute(sql).fetchone()[0])
        except sqlite3.Error as error:
            problems.append(f"table {table} cannot be read: {error}")
    return counts


def _check_events(connection: sqlite3.Connection, problems: list[str]) -> None:
    try:
        rows = connection.execute(
            "SELECT stamp, source, kind, text, data, crc32 FROM events"
        )
        wrong = sum(event_crc(row[:5]) != row[5] for row in rows)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        problems.append(f"events cannot be read: {error}")
        return
    if wrong:
        problems.append(f"{wrong} events do not have their checksum")
