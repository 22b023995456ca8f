"""Where a thing may be, by common sense: in which rooms a look is worth more."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from neural_brain.models.categories import ROOM_PRIOR
from neural_brain.models.executive.config import SearchConfig
from neural_brain.models.executive.frontier import Ignorance
from neural_brain.models.executive.situation import Situation, fits_room, named_at
from neural_brain.models.geometry import Array
from neural_brain.models.signals import Goal, Landmark, MapState

RARE = 0.05  # chance of a thing in a room where nobody expects it
NAMED, ELSEWHERE = 3.0, 0.5  # in the room that was said, and in others
LEAST = 0.05  # nothing is ruled out
BESIDE_M = 0.5  # who sees a thing sees what is so near beside it
_FIXED_BITS = 4
AROUND_M = 3.0  # a place speaks for what is so near


def expectation(
    situation: Situation, layers: Ignorance, goal: Goal, config: SearchConfig
) -> Array | None:
    """What a look at every cell of the plan grid is worth (h', w'), 1 on average.

    A room whose name is known counts by the chance of the thing there over its mean
    chance in all kinds of rooms. What belongs to no room yet counts 1, so that a wrong
    room is left for one that may be right; what was never measured counts between that
    and the room before it. Where an earlier run has looked, and around known things, a
    new look is worth less.

    Args:
        situation: map, with rooms and their names.
        layers: the plan grid, and what of it is unknown.
        goal: the thing, and the room if one was said.
        config: `room_bonus` 0 = rooms make no difference, 1 = as the chances are;
            `looked_factor` is what a look is worth where it was looked before.

    Returns:
        The weights, or None if all is worth the same.
    """
    if not (goal.category or goal.room):
        return None
    weight = np.ones(layers.blocked.shape)
    _weigh_rooms(weight, situation.state, layers, goal, config.room_bonus)
    looked = _looked_before(situation, layers, config.view_m)
    weight[looked & ~layers.unknown] *= config.looked_factor
    return None if np.all(weight == 1.0) else weight


def _weigh_rooms(
    weight: Array, state: MapState, layers: Ignorance, goal: Goal, room_bonus: float
) -> None:
    names = {room.id: room.name for room in state.rooms}
    places = [
        place
        for place in state.places
        if names.get(place.room) or named_at(place.xy, state)
    ]
    if not places:
        return
    factors = []
    for place in places:
        name = names.get(place.room, "")
        factor = usual(name, goal.category, room_bonus)
        if goal.room:
            fit = fits_room(place.xy, goal.room, state, found=name)
            factor *= NAMED if fit == 0 else ELSEWHERE
        factors.append(factor)
    asked = layers.unseen | layers.unknown
    tree = cKDTree(np.array([place.xy for place in places]))
    apart, nearest = tree.query(layers.centers[asked], distance_upper_bound=AROUND_M)
    there = np.isfinite(apart)
    values = np.ones(len(apart))
    values[there] = np.array(factors)[nearest[there]]
    hidden = layers.unknown[asked]  # perhaps of this room, perhaps of the next
    values[hidden] = np.sqrt(values[hidden])
    weight[asked] = values


def _looked_before(
    situation: Situation, layers: Ignorance, view_m: float
) -> NDArray[np.bool_]:
    """Cells (h', w') that an earlier run has looked at, or a view of known things.

    The latter are those between things and from where they were seen last.
    """
    h, w = layers.blocked.shape
    looked = situation.state.looked
    before = np.zeros((h, w), np.bool_) if looked is None else looked.at(layers.centers)
    things = [t for t in situation.state.landmarks if t.seen_from is not None]
    if situation.field is None or not things:
        return before
    mask = np.zeros(situation.field.cost.shape, np.uint8)
    corners = _sectors(things, view_m)
    cells = (corners - layers.origin) / layers.size - 0.5
    fixed = np.round(np.clip(cells, -1e4, 1e4) * (1 << _FIXED_BITS))
    for sector in fixed.astype(np.int32):
        cv2.fillPoly(mask, [sector], 1, shift=_FIXED_BITS)
    top, left = layers.corner
    return np.asarray(before | (mask[top : top + h, left : left + w] > 0))


def _sectors(things: list[Landmark], view_m: float) -> Array:
    """Corners (n, 3, 2) [m] of what was seen with things, without those too far off."""
    begin = np.array([thing.seen_from for thing in things])
    ray = np.array([thing.center_map for thing in things])[:, :2] - begin
    size = np.array([thing.size for thing in things])[:, :2].max(axis=1)
    length, half = np.hypot(ray[:, 0], ray[:, 1]), 0.5 * size + BESIDE_M
    kept = (length > 1e-3) & (length < view_m + half)
    begin, ray = begin[kept], ray[kept]
    length, half = length[kept, None], half[kept, None]
    beyond = begin + ray * (length + half) / length
    across = half / length * np.stack([-ray[:, 1], ray[:, 0]], axis=1)
    return np.stack([begin, beyond + across, beyond - across], axis=1)


@cache
def usual(room: str, category: str, room_bonus: float) -> float:
    """How much more often than elsewhere a kind of thing is in a kind of room."""
    if room not in ROOM_PRIOR or not category:
        return 1.0
    chances = [prior.get(category, 0.0) for prior in ROOM_PRIOR.values()]
    mean = float(np.mean(chances)) + RARE
    ratio = (ROOM_PRIOR[room].get(category, 0.0) + RARE) / mean
    return max(LEAST, 1.0 + room_bonus * (ratio - 1.0))
