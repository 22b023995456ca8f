"""Where a lost robot may be: its scan is laid onto the maps of all other floors.

A robot that a lift has carried, or that starts on another floor than it stopped on,
does not fit its map. It is taken to be on another floor only if the scan fits there as
well as is asked of a lost robot, and on no second floor: storeys of one shape cannot be
told apart by walls, and somebody has to say which it is. Even then the map of that
floor may change only after the robot has driven some metres in agreement with it.

The search is work in slices: one floor is read, or its map unpacked, or a few headings
are tried, and the loop goes on; `SLICES` of them make up a floor.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.localiser import clearly_best
from neural_brain.models.maps.matching import ScanMatcher, crossing
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.relocaliser import (
    HEADINGS,
    PER_STEP,
    PLACES,
    Relocaliser,
)
from neural_brain.models.maps.scan_points import scan_points, thin
from neural_brain.models.memory.contract import Memory
from neural_brain.models.memory.floors import note_floors
from neural_brain.models.memory.rejoining import Rejoining
from neural_brain.models.signals import LaserScan

AT_START, LATER = 1, 4  # vain searches on the present map before others are tried
SIGMA = np.array([0.5, 0.5, 0.2])
SLICES = 3 + -(-HEADINGS // PER_STEP) + PLACES
Result = TypeVar("Result")
Slices = Generator[None, None, Result]
Found = tuple[CognitiveMap, Array]


@dataclass(frozen=True)
class _Look:
    """A search under way: odometry pose (3,) of its scan, map in use, what is left."""

    odom: Array
    map_id: int
    work: Slices[Found | None]


class FloorSearch:
    """Tries the other floors of a memory when the robot is lost on the present one.

    Args:
        store: the memory.
    """

    def __init__(self, store: Memory) -> None:
        self._store = store
        self._tried = 0
        self._look: _Look | None = None
        self._back = Rejoining(store)

    def step(self, ours: CognitiveMap, scan: LaserScan, t: float) -> bool:
        """Look on, if it is time to; whether the map was exchanged for another floor's.

        A robot that has begun a new map is looked for in the one that it gave up, too.
        A call does one slice of a search. What is not saved yet of the present floor is
        saved before the map is exchanged.

        Args:
            ours: the map in use.
            scan: the newest scan.
            t: now [s].
        """
        # a person who has said which floor it is need not be doubted
        known = ours.localiser.localised or (ours.sure and not ours.recognised)
        if known or (self._look is not None and self._look.map_id != ours.map_id):
            self._end(ours)
        if ours.localiser.localised:
            self._tried = 0
        if known:
            return self._back.step(ours, t)
        if self._look is None and not self._begin(ours, scan):
            return False
        try:
            return self._go_on(ours, t)
        except MapFileError as error:
            self._end(ours)
            ours.tell("trouble", str(error), {})
            return False

    def _begin(self, ours: CognitiveMap, scan: LaserScan) -> bool:
        """Begin a search with this scan if it is time to; says whether."""
        searches = ours.localiser.searches
        needed = LATER if ours.recognised else AT_START
        newest = ours.localiser.history.newest
        if searches < max(needed, self._tried + 1):
            return False
        self._tried, ours.waits = searches, True
        odom = np.zeros(3) if newest is None else np.array(newest[1])
        self._look = _Look(odom, ours.map_id, self._search(ours, scan))
        return True

    def _go_on(self, ours: CognitiveMap, t: float) -> bool:
        """One slice more; whether it was the last and the map was exchanged."""
        look = self._look
        if look is None:
            return False
        try:
            next(look.work)
            return False
        except StopIteration as end:
            found: Found | None = end.value
        self._end(ours)
        if found is None:
            return False
        if ours.recognised:
            self._store.save_map(ours.snapshot(), t)
        self._exchange(ours, *found, look.odom)
        self._tried = 0
        return True

    def _end(self, ours: CognitiveMap) -> None:
        self._look, ours.waits = None, False

    def _search(self, ours: CognitiveMap, scan: LaserScan) -> Slices[Found | None]:
        """The one other map that a scan fits, and the robot's pose (3,) there."""
        points = scan_hits(scan, ours.config)
        fitting = []
        rows = self._store.query("SELECT DISTINCT map FROM generations ORDER BY map")
        for place in (int(row[0]) for row in rows):
            if place == ours.map_id:
                continue
            yield
            snapshot = self._store.load_map(place)
            yield
            if snapshot is None:
                continue
            other = CognitiveMap.restore(ours.config, snapshot)
            yield
            pose = yield from laying(other.grid, points, ours.config)
            if pose is not None:
                fitting.append((other, pose))
        if len(fitting) > 1:
            names = ", ".join(other.floor or str(other.map_id) for other, _ in fitting)
            text = f"I may be on one of several floors ({names}); tell me which"
            ours.tell("floor", text, {})
        return fitting[0] if len(fitting) == 1 else None

    def _exchange(
        self, ours: CognitiveMap, other: CognitiveMap, pose: Array, odom: Array
    ) -> None:
        """Go on with another map, in which the robot was at a pose when at `odom`."""
        pose_map_odom = compose2(pose, inverse2(odom))
        newest = ours.localiser.history.newest
        here = pose if newest is None else compose2(pose_map_odom, newest[1])
        ours.take(other, sure=False)
        ours.localiser.recall(pose_map_odom, here)
        ours.localiser.by_search = True
        note_floors(ours, self._store)
        floor = ours.floor or f"map {ours.map_id}"
        text = f"this looks like another floor that I know: {floor}"
        ours.tell("floor", text, {"floor": floor})


def lay(grid: OccupancyGrid, points: Array, config: MapsConfig) -> Array | None:
    """Where in a map a scan surely fits: pose_map_base (3,), None if nowhere.

    Args:
        grid: the map.
        points: hits (n, 2) [m] in `base_link`.
        config: thresholds.
    """
    work = laying(grid, points, config)
    while True:
        try:
            next(work)
        except StopIteration as end:
            pose: Array | None = end.value
            return pose


def laying(
    grid: OccupancyGrid, points: Array, config: MapsConfig
) -> Slices[Array | None]:
    """The same, a few headings at a time."""
    search = Relocaliser()
    for _ in range(-(-HEADINGS // PER_STEP)):
        search.step(grid, points)
        yield
    c, matcher = config.localiser, ScanMatcher(config.match)
    fitting = []
    for place in search.places:
        match = matcher.match(grid, points, place, SIGMA)
        yield
        least = c.agree_found if place is search.places[0] else c.agree_sure
        if match is None or match.agreement < least or match.known < 0.5:
            continue
        if crossing(grid, points, match.pose_map_base) <= c.crossing_found:
            fitting.append(match)
    best = clearly_best(fitting)
    return None if best is None else best.pose_map_base


def scan_hits(scan: LaserScan, config: MapsConfig) -> Array:
    """Hits (n, 2) [m] of a scan in `base_link`, thinned as the map thins them."""
    c = config
    points = scan_points(
        scan,
        max_range_m=c.grid.max_range_m,
        margin_m=c.grid.resolution_m,
        clear_range_m=c.grid.clear_range_m,
    )
    return thin(points.hits, c.match.point_spacing_m)
