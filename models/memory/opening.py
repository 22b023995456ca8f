"""Opening a memory file: what is whole is used, what is damaged is put aside.

A file of another program or of a newer release is never touched. A damaged file is
renamed to `NAME.damaged-1`, `-2`, ... and a fresh one is begun, with a clear message.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory.schema import APPLICATION_ID, SCHEMA_VERSION, create

MAGIC = b"SQLite format 3\x00"
COMPANIONS = ("", "-wal", "-shm")  # SQLite's own extra files
log = logging.getLogger(__name__)


def open_file(path: Path, timeout_s: float) -> tuple[sqlite3.Connection, list[str]]:
    """Open or begin a memory file.

    Returns:
        The connection and what the user should be told.

    Raises:
        MapFileError: if the file cannot be used or is not ours to touch.
    """
    messages: list[str] = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        damage = _damage(path, timeout_s)
        if damage is not None:
            messages.append(_quarantine(path, damage))
        connection = _connect(path, timeout_s)
        try:
            if not _has_tables(connection):
                create(connection)
        except sqlite3.Error:
            connection.close()
            raise
    except (FileExistsError, NotADirectoryError) as error:
        raise MapFileError(
            f"Cannot use the memory file {path}: a part of its path is a file, not a "
            "folder. Choose another path."
        ) from error
    except (OSError, sqlite3.Error) as error:
        raise MapFileError(
            f"Cannot use the memory file {path}: {error}. Choose a folder that you "
            "may write to, free some disk space, or close the program that uses it."
        ) from error
    for message in messages:
        log.warning(message)
    return connection, messages


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open an existing file without ever changing it.

    Raises:
        MapFileError: if there is no such file or it cannot be read.
    """
    if not path.is_file():
        raise MapFileError(
            f"There is no memory file {path}. Give the path of a file that "
            "`neural-brain demo` or the nodes have written."
        )
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
        if magic != MAGIC:
            raise MapFileError(
                f"{path} is not a memory file (it does not begin as an SQLite file). "
                "Give the path of a file that this program wrote."
            )
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=1.0)
        refuse_foreign(connection, path)
    except (OSError, sqlite3.Error) as error:
        raise MapFileError(
            f"Cannot read the memory file {path}: {error}. If it is damaged, save what "
            f"is left with `neural-brain map repair {path}`."
        ) from error
    return connection


def integrity(connection: sqlite3.Connection) -> str | None:
    """What SQLite finds wrong with the structure of the file, None if nothing."""
    try:
        row = connection.execute("PRAGMA integrity_check(3)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if row is not None and row[0] == "ok" else str(row and row[0])


def _connect(path: Path, timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=timeout_s, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _damage(path: Path, timeout_s: float) -> str | None:
    """Why an existing file cannot be trusted, None if it can (or does not exist)."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    if path.is_dir():
        raise MapFileError(f"{path} is a folder. Give the path of a file.")
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return "it does not begin as an SQLite file"
    connection = sqlite3.connect(path, timeout=timeout_s)
    try:
        refuse_foreign(connection, path)
        return integrity(connection)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise
        return str(error)
    finally:
        connection.close()


def refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Stop at a file that another program or a newer release wrote."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == 0 and version == 0 and not _has_tables(connection):
        return  # an empty SQLite file: ours, killed before its tables were written
    if application != APPLICATION_ID:
        raise MapFileError(
            f"{path} is an SQLite file of another program (application id "
            f"{application:#x}; expected {APPLICATION_ID:#x}). Choose another name."
        )
    if version != SCHEMA_VERSION:
        raise MapFileError(
            f"{path} has schema version {version}; this release reads version "
            f"{SCHEMA_VERSION}. Use the release that wrote it, or choose another name."
        )


def _has_tables(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(row[0])


def put_aside(path: Path) -> Path:
    """Rename a damaged file and its companions; returns the new name."""
    k = 1
    while (aside := path.with_name(f"{path.name}.damaged-{k}")).exists():
        k += 1
    for suffix in COMPANIONS:
        part = path.with_name(path.name + suffix)
        if part.exists():
            os.replace(part, aside.with_name(aside.name + suffix))
    return aside


def _quarantine(path: Path, damage: str) -> str:
    """Put a file aside; returns the message for the user."""
    aside = put_aside(path)
    return (
        f"The memory file {path} is damaged ({damage}). It was put aside as "
        f"{aside.name}; a new, empty memory begins. To save what is left: "
        f"`neural-brain map repair {aside}`."
    )
