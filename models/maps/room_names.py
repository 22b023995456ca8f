"""Naming rooms by what stands in them: naive Bayes with the room-object prior."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from neural_brain.models.categories import ROOM_PRIOR
from neural_brain.models.maps.rooms import RoomMap
from neural_brain.models.signals import Landmark, Room

RARE = 0.04  # chance of a thing in a room that the prior does not mention


def name_room(landmarks: Iterable[Landmark], sure: float = 0.5) -> str:
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
    if not best:
        return ""
    names = list(ROOM_PRIOR)
    scores = np.zeros(len(names))
    for k, name in enumerate(names):
        prior = ROOM_PRIOR[name]
        for category, confidence in best.items():
            scores[k] += confidence * np.log(max(prior.get(category, 0.0), RARE))
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    winner = int(np.argmax(chances))
    return names[winner] if chances[winner] >= sure else ""


def describe_rooms(rooms: RoomMap, landmarks: Sequence[Landmark]) -> tuple[Room, ...]:
    """Messages of all rooms, named after the things in them."""
    xy = np.array([landmark.center_map[:2] for landmark in landmarks])
    inside: dict[int, list[Landmark]] = {}
    for landmark, room in zip(
        landmarks, rooms.rooms_near(xy.reshape(-1, 2)), strict=True
    ):
        inside.setdefault(int(room), []).append(landmark)
    return tuple(
        Room(id=k, center=center, area_m2=area, name=name_room(inside.get(k, [])))
        for k, (center, area) in rooms.regions().items()
    )
