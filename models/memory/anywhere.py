"""A memory wherever it is: a file, or a map that robots share on a server."""

from __future__ import annotations

from pathlib import Path

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.check import (
    FileReport,
    check_file,
    read_file_events,
    read_newest_map,
)
from neural_brain.models.memory.contract import Memory
from neural_brain.models.memory.fleet import FleetStore, is_shared
from neural_brain.models.memory.fleet.address import read_address
from neural_brain.models.memory.fleet.reading import (
    check_shared,
    read_shared_events,
    read_shared_map,
)
from neural_brain.models.memory.store import MemoryConfig, MemoryStore
from neural_brain.models.signals import Event

Place = str | Path  # of a memory: path of a file, or `postgresql://...`


def open_memory(
    place: Place, config: MemoryConfig | None = None, maps: MapsConfig | None = None
) -> Memory:
    """Open or begin a memory.

    Args:
        place: path of a file, or `postgresql://user@host/database`.
        config: what is kept.
        maps: how maps of several robots are joined.

    Raises:
        MapFileError: if it cannot be used; says what to do.
    """
    if is_shared(place):
        return FleetStore(str(place), config, maps)
    return MemoryStore(Path(place).expanduser(), config)


def read_map(place: Place) -> MapSnapshot | None:
    """The newest whole map of a memory, which is not changed.

    Raises:
        MapFileError: if there is no memory or it cannot be read.
    """
    return read_shared_map(str(place)) if is_shared(place) else read_newest_map(place)


def read_diary(place: Place) -> list[Event]:
    """All whole events of a memory, which is not changed.

    Raises:
        MapFileError: if there is no memory or it cannot be read.
    """
    return (
        read_shared_events(str(place)) if is_shared(place) else read_file_events(place)
    )


def load_newest(place: Place, config: MapsConfig) -> CognitiveMap:
    """The newest whole map of a memory, which is not changed.

    Raises:
        MapFileError: if there is none.
    """
    snapshot = read_map(place)
    if snapshot is None:
        raise MapFileError(
            f"{shown(place)} holds no map that is whole. See why with `neural-brain "
            "map check`; a map is saved when the robot has explored."
        )
    return CognitiveMap.restore(config, snapshot)


def check_memory(place: Place) -> FileReport:
    """Check checksums and versions of a memory, and the structure of a file.

    Raises:
        MapFileError: if it is missing, of another program or of another version.
    """
    return check_shared(str(place)) if is_shared(place) else check_file(place)


def shown(place: Place) -> str:
    """The place for people, without a password.

    Raises:
        MapFileError: if an address cannot be read.
    """
    return read_address(str(place)).shown if is_shared(place) else str(place)
