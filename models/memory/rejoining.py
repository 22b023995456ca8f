"""Going back to the map that was given up, once the new one is known to overlap it.

A robot that wakes up at the edge of what it has mapped sees too little of its map to
be found there, and begins a new one. While that one grows it is laid onto the old one
now and then. Where walls and things agree well, in one way only, the new map is added
to the old one and the robot goes on there; walls alone are no proof.

The search is work in slices, so that no step waits for all of it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array
from neural_brain.models.maps.alignment import Alignment, aligning
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.merging import rejoin
from neural_brain.models.memory.contract import Memory
from neural_brain.models.memory.floors import note_floors

EVERY_S = 2.0  # how often it is asked whether there is news
MORE_M2 = 3.0  # the new map must have grown by so much since the last try
OVERLAP_M2 = 12.0  # floor and walls that both maps know, at least
AGREEMENT = 0.9  # share of the walls there that both maps have, at least
THINGS = 2  # of one name and colour that lie in one place, at least
RIVAL = 0.5  # share of the score that another way may have


class Rejoining:
    """Tries to lay the map in use onto the one that was given up for it.

    Args:
        store: the memory that holds the old one.
    """

    def __init__(self, store: Memory) -> None:
        self._store = store
        self._map_id, self._known_m2, self._asked = 0, 0.0, -np.inf
        self._work: Generator[None, None, tuple[CognitiveMap, Array] | None] | None
        self._work = None

    def step(self, ours: CognitiveMap, t: float) -> bool:
        """One slice of a search, if there is one; whether the maps were joined.

        Args:
            ours: the map in use.
            t: now [s].
        """
        if not ours.left or not ours.localiser.localised:
            self._work = None
            return False
        try:
            if self._work is None:
                if self._worth(ours, t):
                    self._work = self._search(ours)
                return False
            next(self._work)
        except StopIteration as end:
            self._work = None
            return end.value is not None and self._join(ours, *end.value)
        except MapFileError as error:
            self._work = None
            ours.tell("trouble", str(error), {})
        return False

    def _worth(self, ours: CognitiveMap, t: float) -> bool:
        """Whether the new map has grown enough for another try."""
        if 0.0 <= t - self._asked < EVERY_S:
            return False
        if ours.map_id != self._map_id:
            self._map_id, self._known_m2 = ours.map_id, OVERLAP_M2 - MORE_M2
        self._asked = t
        known = float(np.count_nonzero(ours.grid.lidar) * ours.grid.resolution**2)
        if known < self._known_m2 + MORE_M2:
            return False
        self._known_m2 = known
        return True

    def _search(
        self, ours: CognitiveMap
    ) -> Generator[None, None, tuple[CognitiveMap, Array] | None]:
        """The old map and the pose (3,) of ours in it, None if that is not sure."""
        grid = ours.grid
        snapshot = self._store.load_map(ours.left)
        yield
        if snapshot is None:
            return None
        old = CognitiveMap.restore(ours.config, snapshot)
        yield
        if not _may_join(ours, old):
            return None
        parts = (old.grid, old.landmarks, grid, ours.landmarks)
        ways = yield from aligning(*parts)
        way = sure_way(ways)
        unmoved = ours.grid is grid  # a closed loop bends the map meanwhile
        return (old, way.pose_a_b) if way is not None and unmoved else None

    def _join(self, ours: CognitiveMap, old: CognitiveMap, pose: Array) -> bool:
        rejoin(ours, old, pose)
        note_floors(ours, self._store)
        text = "I know this place after all; I go on with the map that I had"
        ours.tell("joined", text, {"map": ours.map_id})
        return True


def sure_way(ways: Sequence[Alignment]) -> Alignment | None:
    """The best way (they are sorted) of laying two maps, if it is beyond doubt.

    Stricter than what a person asks for, who knows that both are of one home.
    """
    if not ways:
        return None
    best = ways[0]
    good = best.agreement >= AGREEMENT and best.overlap_m2 >= OVERLAP_M2
    if not good or best.things < THINGS:
        return None
    rivals = [other.score for other in ways[1:] if not other.near(best)]
    return best if max(rivals, default=0.0) <= RIVAL * best.score else None


def _may_join(ours: CognitiveMap, old: CognitiveMap) -> bool:
    """Not onto a floor of another name, a shared map, or one that may not change."""
    other_floor = ours.floor != "" and ours.floor.lower() != old.floor.lower()
    return ours.config.correct_recalled and not (other_floor or old.lineage)
