"""What was known earlier, for goals such as "go where you last saw the ball".

"Last" is where the newest sighting was, of things that are there or that are gone.
"Yesterday" is as the map was when the robot was started, or, if it knew none then, the
same as "last".
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.models.executive.lexicon import LAST, TELL, YESTERDAY
from neural_brain.models.maps.correction import Correction
from neural_brain.models.signals import Goal, Landmark, MapState

EARLIER = (LAST, YESTERDAY)


class Before:
    """The things that each map held when it was first known in this run."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Landmark, ...]] = {}
        self._late: dict[int, float] = {}
        self._map = 0

    def note(self, state: MapState) -> None:
        """Take the newest state."""
        self._map = state.map_id
        if state.map_id in self._known:
            return
        things = (*state.landmarks, *state.former)
        newest = max((thing.last_seen for thing in things), default=-np.inf)
        self._known[state.map_id] = things
        self._late[state.map_id] = max(0.0, newest - state.stamp)

    def move(self, correction: Correction) -> None:
        """Carry the places along when the map was mended."""
        things = self._known.get(self._map, ())
        spots = np.array([thing.center_map[:2] for thing in things]).reshape(-1, 2)
        self._known[self._map] = tuple(
            replace(thing, center_map=np.array([*xy, thing.center_map[2]]))
            for thing, xy in zip(things, correction.move(spots), strict=True)
        )

    def recall(self, goal: Goal, state: MapState) -> MapState:
        """The map as a goal means it: with things where they were.

        Where the robot's clock began anew, what it has not seen in this run is older
        than all that it has.
        """
        if goal.which not in EARLIER or goal.action not in ("go", "find", TELL):
            return state
        known = self._known.get(state.map_id, ())
        if goal.which == YESTERDAY and any(_fits(goal, thing) for thing in known):
            return replace(state, landmarks=known)
        stamps = {thing.id: thing.last_seen for thing in known}
        late = self._late.get(state.map_id, 0.0)
        things: list[Landmark] = []
        for thing in (*state.landmarks, *state.former):
            old = late > 0.0 and stamps.get(thing.id) == thing.last_seen
            earlier = thing.last_seen - late - 1.0
            things.append(replace(thing, last_seen=earlier) if old else thing)
        return replace(state, landmarks=things)


def _fits(goal: Goal, thing: Landmark) -> bool:
    return thing.category == goal.category and goal.colour in ("", thing.colour)
