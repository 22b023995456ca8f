"""Landmarks, places and rooms as plain data (JSON) and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array
from neural_brain.models.maps import former
from neural_brain.models.maps.landmarks import LandmarkMap
from neural_brain.models.maps.places import PlaceGraph
from neural_brain.models.maps.rooms import RoomMap
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import CLOSED_M, Room


def to_plain(
    landmarks: LandmarkMap, graph: PlaceGraph, rooms: RoomMap, named: tuple[Room, ...]
) -> dict[str, Any]:
    """Everything but the grids, as numbers, strings, lists and dictionaries."""
    places, passages = graph.messages()
    tracks = list(landmarks.tracks.values())
    near = rooms.rooms_near(np.reshape([t.center[:2] for t in tracks], (-1, 2)))
    return {
        "landmarks": [
            {**_track_to_plain(track), "room": int(room)}
            for track, room in zip(tracks, near, strict=True)
        ],
        "next_landmark": landmarks.next_id,
        "former": former.to_plain(landmarks.former),
        "places": [
            {"id": place.id, "xy": place.xy.tolist(), "room": place.room}
            for place in places
        ],
        "next_place": graph.next_id,
        "passages": [
            {"start": p.start, "end": p.end, "cost": p.cost, "door": p.door}
            for p in passages
        ],
        "travelled": [[a, b, cost] for (a, b), cost in graph.travelled.items()],
        "penalties": [[a, b, cost] for (a, b), cost in graph.penalties.items()],
        "rooms": [
            {
                "id": room.id,
                "center": room.center.tolist(),
                "area_m2": room.area_m2,
                "name": room.name,
            }
            for room in named
        ],
        "next_room": rooms.next_id,
        "room_origin": rooms.origin.tolist(),
        "room_cell_m": rooms.cell_m,
    }


def from_plain(
    data: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    landmarks: LandmarkMap,
    graph: PlaceGraph,
    rooms: RoomMap,
) -> None:
    """Fill empty maps from `to_plain` data.

    Raises:
        MapFileError: if a value is missing or of the wrong kind.
    """
    try:
        for item in data["landmarks"]:
            track = _track_from_plain(item)
            landmarks.tracks[track.id] = track
        landmarks.next_id = int(data["next_landmark"])
        landmarks.former = former.from_plain(data.get("former", []))
        for item in data["places"]:
            graph.xy[int(item["id"])] = np.array(item["xy"], dtype=np.float64)
            graph.rooms[int(item["id"])] = int(item["room"])
        graph.next_id = int(data["next_place"])
        for item in data["passages"]:
            graph.costs[int(item["start"]), int(item["end"])] = float(item["cost"])
        for a, b, cost in data["travelled"]:
            graph.travelled[int(a), int(b)] = float(cost)
        graph.set_penalties(
            {(int(a), int(b)): float(c) for a, b, c in data["penalties"]}
        )
        for key, cost in graph.costs.items():
            graph.costs[key] = cost - graph.penalties.get(key, 0.0)
        if not all(-1e-6 < cost < CLOSED_M for cost in graph.costs.values()):
            raise ValueError("a passage has a negative or infinite cost")
        rooms.labels = np.array(arrays["room_labels"], dtype=np.int32)
        rooms.origin = np.array(data["room_origin"], dtype=np.float64)
        rooms.cell_m = float(data["room_cell_m"])
        rooms.next_id = int(data["next_room"])
    except (KeyError, TypeError, ValueError) as error:
        raise MapFileError(
            f"The map's list of landmarks, places or rooms is damaged ({error!r}). "
            "Restore an earlier generation, or begin a new map."
        ) from error


def _track_to_plain(track: Track) -> dict[str, Any]:
    return {
        "id": track.id,
        "category": track.category,
        "colour": track.colour,
        "center": track.center.tolist(),
        "covariance": track.covariance.tolist(),
        "size": track.size.tolist(),
        "categories": dict(track.categories),
        "colours": dict(track.colours),
        "confidence": track.confidence,
        "log_odds": track.log_odds,
        "count": track.count,
        "first_seen": track.first_seen,
        "last_seen": track.last_seen,
        "near": track.near,
        "far": track.far,
        "told": track.told,
        "anchor": track.anchor,
        "seen_from": None if track.seen_from is None else track.seen_from.tolist(),
        "rivals": sorted([key, count] for key, count in track.rivals.items()),
    }


def _track_from_plain(item: dict[str, Any]) -> Track:
    center = np.array(item["center"], dtype=np.float64).reshape(3)
    return Track(
        id=int(item["id"]),
        center=center,
        covariance=np.array(item["covariance"], dtype=np.float64).reshape(3, 3),
        size=np.array(item["size"], dtype=np.float64).reshape(3),
        categories={str(k): float(v) for k, v in item["categories"].items()},
        colours={str(k): float(v) for k, v in item["colours"].items()},
        log_odds=float(item["log_odds"]),
        count=int(item["count"]),
        first_seen=float(item["first_seen"]),
        last_seen=float(item["last_seen"]),
        near=float(item["near"]),
        far=float(item["far"]),
        told=bool(item["told"]),
        rivals={int(key): int(count) for key, count in item["rivals"]},
        anchor=int(item.get("anchor", 0)),
        seen_from=_spot(item.get("seen_from")),  # older files do not have it
    )


def _spot(values: list[float] | None) -> Array | None:
    return None if values is None else np.array(values, dtype=np.float64).reshape(2)
