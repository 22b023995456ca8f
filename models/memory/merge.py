"""Two memories of one home made into one."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.alignment import Alignment
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.anywhere import Place, load_newest, shown
from neural_brain.models.memory.check import read_file_events
from neural_brain.models.memory.fleet import FleetStore, is_shared
from neural_brain.models.memory.fleet.reading import read_shared_events
from neural_brain.models.memory.merge_floors import merge_floors, number_floors
from neural_brain.models.memory.store import MemoryConfig, MemoryStore
from neural_brain.models.signals import Event

ALL = MemoryConfig(max_events=10**8, maps=1000)


@dataclass(frozen=True, kw_only=True)
class MergeReport:
    """What came out: how the second map lies in the first, and how much there is.

    `landmarks` counts those of the first map, the second map and the merged one.
    """

    path: Path | str
    alignment: Alignment
    landmarks: tuple[int, int, int]
    events: int


def merge_files(
    first: Place, second: Place, to: Place, config: MapsConfig | None = None
) -> MergeReport:
    """Lay the newest map of one memory onto that of another and write both as one.

    Floors of one name are laid onto each other, all others are kept as they are. The
    frame, the numbers and the pose are those of the first one. Events of both are
    kept in order of their stamps; each robot's clock is taken as it is. The second map
    is added to a shared one in place when `first` and `to` are its address: robots may
    go on writing.

    Args:
        first: a file or an address; not changed, unless `to` is the same address.
        second: the same, of the same home; not changed.
        to: new file, which must not exist, or a server without a map.
        config: how rooms and places are made.

    Raises:
        MapFileError: if one has no map, the maps cannot be laid onto each other
            safely, or the target holds a map already or cannot be written.
    """
    config = config or MapsConfig()
    if is_shared(to):
        return _merge_shared(first, second, str(to), config)
    target = Path(to)
    if target.exists():
        raise MapFileError(f"{target} exists already. Choose a name that is free.")
    a = load_newest(first, config)
    partner, others = merge_floors(first, second, a.floor, config)
    alignment, landmarks = _lay(a, partner)
    events = _in_order(_events(first) + _events(second))
    snapshot = a.snapshot()
    numbered = number_floors([*others, snapshot], snapshot)
    _write(target, numbered, events)
    return MergeReport(
        path=target, alignment=alignment, landmarks=landmarks, events=len(events)
    )


def _merge_shared(
    first: Place, second: Place, to: str, config: MapsConfig
) -> MergeReport:
    """Begin a shared map with two maps, or add one to it."""
    with FleetStore(to, ALL, config) as store:
        found = store.load_map()
        grows = shown(first) == shown(to)
        if found is not None and not grows:
            raise MapFileError(
                f"{store.path} holds a map already. To add to it, give its address as "
                "the first map, too; otherwise choose an empty database."
            )
        events = _events(second)
        if found is None:
            a = load_newest(first, config)
            events = _in_order(_events(first) + events)
        else:
            a = CognitiveMap.restore(config, found)
        alignment, landmarks = _lay(a, load_newest(second, config))
        snapshot = a.snapshot()
        store.save_map(snapshot, snapshot.stamp)
        store.add_events(events)
        path = store.path
    return MergeReport(
        path=path, alignment=alignment, landmarks=landmarks, events=len(events)
    )


def _lay(a: CognitiveMap, b: CognitiveMap) -> tuple[Alignment, tuple[int, int, int]]:
    """Add map b to map a; how b lies in a, and landmarks of a, b and both."""
    if a.floor and b.floor and a.floor.lower() != b.floor.lower():
        raise MapFileError(
            f"The maps are of the {a.floor} and the {b.floor} floor; only maps of one "
            "floor are laid onto each other. Let both robots save the same floor last."
        )
    if abs(a.grid.resolution - b.grid.resolution) > 1e-9:
        raise MapFileError(
            f"The maps have cells of {a.grid.resolution:g} m and "
            f"{b.grid.resolution:g} m; expected equal ones. Map the home again with "
            "one value of maps.grid.resolution_m."
        )
    before = len(a.landmarks.landmarks()), len(b.landmarks.landmarks())
    alignment = a.absorb(b)
    return alignment, (*before, len(a.landmarks.landmarks()))


def _events(place: Place) -> list[Event]:
    """All whole events of a memory, which is not changed."""
    if is_shared(place):
        return read_shared_events(str(place))
    return read_file_events(place)


def _in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.stamp)


def _write(target: Path, maps: list[MapSnapshot], events: list[Event]) -> None:
    """The new file, whole or not at all; the last map is the one to begin with."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".merge-") as folder:
        part = Path(folder) / "new.db"
        with MemoryStore(part, ALL) as store:
            for snapshot in maps:
                store.save_map(snapshot, snapshot.stamp)
            store.add_events(events)
        os.replace(part, target)
