"""Maps of several robots made one, and numbers that two robots never give twice."""

from __future__ import annotations

from dataclasses import dataclass, replace

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.news import take_news
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.memory.fleet.connection import Session
from neural_brain.models.memory.fleet.looks import write_looks
from neural_brain.models.memory.generation import (
    keep_newest,
    read_generation,
    write_generation,
)

BLOCK = 1000  # numbers that a robot takes at once; ROS markers have 31 bits for them
SPARE = 200


@dataclass(frozen=True)
class Numbers:
    """The numbers that this robot gives to landmarks it finds: `first` to `last`."""

    first: int
    last: int

    @classmethod
    def take(cls, session: Session) -> Numbers:
        """A block that no other robot has."""
        block = session.execute("SELECT nextval('landmark_blocks')").fetchone()[0]
        return cls(int(block) * BLOCK, int(block) * BLOCK + BLOCK - 1)

    def short(self, snapshot: MapSnapshot) -> bool:
        """Whether few of them are left for a robot with this map."""
        return int(snapshot.data["next_landmark"]) > self.last - SPARE

    def give(self, snapshot: MapSnapshot) -> MapSnapshot:
        """The map for the robot, whose next landmark gets one of these numbers."""
        free = int(snapshot.data["next_landmark"])
        if not self.first <= free <= self.last:
            free = self.first
        return replace(snapshot, data={**snapshot.data, "next_landmark": free})


def unite(
    ours: MapSnapshot, theirs: MapSnapshot, base: MapSnapshot, config: MapsConfig
) -> MapSnapshot:
    """Our map with what another robot found since both had the base.

    Raises:
        MapFileError: if they do not continue one map.
    """
    joined, other, known = (
        CognitiveMap.restore(config, part) for part in (ours, theirs, base)
    )
    take_news(joined, other, known, theirs.stamp - base.stamp)
    return replace(joined.snapshot(), stamp=ours.stamp)


def commit_map(
    session: Session, snapshot: MapSnapshot, t: float, *, place: int, keep: int
) -> int:
    """Write a generation of a place and all tables of it; returns its number.

    Args:
        session: an open transaction that keeps other writers waiting.
        snapshot: the map.
        t: now [s].
        place: number of the place.
        keep: generations that are kept.
    """
    marks = [int(item["id"]) for item in snapshot.data["landmarks"]]
    data = {**snapshot.data, "map": place, "next_landmark": max(marks, default=0) + 1}
    generation = write_generation(session, replace(snapshot, data=data), t, place)
    keep_newest(session, place, keep)
    write_looks(session, data)
    return generation


def join_places(session: Session, config: MapsConfig, keep: int) -> list[str]:
    """Lay maps that robots began apart onto the oldest one, where they fit.

    The caller keeps other writers waiting.

    Args:
        session: an open transaction.
        config: how maps are laid onto each other.
        keep: generations that are kept.

    Returns:
        What the user should be told.
    """
    rows = session.execute(
        "SELECT map, max(id), max(stamp) FROM generations GROUP BY map ORDER BY map"
    ).fetchall()
    if len(rows) < 2:
        return []
    messages = []
    (place, generation, stamp), others = rows[0], rows[1:]
    first = _whole(session, generation, config)
    for number, newest, later in others:
        other = _whole(session, newest, config)
        if first is None or other is None:
            continue
        if first.floor != other.floor:
            continue  # above each other, and often of one shape
        try:
            first.absorb(other)
        except MapFileError as error:
            messages.append(f"Map {number} stays apart from map {place}: {error}")
            continue
        stamp = max(stamp, later)
        joined = replace(first.snapshot(), stamp=stamp)
        commit_map(session, joined, stamp, place=int(place), keep=keep)
        session.execute("DELETE FROM generations WHERE map = :map", {"map": number})
        messages.append(f"Map {number} was laid onto map {place}; they are one now.")
    return messages


def _whole(
    session: Session, generation: int, config: MapsConfig
) -> CognitiveMap | None:
    """The map of a generation, None if it is damaged."""
    try:
        return CognitiveMap.restore(config, read_generation(session, generation))
    except MapFileError:
        return None
