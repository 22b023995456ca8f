"""Where a thing may be, by common sense: in which rooms a look is worth more."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from neural_brain.models.categories import ROOM_PRIOR
from neural_brain.models.executive.frontier import Ignorance
from neural_brain.models.executive.situation import Situation, fits_room, named_at
from neural_brain.models.geometry import Array
from neural_brain.models.signals import Goal

RARE = 0.05  # chance of a thing in a room where nobody expects it
NAMED, ELSEWHERE = 3.0, 0.5  # in the room that was said, and in others
LEAST = 0.05  # nothing is ruled out
AROUND_M = 3.0  # a place speaks for what is so near


def expectation(
    situation: Situation, layers: Ignorance, goal: Goal, room_bonus: float
) -> Array | None:
    """What a look at every cell of the plan grid is worth (h', w'), 1 on average.

    A room whose name is known counts by the chance of the thing there over its mean
    chance in all kinds of rooms. What belongs to no room yet counts 1, so that a wrong
    room is left for one that may be right.

    Args:
        situation: map, with rooms and their names.
        layers: the plan grid, and what of it is unknown.
        goal: the thing, and the room if one was said.
        room_bonus: 0 = rooms make no difference, 1 = as the chances are.

    Returns:
        The weights, or None if no room tells anything.
    """
    state = situation.state
    names = {room.id: room.name for room in state.rooms}
    places = [
        place
        for place in state.places
        if names.get(place.room) or named_at(place.xy, state)
    ]
    if not places or not (goal.category or goal.room):
        return None
    factors = []
    for place in places:
        name = names.get(place.room, "")
        factor = usual(name, goal.category, room_bonus)
        if goal.room:
            fit = fits_room(place.xy, goal.room, state, found=name)
            factor *= NAMED if fit == 0 else ELSEWHERE
        factors.append(factor)
    known = (layers.unseen | layers.blocked) & ~layers.unknown
    weight = np.ones(layers.blocked.shape)
    tree = cKDTree(np.array([place.xy for place in places]))
    apart, nearest = tree.query(layers.centers[known], distance_upper_bound=AROUND_M)
    there = np.isfinite(apart)
    values = np.ones(len(apart))
    values[there] = np.array(factors)[nearest[there]]
    weight[known] = values
    return weight


def usual(room: str, category: str, room_bonus: float) -> float:
    """How much more often than elsewhere a kind of thing is in a kind of room."""
    if room not in ROOM_PRIOR or not category:
        return 1.0
    chances = [prior.get(category, 0.0) for prior in ROOM_PRIOR.values()]
    mean = float(np.mean(chances)) + RARE
    ratio = (ROOM_PRIOR[room].get(category, 0.0) + RARE) / mean
    return max(LEAST, 1.0 + room_bonus * (ratio - 1.0))
