"""The cognitive map: where am I, what is free, what is where, how rooms are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array, compose2, finite_points, transform2
from neural_brain.models.maps import areas as named
from neural_brain.models.maps.alignment import Alignment, align
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.consolidation import Consolidation
from neural_brain.models.maps.experience import Experience
from neural_brain.models.maps.landmark_news import landmark_news
from neural_brain.models.maps.landmarks import LandmarkMap
from neural_brain.models.maps.lasting import PARTS, arrays_of, data_of, restore_parts
from neural_brain.models.maps.localiser import Localiser
from neural_brain.models.maps.loop_closer import Closure, LoopCloser
from neural_brain.models.maps.matching import ScanMatcher
from neural_brain.models.maps.merging import lay
from neural_brain.models.maps.moves import Moves
from neural_brain.models.maps.moving import take_over
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.one_way import one_way_tolls
from neural_brain.models.maps.places import PlaceGraph
from neural_brain.models.maps.plain import to_plain
from neural_brain.models.maps.room_names import describe_rooms
from neural_brain.models.maps.room_news import RoomNews
from neural_brain.models.maps.rooms import RoomMap
from neural_brain.models.maps.scan_points import in_map, scan_points, thin
from neural_brain.models.maps.sight import line_of_sight
from neural_brain.models.maps.snapshot import VERSION, MapSnapshot, check_snapshot
from neural_brain.models.maps.view_recall import Recogniser
from neural_brain.models.signals import (
    BodyState,
    Event,
    Floor,
    Landmark,
    LaserScan,
    MapState,
    MotionStatus,
    Percepts,
    Room,
)


class CognitiveMap:
    """Coordinate map, topological map and landmarks, kept consistent.

    Call `step` for every scan and every set of percepts, `pose_map_base` at any time.

    Attributes:
        areas: what people have named on this floor.
        floor: its name, "" if it has none; `other_floors` are those of the memory.
        map_id: its number; `free_id` is one that no other map of the memory has.
        left: number of the map that was given up for this one, 0 = none.
        waits: begin no new map now, other floors are searched for the robot.
    """

    areas: named.Areas
    _topology_at: float
    _rooms_at: float
    _room_messages: tuple[Room, ...]

    def __init__(self, config: MapsConfig | None = None) -> None:
        self.config = config or MapsConfig()
        self.map_id, self.free_id, self.left = 1, 2, 0
        self.other_floors: tuple[Floor, ...] = ()
        self.localiser = Localiser(
            self.config.localiser, ScanMatcher(self.config.match)
        )
        self._empty()
        self._unrecognised = self._fixed = self.sure = self.waits = False
        self._found_at: Array | None = None
        self._events: list[Event] = []
        self._state: MapState | None = None
        self._scanned_at = -np.inf
        self._stamp = 0.0
        self._restored_pose = np.zeros(3)
        self._moves = Moves()

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
        elif percepts is not None and not self.localiser.localised:
            self.localiser.hint = self.views.correction(percepts, self.localiser.hint)
        if not 0.0 <= t - self._topology_at < self.config.topology_every_s:
            self._topology_at = t
            self._update_topology(body)
        # A map that is shared stays in the frame that all robots know.
        closure = None if self.lineage else self.closer.step(self.grid)
        if closure is not None:
            self._take_over(closure)
        for news in self.localiser.news():
            self.tell(*news)
        self._state = self._publish(t)
        return self._state

    def pose_map_base(self, body: BodyState) -> Array:
        """Where the robot is: (3,) in `map`."""
        self.localiser.feel(body)
        return compose2(self.localiser.pose_map_odom, body.pose_odom_base)

    def note_motion(self, t: float, body: BodyState, status: MotionStatus) -> None:
        """Learn from how motion goes, as often as it is known."""
        if self.localiser.localised and not self._unrecognised:
            pose, view = self.pose_map_base(body), self.grid.view()
            self.experience.note(t, pose, status, view, body)
            for news in self.consolidation.attend(t, status, body, self.landmarks):
                self.tell(*news)

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
        lay(self, other, way.pose_a_b)
        return way

    def refresh(self) -> None:
        """Bring rooms and places up to date after grid or landmarks were exchanged."""
        self.rooms.update(self.grid)
        self.graph.update(self.grid, self.rooms, None)
        self._room_messages = describe_rooms(self.rooms, self.landmarks.landmarks())

    def snapshot(self) -> MapSnapshot:
        """Copy of everything that should last."""
        data = {
            "version": VERSION,
            "pose_map_odom": self.localiser.pose_map_odom.tolist(),
            "pose_map_base": self.last_pose.tolist(),
            "told_rooms": sorted(self._room_news.told),
            **to_plain(self.landmarks, self.graph, self.rooms, self._room_messages),
            **data_of(self),
        }
        return MapSnapshot(stamp=self._stamp, arrays=arrays_of(self), data=data)

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
        restore_parts(new, snapshot)
        pose_odom = np.array(data["pose_map_odom"], dtype=np.float64)
        new._restored_pose = np.array(data["pose_map_base"], dtype=np.float64)
        new.localiser.recall(pose_odom, new._restored_pose)
        new._room_news.told = {int(room) for room in data["told_rooms"]}
        new._room_messages = describe_rooms(new.rooms, new.landmarks.landmarks())
        new._unrecognised = True
        new._fixed = not config.correct_recalled
        return new

    def _empty(self) -> None:
        """Know nothing."""
        self.lineage = 0  # the shared generation that this map continues, 0 = none
        self.grid = OccupancyGrid(self.config.grid)
        self.rooms = RoomMap(self.config.rooms)
        self.graph = PlaceGraph(self.config.places)
        self.experience = Experience(self.config.experience)
        self.consolidation = Consolidation(self.config.consolidation)
        self.landmarks = LandmarkMap(self.config.landmarks)
        self.views = Recogniser(self.config.views)
        self.closer = LoopCloser(
            self.config.closure, self.config.grid, ScanMatcher(self.config.match)
        )
        self.areas, self.floor = (), ""
        self._room_messages = ()
        self._room_news = RoomNews(self.config.room_event_m2)
        self._topology_at = -np.inf
        self._rooms_at = -np.inf

    @property
    def recognised(self) -> bool:
        """Whether the robot surely is in the place of this map."""
        return not self._unrecognised

    def begin(self, map_id: int) -> None:
        """Begin an empty map where the robot stands."""
        self._unrecognised = self._fixed = self.sure = False
        version = self.grid.version
        self._empty()
        self.grid.version = version + 1
        self._moves.clear()
        self.localiser.begin_anew()
        self.map_id, self.left = map_id, 0
        self.free_id = max(self.free_id, map_id + 1)

    def take(self, other: CognitiveMap, *, sure: bool) -> None:
        """Go on with another map, in which the robot first has to find itself.

        Args:
            other: a restored map; it belongs to this one afterwards.
            sure: it is the right one, as a person said; else a new one is begun when
                the robot cannot be found in it.
        """
        self.exchange(other)
        self.localiser.recall(other.localiser.pose_map_odom, other._restored_pose)
        self._found_at = None
        self._unrecognised, self.sure = True, sure

    def exchange(self, other: CognitiveMap) -> None:
        """Hold what another map holds, which belongs to this one afterwards."""
        other.grid.version += self.grid.version + 1
        for name in PARTS:
            setattr(self, name, getattr(other, name))
        self.free_id, self.left = max(self.free_id, other.free_id), 0
        self._topology_at = self._rooms_at = -np.inf
        self._moves.clear()

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
        elif self.sure:
            self._found_at = None
        elif not self.waits and (found is not None or self.localiser.searches >= 2):
            left = self.map_id
            self.begin(self.free_id)
            self.left = left
            text = "I do not know this place; I begin a new map and keep the old one"
            self.tell("new map", text, {"map": self.map_id})

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
        take_over(self, closure)
        self._rooms_at = -np.inf
        self._moves.note(self._stamp, closure.correction)
        shift = round(closure.correction.shift_m, 2)
        text = f"I know this place: the map is mended, by up to {shift} m"
        self.tell("loop closed", text, {"shift_m": shift, "loops": closure.loops})

    def _fuse_percepts(self, percepts: Percepts) -> None:
        odom = self.localiser.odometry_at(percepts.stamp)
        odom = percepts.pose_odom_base if odom is None else odom
        pose = compose2(self.localiser.pose_map_odom, odom)
        if not np.all(np.isfinite(pose)):
            return
        self.grid.add_depth(
            percepts.stamp,
            transform2(pose, finite_points(percepts.obstacles)),
            transform2(pose, finite_points(percepts.free)),
        )
        sight = partial(line_of_sight, self.grid.view())
        self.landmarks.update(percepts, pose, sight)
        self.consolidation.sightings.note(percepts, pose)
        self.views.note(percepts, pose, self.closer.anchor)
        for news in landmark_news(self.landmarks):
            self.tell(*news)

    def _update_topology(self, body: BodyState) -> None:
        self.landmarks.merge_duplicates()
        if self._stamp - self._rooms_at >= self.config.rooms_every_s - 1e-6:
            self._rooms_at = self._stamp
            self.rooms.update(self.grid)
            self._room_news.age(self.rooms)
        robot = self.pose_map_base(body) if self.localiser.localised else None
        self.graph.update(self.grid, self.rooms, robot)
        self.experience.update(self._stamp, self.grid.view(), self.graph)
        self._room_messages = describe_rooms(self.rooms, self.landmarks.landmarks())
        for news in self._room_news.new(self._room_messages):
            self.tell(*news)

    def tell(self, kind: str, text: str, data: dict[str, Any]) -> None:
        """Add a line to the events."""
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
            tolls=(*self.experience.messages(), *one_way_tolls(self.areas)),
            routes=self.experience.routes.routes,
            areas=self.areas,
            floor=self.floor,
            map_id=self.map_id,
            other_floors=self.other_floors,
            moves=self._moves.lately(t),
            former=self.landmarks.former,
            looked=self.views.looked.earlier,
        )
