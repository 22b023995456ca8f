"""Where a lost robot may be: its scan is laid onto the maps of all other floors.

A robot that a lift has carried, or that starts on another floor than it stopped on,
does not fit its map. It is taken to be on another floor only if the scan fits there as
well as is asked of a lost robot, and on no second floor: storeys of one shape cannot be
told apart by walls, and somebody has to say which it is. Even then the map of that
floor may change only after the robot has driven some metres in agreement with it.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.matching import ScanMatcher, crossing
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.relocaliser import HEADINGS, PER_STEP, Relocaliser
from neural_brain.models.maps.scan_points import scan_points, thin
from neural_brain.models.memory.contract import Memory
from neural_brain.models.memory.floors import note_floors, saved_floors
from neural_brain.models.signals import LaserScan

AT_START, LATER = 1, 4  # vain searches on the present map before others are tried
SIGMA = np.array([0.5, 0.5, 0.2])


class FloorSearch:
    """Tries the other floors of a memory when the robot is lost on the present one.

    Args:
        store: the memory.
    """

    def __init__(self, store: Memory) -> None:
        self._store = store
        self._tried = 0

    def step(self, ours: CognitiveMap, scan: LaserScan, t: float) -> bool:
        """Look, if it is time to; whether the map was exchanged for another floor's.

        A look takes a search over each of the other maps in one go. What is not saved
        yet of the present floor is saved before.

        Args:
            ours: the map in use.
            scan: the newest scan.
            t: now [s].
        """
        where = ours.localiser
        if where.localised:
            self._tried = 0
            return False
        if ours.sure and not ours.recognised:
            return False  # a person has said which floor it is
        needed = LATER if ours.recognised else AT_START
        if where.searches < max(needed, self._tried + 1):
            return False
        self._tried = where.searches
        try:
            found = self._look(ours, scan)
            if found is None:
                return False
            other, pose = found
            if ours.recognised:
                self._store.save_map(ours.snapshot(), t)
            self._go_on(ours, other, pose)
        except MapFileError as error:
            ours.tell("trouble", str(error), {})
            return False
        self._tried = 0
        return True

    def _look(
        self, ours: CognitiveMap, scan: LaserScan
    ) -> tuple[CognitiveMap, Array] | None:
        """The one other map that a scan fits, and the robot's pose (3,) there."""
        points = scan_hits(scan, ours.config)
        fitting = []
        for floor in saved_floors(self._store):
            if floor.place == ours.map_id:
                continue
            snapshot = self._store.load_map(floor.place)
            if snapshot is None:
                continue
            other = CognitiveMap.restore(ours.config, snapshot)
            pose = lay(other.grid, points, ours.config)
            if pose is not None:
                fitting.append((other, pose))
        if len(fitting) > 1:
            names = ", ".join(other.floor or str(other.map_id) for other, _ in fitting)
            text = f"I may be on one of several floors ({names}); tell me which"
            ours.tell("floor", text, {})
        return fitting[0] if len(fitting) == 1 else None

    def _go_on(self, ours: CognitiveMap, other: CognitiveMap, pose: Array) -> None:
        newest = ours.localiser.history.newest
        odom = np.zeros(3) if newest is None else newest[1]
        ours.take(other, sure=False)
        ours.localiser.recall(compose2(pose, inverse2(odom)), pose)
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
    search = Relocaliser()
    guess = None
    for _ in range(-(-HEADINGS // PER_STEP)):
        guess = search.step(grid, points)
    if guess is None:
        return None
    match = ScanMatcher(config.match).match(grid, points, guess, SIGMA)
    c = config.localiser
    if match is None or match.agreement < c.agree_found or match.known < 0.5:
        return None
    if crossing(grid, points, match.pose_map_base) > c.crossing_found:
        return None
    return match.pose_map_base


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
