"""Two memory files of one home made into one."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.alignment import Alignment
from neural_brain.models.maps.cognitive_map import CognitiveMap, MapsConfig
from neural_brain.models.memory.check import load_newest
from neural_brain.models.memory.diary import event_from_row
from neural_brain.models.memory.opening import open_read_only
from neural_brain.models.memory.schema import event_crc
from neural_brain.models.memory.store import MemoryConfig, MemoryStore
from neural_brain.models.signals import Event


@dataclass(frozen=True, kw_only=True)
class MergeReport:
    """What came out: how the second map lies in the first, and how much there is.

    `landmarks` counts those of the first map, the second map and the merged one.
    """

    path: Path
    alignment: Alignment
    landmarks: tuple[int, int, int]
    events: int


def merge_files(
    first: str | Path,
    second: str | Path,
    to: str | Path,
    config: MapsConfig | None = None,
) -> MergeReport:
    """Lay the newest map of one file onto that of another and write both as one.

    The frame, the numbers and the pose are those of the first file. Events of both are
    kept in order of their stamps; each robot's clock is taken as it is.

    Args:
        first: memory file; not changed.
        second: memory file of the same home; not changed.
        to: new file, which must not exist.
        config: how rooms and places are made.

    Raises:
        MapFileError: if a file has no map, the maps cannot be laid onto each other
            safely, or the new file exists or cannot be written.
    """
    target = Path(to)
    if target.exists():
        raise MapFileError(f"{target} exists already. Choose a name that is free.")
    config = config or MapsConfig()
    a, b = (load_newest(Path(path), config) for path in (first, second))
    before = len(a.landmarks.landmarks()), len(b.landmarks.landmarks())
    if abs(a.grid.resolution - b.grid.resolution) > 1e-9:
        raise MapFileError(
            f"The maps have cells of {a.grid.resolution:g} m and "
            f"{b.grid.resolution:g} m; expected equal ones. Map the home again with "
            "one value of maps.grid.resolution_m."
        )
    alignment = a.absorb(b)
    events = sorted([*_events(first), *_events(second)], key=lambda e: e.stamp)
    _write(target, a, events)
    return MergeReport(
        path=target,
        alignment=alignment,
        landmarks=(*before, len(a.landmarks.landmarks())),
        events=len(events),
    )


def _events(path: str | Path) -> list[Event]:
    """All whole events of a file, which is not changed."""
    connection = open_read_only(Path(path))
    try:
        rows = connection.execute(
            "SELECT stamp, source, kind, text, data, crc32 FROM events ORDER BY id"
        ).fetchall()
    except sqlite3.Error as error:
        raise MapFileError(
            f"Cannot read the events of {path}: {error}. Save what is left with "
            f"`neural-brain map repair {path}`, then merge again."
        ) from error
    finally:
        connection.close()
    return [event_from_row(row) for row in rows if event_crc(row[:5]) == row[5]]


def _write(target: Path, cognitive: CognitiveMap, events: list[Event]) -> None:
    """The new file, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    snapshot = cognitive.snapshot()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".merge-") as folder:
        part = Path(folder) / "new.db"
        with MemoryStore(part, MemoryConfig(max_events=10**8)) as store:
            store.save_map(snapshot, snapshot.stamp)
            store.add_events(events)
        os.replace(part, target)
