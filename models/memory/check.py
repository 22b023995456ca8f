"""Looking at a memory file without changing it: is it whole, what does it hold?"""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.diary import read_events
from neural_brain.models.memory.generation import read_generation
from neural_brain.models.memory.opening import integrity, open_read_only
from neural_brain.models.memory.schema import Connection, event_crc
from neural_brain.models.signals import Event

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What a check found.

    Attributes:
        path: the file, or the address of a shared map.
        problems: one sentence each; empty = whole.
        generations: numbers of the saved maps, newest first.
        whole: those of them that can be opened.
        counts: rows by table.
        size_bytes: of the file and its log (`-wal`), or of all tables.
    """

    path: Path | str
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
        problems, generations, whole, counts = check_rows(connection)
        if damage is not None:
            problems.insert(0, f"structure: {damage}")
    finally:
        connection.close()
    return FileReport(
        path=file,
        problems=tuple(problems),
        generations=tuple(generations),
        whole=tuple(whole),
        counts=counts,
        size_bytes=_size(file),
    )


def _size(file: Path) -> int:
    log = file.with_name(f"{file.name}-wal")
    return file.stat().st_size + (log.stat().st_size if log.exists() else 0)


def read_newest_map(path: str | Path) -> MapSnapshot | None:
    """The newest whole map of a file, read without changing the file.

    Raises:
        MapFileError: if the file is missing, of another program or another version.
    """
    connection = open_read_only(Path(path))
    try:
        return newest_whole(connection)
    except sqlite3.Error as error:
        raise MapFileError(
            f"Cannot read the maps of {path}: {error}. Run `neural-brain map check "
            f"{path}` to see what is left."
        ) from error
    finally:
        connection.close()


def read_file_events(path: str | Path) -> list[Event]:
    """All whole events of a file, read without changing it.

    Raises:
        MapFileError: if the file or its diary cannot be read.
    """
    connection = open_read_only(Path(path))
    try:
        return read_events(connection, None, None, None, -1)[0]
    except sqlite3.Error as error:
        raise MapFileError(
            f"Cannot read the events of {path}: {error}. Save what is left with "
            f"`neural-brain map repair {path}`, then merge again."
        ) from error
    finally:
        connection.close()


def newest_whole(connection: Connection) -> MapSnapshot | None:
    """The newest whole map of a database.

    Raises:
        sqlite3.Error: if a file cannot be read.
    """
    sql = "SELECT id FROM generations ORDER BY id DESC"
    for (generation,) in connection.execute(sql).fetchall():
        try:
            return read_generation(connection, generation)
        except MapFileError as error:
            log.warning("generation %d is left out: %s", generation, error)
    return None


def check_rows(
    connection: Connection,
) -> tuple[list[str], list[int], list[int], dict[str, int]]:
    """Check the rows of a database.

    Returns:
        Problems, numbers of all generations and of the whole ones (newest first), and
        rows by table.
    """
    problems: list[str] = []
    generations, whole = _check_generations(connection, problems)
    counts = _count(connection, problems)
    _check_events(connection, problems)
    return problems, generations, whole, counts


def _check_generations(
    connection: Connection, problems: list[str]
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


def _count(connection: Connection, problems: list[str]) -> dict[str, int]:
    counts = {}
    for table in ("landmarks", "rooms", "places", "passages", "events"):
        try:
            sql = f"SELECT count(*) FROM {table}"  # noqa: S608 - fixed names
            counts[table] = int(connection.execute(sql).fetchone()[0])
        except sqlite3.Error as error:
            problems.append(f"table {table} cannot be read: {error}")
    return counts


def _check_events(connection: Connection, problems: list[str]) -> None:
    try:
        rows = connection.execute(
            "SELECT stamp, source, kind, text, data, crc32 FROM events"
        )
        wrong = sum(event_crc(tuple(row[:5])) != row[5] for row in rows)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        problems.append(f"events cannot be read: {error}")
        return
    if wrong:
        problems.append(f"{wrong} events do not have their checksum")
