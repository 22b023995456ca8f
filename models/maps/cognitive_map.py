"""The cognitive map: where am I, what is free, what is where, how rooms are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, compose2, transform2
from neural_brain.models.maps.alignment import Alignment, align
from neural_brain.models.maps.landmark_news import landmark_news
from neural_brain.models.maps.landmarks import LandmarkConfig, LandmarkMap
from neural_brain.models.maps.localiser import Localiser, LocaliserConfig
from neural_brain.models.maps.loop_closer import Closure, ClosureConfig, LoopCloser
from neural_brain.models.maps.matching import MatchConfig, ScanMatcher
from neural_brain.models.maps.merging import absorb_landmarks
from neural_brain.models.maps.moving import move_all, move_depth
from neural_brain.models.maps.occupancy import GridConfig, OccupancyGrid
from neural_brain.models.maps.places import PlaceConfig, PlaceGraph
from neural_brain.models.maps.plain import from_plain, to_plain
from neural_brain.models.maps.room_names import describe_rooms
from neural_brain.models.maps.rooms import RoomConfig, RoomMap
from neural_brain.models.maps.scan_points import in_map, scan_points, thin
from neural_brain.models.maps.sight import line_of_sight
from neural_brain.models.maps.snapshot import VERSION, MapSnapshot, check_snapshot
from neural_brain.models.maps.virtual_scans import keys_of_snapshot
from neural_brain.models.signals import (
    BodyState,
    Event,
    Landmark,
    LaserScan,
    MapState,
    Percepts,
    Room,
)


@dataclass(frozen=True, kw_only=True)
class MapsConfig:
    """One section per part, and when each is brought up to date."""

    grid: GridConfig = field(default_factory=GridConfig)
    match: MatchConfig = field(default_factory=MatchConfig)
    localiser: LocaliserConfig = field(default_factory=LocaliserConfig)
    rooms: RoomConfig = field(default_factory=RoomConfig)
    places: PlaceConfig = field(default_factory=PlaceConfig)
    landmarks: LandmarkConfig = field(default_factory=LandmarkConfig)
    closure: ClosureConfig = field(default_factory=ClosureConfig)
    scan_every_s: float = param(0.18, "while moving, at most", low=0.0, high=10.0)
    still_every_s: float = param(0.5, "while standing, at most", low=0.0, high=60.0)
    topology_every_s: float = param(2.0, "places, passages", low=0.1, high=60.0)
    rooms_every_s: float = param(4.0, "segmentation of rooms", low=0.1, high=60.0)
    recognise_m: float = param(2.0, "way that proves a place", low=0.0, high=100.0)
    correct_recalled: bool = param(True, "whether a recalled map may change")
    room_event_m2: float = param(3.0, "a new room is told from", low=0.1, high=100.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class CognitiveMap:
    """Coordinate map, topological map and landmarks, kept consistent.

    Call `step` for every scan and every set of percepts, `pose_map_base` at any time.
    """

    _topology_at: float
    _rooms_at: float
    _room_messages: tuple[Room, ...]

    def __init__(self, config: MapsConfig | None = None) -> None:
        self.config = config or MapsConfig()
        self.map_id = 1
        self.localiser = Localiser(
            self.config.localiser, ScanMatcher(self.config.match)
        )
        self._empty()
        self._unrecognised = False
        self._fixed = False
        self._found_at: Array | None = None
        self._events: list[Event] = []
        self._state: MapState | None = None
        self._was_localised = True
        self._scanned_at = -np.inf
        self._stamp = 0.0
        self._restored_pose = np.zeros(3)

    def step(
        self,
        t: float,
        body: BodyState,
        scan: LaserScan | None,
        percepts: Percepts | None,
    ) -> MapState:
        """Fuse what is new.

        Args:
            t: now [s].
            body: the newest body state.
            scan: a lidar scan, or None.
            percepts: what the camera saw, or None.

        Returns:
            The map as other modules see it.
        """
        self._stamp = t
        self.localiser.feel(body)
        if scan is not None:
            self._fuse_scan(scan)
            if self._unrecognised:
                self._recognise(body)
        trusted = self.localiser.localised and not self._unrecognised
        if percepts is not None and trusted and not self._fixed:
            self._fuse_percepts(percepts)
        if (
            t - self._topology_at >= self.config.topology_every_s
            or t < self._topology_at
        ):
            self._topology_at = t
            self._update_topology(body)
        # A map that is shared stays in the frame that all robots know.
        closure = None if self.lineage else self.closer.step(self.grid)
        if closure is not None:
            self._take_over(closure)
        self._tell_localisation(t)
        self._state = self._publish(t)
        return self._state

    def pose_map_base(self, body: BodyState) -> Array:
        """Where the robot is: (3,) in `map`."""
        self.localiser.feel(body)
        return compose2(self.localiser.pose_map_odom, body.pose_odom_base)

    def pop_events(self) -> list[Event]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def state(self) -> MapState:
        """The map as it is now, without anything new."""
        return self._publish(self._stamp)

    def settle(self, body: BodyState) -> MapState:
        """Bring rooms and places up to date at once, as at the end of a recording."""
        self._rooms_at = -np.inf
        self._update_topology(body)
        return self.state()

    @property
    def last_pose(self) -> Array:
        """Where the robot was when it was last heard of: (3,) in `map`."""
        newest = self.localiser.history.newest
        if newest is None:
            return self._restored_pose.copy()
        return compose2(self.localiser.pose_map_odom, newest[1])

    def rooms_of(self, landmarks: Sequence[Landmark]) -> NDArray[np.int32]:
        """Room number of each landmark (n,), 0 = none."""
        xy = np.array([landmark.center_map[:2] for landmark in landmarks])
        return self.rooms.rooms_near(xy.reshape(-1, 2))

    def absorb(self, other: CognitiveMap) -> Alignment:
        """Add another map of the same home, wherever its frame lies.

        Raises:
            MapFileError: if the two cannot be laid onto each other safely.
        """
        way = align(self.grid, self.landmarks, other.grid, other.landmarks)
        if not self.grid.absorb(other.grid, way.pose_a_b):
            raise MapFileError(
                f"Together the maps exceed {self.config.grid.max_size_m:g} m "
                "(maps.grid.max_size_m). Keep them apart, or allow more."
            )
        first = self.closer.keys.absorb(other.closer.keys, way.pose_a_b)
        absorb_landmarks(self.landmarks, other.landmarks, way.pose_a_b, first)
        self.refresh()
        return way

    def refresh(self) -> None:
        """Bring rooms and places up to date after grid or landmarks were exchanged."""
        self.rooms.update(self.grid)
        self.graph.update(self.grid, self.rooms, None)
        self._room_messages = self._describe_rooms()

    def snapshot(self) -> MapSnapshot:
        """Copy of everything that should last."""
        data = {
            "version": VERSION,
            "map": self.map_id,
            "lineage": self.lineage,
            "resolution": self.grid.resolution,
            "pose_map_odom": self.localiser.pose_map_odom.tolist(),
            "pose_map_base": self.last_pose.tolist(),
            "told_rooms": sorted(self._told_rooms),
            "next_keyframe": self.closer.keys.next_id,
            **to_plain(self.landmarks, self.graph, self.rooms, self._room_messages),
        }
        arrays = {**self.grid.arrays(), "room_labels": self.rooms.labels.copy()}
        arrays.update(self.closer.keys.arrays())
        return MapSnapshot(stamp=self._stamp, arrays=arrays, data=data)

    @classmethod
    def restore(cls, config: MapsConfig, snapshot: MapSnapshot) -> CognitiveMap:
        """Continue an old map; the robot first has to find itself in it.

        Raises:
            MapFileError: if the snapshot cannot be used.
        """
        check_snapshot(snapshot)
        data = snapshot.data
        resolution = float(data.get("resolution", config.grid.resolution_m))
        grid = replace(config.grid, resolution_m=resolution)
        new = cls(replace(config, grid=grid))
        new.grid.restore(snapshot.arrays)
        from_plain(data, snapshot.arrays, new.landmarks, new.graph, new.rooms)
        keys_of_snapshot(snapshot, new.grid, new.graph, new.closer)
        pose_odom = np.array(data["pose_map_odom"], dtype=np.float64)
        new._restored_pose = np.array(data["pose_map_base"], dtype=np.float64)
        new.localiser.recall(pose_odom, new._restored_pose)
        new._told_rooms = {int(room) for room in data["told_rooms"]}
        new._room_messages = new._describe_rooms()
        new._was_localised = False
        new._unrecognised = True
        new._fixed = not config.correct_recalled
        new.map_id = int(data.get("map", 1))
        new.lineage = int(data.get("lineage", 0))
        return new

    def _empty(self) -> None:
        """Know nothing."""
        self.lineage = 0  # the shared generation that this map continues, 0 = none
        self.grid = OccupancyGrid(self.config.grid)
        self.rooms = RoomMap(self.config.rooms)
        self.graph = PlaceGraph(self.config.places)
        self.landmarks = LandmarkMap(self.config.landmarks)
        self.closer = LoopCloser(
            self.config.closure, self.config.grid, ScanMatcher(self.config.match)
        )
        self._room_messages = ()
        self._told_rooms: set[int] = set()
        self._room_ages: dict[int, int] = {}
        self._topology_at = -np.inf
        self._rooms_at = -np.inf

    def _recognise(self, body: BodyState) -> None:
        """Is this the place of the recalled map? One view of a room is no proof.

        A robot that was found by a search must drive some metres in agreement with
        the map before the map may change; if it cannot be found, or agreement ends,
        the map is of another place and a new one begins.
        """
        odom, found = body.pose_odom_base[:2], self._found_at
        if self.localiser.localised:
            if not self.localiser.by_search:
                self._unrecognised = False
            elif found is None:
                self._found_at = np.array(odom)
            elif np.hypot(*(odom - found)) > self.config.recognise_m:
                self._unrecognised = False
        elif found is not None or self.localiser.searches >= 2:
            self._unrecognised = self._fixed = False
            self._empty()
            self.localiser.begin_anew()
            self.map_id += 1
            self._was_localised = True
            text = "I do not know this place; I begin a new map and keep the old one"
            self._tell("new map", text, {"map": self.map_id})

    def _fuse_scan(self, scan: LaserScan) -> None:
        way, turn = self.localiser.moved(scan.stamp)
        still = way < 0.03 and turn < 0.03
        pause = self.config.still_every_s if still else self.config.scan_every_s
        if 0.0 <= scan.stamp - self._scanned_at < pause - 1e-6:
            return
        self._scanned_at = scan.stamp
        points = scan_points(
            scan,
            max_range_m=self.config.grid.max_range_m,
            margin_m=self.grid.resolution,
            clear_range_m=self.config.grid.clear_range_m,
        )
        if not points.hits.size and not np.any(points.outline - points.origin):
            return  # nothing was measured
        thinned = thin(points.hits, self.config.match.point_spacing_m)
        if not self.localiser.correct(self.grid, thinned, scan.stamp):
            if not self.localiser.localised:
                self.closer.break_off()
            return
        odom = self.localiser.history.at(scan.stamp)
        if odom is None or self._unrecognised or self._fixed:
            return
        pose = compose2(self.localiser.pose_map_odom, odom)
        self.grid.add_scan(in_map(points, pose))
        keys = self.config.closure.keyframes
        sigma = self.localiser.spread(keys.every_m, keys.every_rad)
        self.closer.note(scan, points, thinned, pose=pose, odom=odom, sigma=sigma)
        self.landmarks.anchor = self.closer.anchor

    def _take_over(self, closure: Closure) -> None:
        """Put a mended map in the place of the old one, with everything in it."""
        correction = closure.correction
        here = self.last_pose[:2]
        self.localiser.move(correction.change_of(self.closer.anchor, here))
        move_depth(self.grid, closure.grid, correction)
        self.grid = closure.grid
        move_all(self.landmarks, self.graph, self.rooms, correction)
        self.closer.take_over(closure)
        self._rooms_at = -np.inf
        shift = round(correction.shift_m, 2)
        text = f"I know this place: the map is mended, by up to {shift} m"
        self._tell("loop closed", text, {"shift_m": shift, "loops": closure.loops})

    def _fuse_percepts(self, percepts: Percepts) -> None:
        odom = self.localiser.odometry_at(percepts.stamp)
        odom = percepts.pose_odom_base if odom is None else odom
        pose = compose2(self.localiser.pose_map_odom, odom)
        if not np.all(np.isfinite(pose)):
            return
        self.grid.add_depth(
            percepts.stamp,
            transform2(pose, _finite(percepts.obstacles)),
            transform2(pose, _finite(percepts.free)),
        )
        sight = partial(line_of_sight, self.grid.view())
        self.landmarks.update(percepts, pose, sight)
        for news in landmark_news(self.landmarks):
            self._tell(*news)

    def _update_topology(self, body: BodyState) -> None:
        self.landmarks.merge_duplicates()
        if self._stamp - self._rooms_at >= self.config.rooms_every_s - 1e-6:
            self._rooms_at = self._stamp
            self.rooms.update(self.grid)
            self._age_rooms()
        robot = self.pose_map_base(body) if self.localiser.localised else None
        self.graph.update(self.grid, self.rooms, robot)
        self._room_messages = self._describe_rooms()
        for room in self._room_messages:
            if room.id in self._told_rooms or self._room_ages.get(room.id, 0) < 2:
                continue
            self._told_rooms.add(room.id)
            text = f"new room {room.id}, {room.area_m2:.0f} m2"
            self._tell("new room", text, {"room": room.id, "area_m2": room.area_m2})

    def _age_rooms(self) -> None:
        """Count how often each large enough region was found again."""
        self._room_ages = {
            k: self._room_ages.get(k, 0) + 1
            for k, (_, area) in self.rooms.regions().items()
            if area >= self.config.room_event_m2
        }

    def _describe_rooms(self) -> tuple[Room, ...]:
        return describe_rooms(self.rooms, self.landmarks.landmarks())

    def _tell_localisation(self, t: float) -> None:
        if self.localiser.localised != self._was_localised:
            self._was_localised = self.localiser.localised
            fit = round(self.localiser.agreement, 2)
            if self._was_localised:
                text = f"found myself on the map (fit {fit})"
                self._tell("relocalised", text, {"agreement": fit})
            else:
                text = f"lost: the scans disagree with the map (fit {fit})"
                self._tell("lost", text, {"agreement": fit})

    def _tell(self, kind: str, text: str, data: dict[str, Any]) -> None:
        event = Event(stamp=self._stamp, source="maps", kind=kind, text=text, data=data)
        self._events.append(event)

    def _publish(self, t: float) -> MapState:
        places, passages = self.graph.messages()
        return MapState(
            stamp=t,
            pose_map_odom=self.localiser.pose_map_odom.copy(),
            covariance=self.localiser.covariance_at(self._stamp),
            localised=self.localiser.localised,
            grid=self.grid.view(),
            places=places,
            passages=passages,
            rooms=self._room_messages,
            landmarks=self.landmarks.landmarks(),
            room_grid=self.rooms.view(),
        )


def _finite(points: Array) -> Array:
    points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return points[np.all(np.isfinite(points), axis=1)]
