"""Events as rows: written, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from neural_brain.models.memory.schema import Connection, event_crc
from neural_brain.models.signals import Event

EPISODE = "episode"  # kind of the events that hold the steps around something
NAMES = ("stamp", "source", "kind", "text", "data", "crc32")


def write_events(connection: Connection, events: Iterable[Event]) -> None:
    """Append events; inside a transaction."""
    connection.executemany(
        "INSERT INTO events (stamp, source, kind, text, data, crc32) "
        "VALUES (:stamp, :source, :kind, :text, :data, :crc32)",
        [dict(zip(NAMES, event_row(event), strict=True)) for event in events],
    )


def drop_oldest(connection: Connection, keep: int, episodes: int) -> None:
    """Forget all but the newest events, and of these all but the newest episodes."""
    connection.execute(
        "DELETE FROM events WHERE id <= "
        "(SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET :keep)",
        {"keep": keep},
    )
    connection.execute(
        "DELETE FROM events WHERE kind = :kind AND id <= (SELECT id FROM events "
        "WHERE kind = :kind ORDER BY id DESC LIMIT 1 OFFSET :keep)",
        {"kind": EPISODE, "keep": episodes},
    )


def read_events(
    connection: Connection,
    kind: str | None,
    source: str | None,
    since: float | None,
    limit: int,
) -> tuple[list[Event], int]:
    """The newest events that match, oldest first, and how many more are damaged."""
    rows = connection.execute(
        "SELECT stamp, source, kind, text, data, crc32 FROM events "
        "WHERE (CAST(:kind AS TEXT) IS NULL OR kind = :kind) "
        "AND (CAST(:source AS TEXT) IS NULL OR source = :source) "
        "AND (CAST(:since AS DOUBLE PRECISION) IS NULL OR stamp >= :since) "
        "ORDER BY id DESC LIMIT :limit",
        {"kind": kind, "source": source, "since": since, "limit": limit},
    ).fetchall()
    whole = [row for row in rows if event_crc(tuple(row[:5])) == row[5]]
    return [event_from_row(row) for row in reversed(whole)], len(rows) - len(whole)


def event_from_row(row: tuple[Any, ...]) -> Event:
    """The event of the columns stamp, source, kind, text, data."""
    stamp, source, kind, text, data = row[:5]
    return Event(
        stamp=stamp, source=source, kind=kind, text=text, data=json.loads(data)
    )


def event_row(event: Event) -> tuple[float, str, str, str, str, int]:
    """The columns of an event, its checksum last."""
    data = json.dumps(event.data, default=_plain)
    columns = (float(event.stamp), event.source, event.kind, event.text, data)
    return (*columns, event_crc(columns))


def _plain(value: Any) -> Any:
    """JSON form of numpy values; anything else becomes its text."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return str(value)
