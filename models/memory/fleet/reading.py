"""Looking at a shared map without changing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.check import FileReport, check_rows, newest_whole
from neural_brain.models.memory.diary import read_events
from neural_brain.models.memory.fleet.address import read_address
from neural_brain.models.memory.fleet.connection import Server, Session
from neural_brain.models.memory.fleet.opening import check_version
from neural_brain.models.memory.generation import read_generation
from neural_brain.models.signals import Event

ALL = 10**9
NEWEST = """
SELECT max(stamp) FROM (SELECT max(stamp) AS stamp FROM generations
UNION ALL SELECT max(stamp) FROM events) AS stamps
"""
_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = to_regnamespace(current_schema())
"""


def read_shared_map(url: str) -> MapSnapshot | None:
    """The newest whole map on a server.

    Raises:
        MapFileError: if the server cannot be used or holds no shared map.
    """
    with _looking(url) as (session, _):
        return newest_whole(session)


def read_shared_events(url: str) -> list[Event]:
    """All whole events on a server.

    Raises:
        MapFileError: if the server cannot be used or holds no shared map.
    """
    with _looking(url) as (session, _):
        return read_events(session, None, None, None, ALL)[0]


def newest_shared_stamp(url: str) -> float | None:
    """The newest stamp of maps and diary on a server [s].

    Raises:
        MapFileError: if the server cannot be used or holds no shared map.
    """
    with _looking(url) as (session, _):
        newest = session.execute(NEWEST).fetchone()[0]
    return None if newest is None else float(newest)


def check_shared(url: str) -> FileReport:
    """Check checksums, versions and that the tables agree with the newest map.

    Raises:
        MapFileError: if the server cannot be used or holds no shared map.
    """
    with _looking(url) as (session, shown):
        problems, generations, whole, counts = check_rows(session)
        if whole[:1] == generations[:1] and whole:
            problems += _disagreement(session, whole[0])
        size = int(session.execute(_SIZE).fetchone()[0])
    return FileReport(
        path=shown,
        problems=tuple(problems),
        generations=tuple(generations),
        whole=tuple(whole),
        counts=counts,
        size_bytes=size,
    )


@contextmanager
def _looking(url: str) -> Iterator[tuple[Session, str]]:
    """A transaction that sees one state and can change nothing, and the address."""
    server = Server(read_address(url))
    shown = server.address.shown
    try:
        with server.transaction(reading=True) as session:
            found = session.execute("SELECT to_regclass('schema_version')").fetchone()
            if found[0] is None:
                raise MapFileError(
                    f"{shown} holds no shared map yet. A robot begins one (for "
                    "example `neural-brain sim --memory URL`), or a file of one "
                    "(`neural-brain map merge`)."
                )
            check_version(session, shown)
            yield session, shown
    finally:
        server.close()


def _disagreement(session: Session, generation: int) -> list[str]:
    """Whether landmarks and looks are those of the newest map; a sentence if not."""
    marks = read_generation(session, generation).data["landmarks"]
    wanted = {int(mark["id"]) for mark in marks}
    problems = []
    for table, column in (("landmarks", "id"), ("looks", "landmark")):
        rows = session.execute(f"SELECT {column} FROM {table}").fetchall()  # noqa: S608
        if {int(row[0]) for row in rows} != wanted:
            problems.append(f"table {table} does not agree with the newest map")
    return problems
