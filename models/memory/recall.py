"""Questions to the memory: where did I last see something?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.memory.store import MemoryStore
from neural_brain.models.signals import Event


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """Something that was seen: `center_map` (3,) [m], when, in which room, how sure.

    `present` is false for a thing that has since been found gone.
    """

    category: str
    colour: str
    center_map: Array
    room: str
    last_seen: float
    confidence: float
    present: bool


def where_last_seen(
    store: MemoryStore, category: str = "", colour: str = "", limit: int = 10
) -> list[Sighting]:
    """Sightings that match, those still there first, each kind newest first.

    Args:
        store: the memory.
        category: name of the thing, "" = any.
        colour: its colour, "" = any.
        limit: at most so many.
    """
    rows = store.query(
        "SELECT l.category, l.colour, l.x, l.y, l.z, coalesce(r.name, ''), "
        "l.last_seen, l.confidence FROM landmarks l LEFT JOIN rooms r ON r.id = l.room "
        "WHERE (CAST(:category AS TEXT) = '' OR l.category = :category) "
        "AND (CAST(:colour AS TEXT) = '' OR l.colour = :colour) "
        "ORDER BY l.last_seen DESC, l.confidence DESC LIMIT :limit",
        {"category": category, "colour": colour, "limit": limit},
    )
    found = [
        Sighting(
            category=name,
            colour=shade,
            center_map=np.array([x, y, z]),
            room=room,
            last_seen=seen,
            confidence=confidence,
            present=True,
        )
        for name, shade, x, y, z, room, seen, confidence in rows
    ]
    events = store.events(kind="landmark gone")
    return (found + found_gone(events, category, colour))[:limit]


def found_gone(events: Sequence[Event], category: str, colour: str) -> list[Sighting]:
    """Things that were found gone, according to the diary, the newest first.

    Args:
        events: of the diary in order of time; those of other kinds are left out.
        category: name of the thing, "" = any.
        colour: its colour, "" = any.
    """
    found = []
    for event in reversed(events):
        if event.kind != "landmark gone":
            continue
        data = event.data
        matches = category in ("", data.get("category"))
        if matches and colour in ("", data.get("colour")) and "xyz" in data:
            found.append(
                Sighting(
                    category=str(data["category"]),
                    colour=str(data.get("colour", "")),
                    center_map=np.array(data["xyz"], dtype=np.float64),
                    room="",
                    last_seen=event.stamp,
                    confidence=0.0,
                    present=False,
                )
            )
    return found
