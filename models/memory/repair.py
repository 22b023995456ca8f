"""Saving what can be read of a damaged memory file.

Only copies are opened. What carries a right checksum is written into a new file, which
is checked; not before it is complete is the original renamed to `NAME.damaged-1` and
the new file put in its place.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.check import check_file
from neural_brain.models.memory.diary import event_from_row
from neural_brain.models.memory.generation import read_generation
from neural_brain.models.memory.opening import MAGIC, put_aside, refuse_foreign
from neural_brain.models.memory.schema import event_crc
from neural_brain.models.memory.store import MemoryConfig, MemoryStore

EVENT_COLUMNS = "id, stamp, source, kind, text, data, crc32"
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class RepairReport:
    """What was saved.

    Attributes:
        path: the new, whole file.
        aside: where the original is now; None if it stayed where it was.
        generations: how many maps were saved.
        events: how many events were saved.
        lost: one sentence for everything that could not be read; empty = nothing.
    """

    path: Path
    aside: Path | None
    generations: int
    events: int
    lost: tuple[str, ...]


def repair_file(path: str | Path, to: str | Path | None = None) -> RepairReport:
    """Write what can be read of a file into a new one.

    Args:
        path: the damaged file; not changed, but renamed when `to` is None.
        to: the new file, which must not exist; None = take the place of the old one.

    Raises:
        MapFileError: if nothing can be read or the new file cannot be written; the
            original is then as it was.
    """
    source = Path(path)
    target = source if to is None else Path(to)
    if not source.is_file():
        raise MapFileError(f"There is no memory file {source}. Give the path of one.")
    if to is not None and target.exists():
        raise MapFileError(f"{target} exists already. Choose a name that is free.")
    lost: list[str] = []
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".repair-") as tmp:
            maps, events = _salvage(source, Path(tmp), lost)
            fresh = _write(Path(tmp) / "new.db", maps, events)
            aside = put_aside(source) if to is None else None
            os.replace(fresh, target)
    except (OSError, sqlite3.Error) as error:
        raise MapFileError(
            f"Cannot repair {source}: {error}. Free some disk space, or choose a "
            "folder that you may write to with --to."
        ) from error
    return RepairReport(
        path=target,
        aside=aside,
        generations=len(maps),
        events=len(events),
        lost=tuple(lost),
    )


def _salvage(
    source: Path, folder: Path, lost: list[str]
) -> tuple[list[MapSnapshot], Rows]:
    """Maps, oldest first, and events of a copy of the file and its log."""
    copy = folder / "old.db"
    shutil.copyfile(source, copy)
    log = source.with_name(source.name + "-wal")
    if log.exists():
        shutil.copyfile(log, folder / "old.db-wal")
    _mend_head(copy, lost)
    connection = sqlite3.connect(copy)
    connection.text_factory = lambda raw: raw.decode(errors="replace")
    try:
        refuse_foreign(connection, source)
        maps = _maps(connection, lost)
        events = _events(connection, lost)
    except sqlite3.DatabaseError as error:
        raise MapFileError(
            f"Nothing can be read of {source}: {error}. Restore it from a backup, or "
            "start the robot with it: it is put aside and a new memory begun."
        ) from error
    finally:
        connection.close()
    if not maps and not events:
        raise MapFileError(
            f"{source} holds no map and no event that is whole. Restore it from a "
            "backup, or start the robot with it: it is put aside and a new one begun."
        )
    return maps, events


def _mend_head(copy: Path, lost: list[str]) -> None:
    """Write SQLite's first 16 bytes anew where only they are wrong."""
    with copy.open("r+b") as file:
        head = file.read(len(MAGIC))
        if head == MAGIC:
            return
        file.seek(0)
        file.write(MAGIC)
    lost.append("the first bytes of the file were wrong; they were written anew")


def _maps(connection: sqlite3.Connection, lost: list[str]) -> list[MapSnapshot]:
    rows = list(_readable_rows(connection, "generations", "id"))
    maps = []
    for (generation,) in rows:
        try:
            maps.append(read_generation(connection, generation))
        except (MapFileError, sqlite3.Error) as error:
            lost.append(f"map generation {generation}: {error}")
    newest = max((row[0] for row in rows), default=0)
    if gap := _last_number(connection, "generations", newest) - newest:
        lost.append(f"the newest {gap} map generations could not be found")
    return maps


def _events(connection: sqlite3.Connection, lost: list[str]) -> Rows:
    rows = list(_readable_rows(connection, "events", EVENT_COLUMNS))
    whole = [row[1:] for row in rows if event_crc(row[1:6]) == row[6]]
    numbers = [row[0] for row in rows]
    last = _last_number(connection, "events", max(numbers, default=0))
    written = last - min(numbers, default=last + 1) + 1  # only the oldest are dropped
    if missing := max(written, len(rows)) - len(whole):
        lost.append(f"{missing} events could not be read")
    return whole


def _readable_rows(
    connection: sqlite3.Connection, table: str, columns: str
) -> Iterator[tuple[Any, ...]]:
    """Rows by number: from the start up to the damage, then from the end back to it."""
    order = f"SELECT {columns} FROM {table} ORDER BY id"  # noqa: S608 - fixed names
    found: set[int] = set()
    ahead: Rows = []
    behind: Rows = []
    for rows, sql in ((ahead, order), (behind, f"{order} DESC")):
        try:
            for row in connection.execute(sql):
                if row[0] in found:
                    break
                found.add(row[0])
                rows.append(row)
        except sqlite3.DatabaseError:
            continue
    yield from ahead
    yield from reversed(behind)


def _last_number(connection: sqlite3.Connection, table: str, known: int) -> int:
    """The highest number that was ever given to a row, at least the known one."""
    try:
        row = connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)
        ).fetchone()
    except sqlite3.DatabaseError:
        return known
    return max(known, int(row[0])) if row else known


def _write(path: Path, maps: list[MapSnapshot], events: Rows) -> Path:
    """A whole file in one piece: no log beside it, on the disk, checked."""
    config = MemoryConfig(generations=100, maps=1000, max_events=10**8)
    with MemoryStore(path, config) as store:
        for snapshot in maps:
            store.save_map(snapshot, snapshot.stamp)
        store.add_events(event_from_row(row) for row in events)
    report = check_file(path)
    if report.problems:
        raise MapFileError(
            f"The new file is not whole ({report.problems[0]}). Check the disk; the "
            "damaged file is untouched."
        )
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path
