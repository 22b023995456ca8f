"""Naming rooms by what stands in them: naive Bayes with the room-object prior."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import ROOM_PRIOR
from neural_brain.models.geometry import Array
from neural_brain.models.maps.rooms import RoomMap
from neural_brain.models.maps.said import CENTER, CONFIDENCE, ID, Landmarks, numbers_of
from neural_brain.models.signals import Landmark, Room

RARE = 0.04  # chance of a thing in a room that the prior does not mention
SURE = 0.5


def name_room(landmarks: Iterable[Landmark], sure: float = SURE) -> str:
    """The most probable room type, "" when nothing is sure.

    Only things that were seen count; what was not seen may still be hidden. Each
    category counts once, weighted by the best confidence among its landmarks.

    Args:
        landmarks: what stands in the room.
        sure: posterior probability that a name needs.
    """
    best: dict[str, float] = {}
    for landmark in landmarks:
        known = best.get(landmark.category, 0.0)
        best[landmark.category] = max(known, landmark.confidence)
    return _most_probable(best, sure)


def describe_rooms(rooms: RoomMap, landmarks: Sequence[Landmark]) -> tuple[Room, ...]:
    """Messages of all rooms, named after the things in them."""
    inside = _best_inside(rooms, landmarks)
    return tuple(
        Room(
            id=k,
            center=center,
            area_m2=area,
            name=_most_probable(inside.get(k, {}), SURE),
        )
        for k, (center, area) in rooms.regions().items()
    )


def _most_probable(best: Mapping[str, float], sure: float) -> str:
    """Name of a room, given the best confidence of every category in it."""
    if not best:
        return ""
    scores = np.zeros(len(ROOM_PRIOR))
    for category, confidence in best.items():
        scores += confidence * _log_chances(category)
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    winner = int(np.argmax(chances))
    return list(ROOM_PRIOR)[winner] if chances[winner] >= sure else ""


@lru_cache(maxsize=4096)
def _log_chances(category: str) -> Array:
    """How likely a thing stands in each kind of room."""
    chances = (prior.get(category, 0.0) for prior in ROOM_PRIOR.values())
    return np.array([np.log(max(chance, RARE)) for chance in chances])


def _best_inside(
    rooms: RoomMap, landmarks: Sequence[Landmark]
) -> dict[int, dict[str, float]]:
    """Best confidence by room and category, which are in the order of the landmarks."""
    names, category, numbers, rank = _table(landmarks)
    room = rooms.rooms_near(numbers[:, CENTER][:, :2])
    order = np.flatnonzero(room)
    if len(order) == 0:
        return {}
    order = order[np.lexsort((rank[order], category[order], room[order]))]
    kind = room[order].astype(np.int64) * len(names) + category[order]
    starts = np.flatnonzero(np.diff(kind, prepend=-1))
    best = np.maximum.reduceat(numbers[order, CONFIDENCE], starts)
    first = order[starts]
    inside: dict[int, dict[str, float]] = {}
    for k in np.lexsort((rank[first], room[first])).tolist():
        name = names[category[first[k]]]
        inside.setdefault(int(room[first[k]]), {})[name] = float(best[k])
    return inside


def _table(
    landmarks: Sequence[Landmark],
) -> tuple[list[str], NDArray[np.int64], Array, Array]:
    """Categories; category, numbers and rank of every landmark.

    `Tracks.messages()` have the numbers at hand by category and colour, so that no
    landmark is looked at.
    """
    kinds = landmarks.by_kind if isinstance(landmarks, Landmarks) else {}
    parts = [
        (name, numbers)
        for (name, colour), part in kinds.items()
        if name is not None and colour is not None
        if (numbers := part.numbers) is not None
    ]
    lengths = [len(numbers) for _, numbers in parts]
    if parts and sum(lengths) == len(landmarks):
        of_part = [name for name, _ in parts]
        names, code = np.unique(of_part, return_inverse=True)
        numbers = np.concatenate([numbers for _, numbers in parts])
        return names.tolist(), np.repeat(code, lengths), numbers, numbers[:, ID]
    of_all = np.array([mark.category for mark in landmarks], dtype=str)
    names, code = np.unique(of_all, return_inverse=True)
    return names.tolist(), code, numbers_of(landmarks), np.arange(float(len(landmarks)))
