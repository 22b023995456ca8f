"""Maps and memory as a node: scan and percepts in, map, landmarks and tf out."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from typing import Any

from geometry_msgs.msg import PoseWithCovarianceStamped
from nav_msgs.msg import OccupancyGrid
from std_msgs.msg import String
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from neural_brain.models.brain import carry_out, recall_map
from neural_brain.models.config import param, validate
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import matrix_from_pose2
from neural_brain.models.maps import MapsConfig, adopt, place_picture
from neural_brain.models.memory import (
    Episodes,
    FloorSearch,
    Memory,
    MemoryConfig,
    change_floor,
    newest_stamp,
    open_memory,
    shown,
)
from neural_brain.models.memory.episodes import STEP_HZ
from neural_brain.models.signals import (
    BodyState,
    Event,
    MapOrder,
    MapRequest,
    MapState,
    MotionStatus,
    Percepts,
    Picture,
    Surprise,
)
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.due import Due
from neural_brain.nodes.frame_listener import FrameListener
from neural_brain.nodes.gate import GateConfig
from neural_brain.nodes.lifecycle import OK, WARN, BrainNode, Health
from neural_brain.nodes.process import run
from neural_brain.nodes.reports import words_from_msg
from neural_brain.nodes.scans import listen_scan

STALE_S = 1.0  # what motion said so long ago is not true any more


@dataclass(frozen=True, kw_only=True)
class MapsNodeConfig:
    """Parameters of the maps node."""

    memory_file: str = param(
        "", "file of the memory, or postgresql://... ; empty = forget at the end"
    )
    floor: str = param("", "name of the floor to begin on; empty = as saved last")
    save_every_s: float = param(30.0, "time between saves", low=1.0, high=3600.0)
    map_hz: float = param(1.0, "rate of /map and landmarks", low=0.1, high=10.0)
    state_hz: float = param(10.0, "greatest rate of map states", low=1.0, high=50.0)
    gate: GateConfig = field(default_factory=GateConfig)
    maps: MapsConfig = field(default_factory=MapsConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class MapsNode(BrainNode):
    """Fuses scans and percepts, publishes the map, keeps it in a file."""

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("maps_node", MapsNodeConfig(), bus=bus, **options)
        self.store: Memory | None = None

    def setup(self) -> None:
        """Open the memory, continue its map if there is one, subscribe."""
        config = self.config
        if config.memory_file:
            place = config.memory_file
            self.store = open_memory(place, config.memory, config.maps)
            for message in self.store.messages:
                self.get_logger().warning(message)
        self.module = recall_map(config.maps, self.store)
        self.floors = None if self.store is None else FloorSearch(self.store)
        self.episodes = Episodes(config.memory.episodes)
        self._begin_on(config.floor)
        self.state: MapState | None = None
        self._t = 0.0
        self._newest = -math.inf if self.store is None else newest_stamp(self.store)
        self._due_map, self._due_state = Due(config.map_hz), Due(config.state_hz)
        self._due_save = Due(1.0 / config.save_every_s)
        self._due_step = Due(STEP_HZ)
        self._saved_version = -1
        self.out = self.signal_out(topics.MAP_STATE)
        self.tell = self.signal_out(topics.EVENTS)
        self.show_map = self.announce(OccupancyGrid, topics.MAP, qos.LATCHED)
        self.show_landmarks = self.announce(MarkerArray, topics.LANDMARKS, qos.LATCHED)
        self.show_areas = self.announce(MarkerArray, topics.AREAS, qos.LATCHED)
        self.show_pose = self.announce(
            PoseWithCovarianceStamped, topics.POSE, qos.LATCHED
        )
        self.show_tf = self.announce(TFMessage, topics.TF, qos.TF)
        self.scan = listen_scan(self, FrameListener(self, moving=False), config.gate)
        self.percepts = self.signal_in(Percepts, topics.PERCEPTS)
        self.status = self.signal_in(MotionStatus, topics.STATUS, profile=qos.NEWEST)
        self.surprise = self.signal_in(Surprise, topics.SURPRISE)
        self.signal_in(Event, topics.EVENTS, then=self._remember)
        self.signal_in(BodyState, topics.BODY, profile=qos.NEWEST, then=self._think)
        self.signal_in(MapRequest, topics.MAP_REQUEST, then=self._change)
        self.listen(
            String,
            topics.FLOOR,
            words_from_msg,
            profile=qos.STATE,
            stamped=False,
            then=self._on_floor,
        )
        self.serve(Trigger, topics.SAVE_MAP, self._answer_save)
        placed = self.signal_out(topics.PICTURE_GOAL)
        self.signal_in(
            Picture,
            topics.PICTURE,
            then=lambda seen: placed(place_picture(seen, self.module.views)),
        )

    def stop(self) -> None:
        """Save once more when the node is deactivated."""
        self._write_down(self.episodes.end())
        try:
            self.save()
        except NeuralBrainError as error:
            self.get_logger().error(str(error))

    def teardown(self) -> None:
        """Close the memory file."""
        store, self.store = self.store, None
        try:
            if store is not None:
                store.close()
        except NeuralBrainError as error:
            self.get_logger().error(str(error))

    def health(self) -> Health:
        """Whether the robot knows where it is."""
        if self.state is None:
            return WARN, "waiting for scans", {}
        values = {
            "landmarks": len(self.state.landmarks),
            "rooms": len(self.state.rooms),
            "places": len(self.state.places),
        }
        if not self.state.localised:
            return WARN, "lost: scans disagree with the map", values
        return OK, "localised", values

    def save(self) -> bool:
        """Write the map and take in what others found; False if there was none.

        Raises:
            MapFileError: if it cannot be written; what was saved before stays.
        """
        if self.store is None or self.state is None:
            return False
        joined = self.store.save_map(self.module.snapshot(), self._t)
        if joined is not None:
            adopt(self.module, joined)
        return True

    def _think(self, body: BodyState) -> None:
        self._check_clock(body.stamp)
        status = self.status.fresh(STALE_S)
        if status is not None:
            self.module.note_motion(body.stamp, body, status)
        if self.store is not None and self._due_step.at(body.stamp):
            pose = self.module.pose_map_base(body)
            self._write_down(self.episodes.step(body, pose, self.surprise.latest))
        scan, percepts = self.scan.take(body.stamp), self.percepts.take(body.stamp)
        if scan is None and percepts is None:
            return
        self._t = body.stamp
        self.state = self.module.step(body.stamp, body, scan, percepts)
        search = None if scan is None else self.floors
        if search is not None and search.step(self.module, scan, self._t):
            self.state = self.module.state()
        if self._due_state.at(self._t):
            self.out(self.state)
            pose, spread = self.module.last_pose, self.state.covariance
            self.show_pose(conversions.pose_msg(pose, spread, self._t))
        self._publish_tf()
        for event in self.module.pop_events():
            self.tell(event)
        if self._due_map.at(self._t):
            self._publish_map()
        if self._due_save.at(self._t):
            self._save_quietly()

    def _check_clock(self, t: float) -> None:
        """Say once if the clock is behind what is remembered."""
        behind_s, self._newest = self._newest - t, -math.inf
        if behind_s > 0.0:
            self._t = t
            self._trouble(
                f"The clock is {behind_s:.0f} s behind the newest stamp of the memory; "
                "expected a later time. Things seen now seem older than those of that "
                "run: set the computer's clock, or let the simulator begin later."
            )

    def _publish_tf(self) -> None:
        T = matrix_from_pose2(self.state.pose_map_odom)
        item = conversions.transform_msg(self._t, "map", "odom", T)
        self.show_tf(TFMessage(transforms=[item]))

    def _publish_map(self) -> None:
        if self.state.grid.version != self._saved_version:
            self._saved_version = self.state.grid.version
            self.show_map(conversions.grid_msg(self.state.grid, self._t))
        self.show_landmarks(conversions.landmark_markers(self.state.landmarks, self._t))
        self.show_areas(conversions.area_markers(self.state.areas, self._t))

    def _save_quietly(self) -> None:
        try:
            self.save()
        except NeuralBrainError as error:
            self.get_logger().error(str(error), throttle_duration_sec=60.0)

    def _begin_on(self, floor: str) -> None:
        """Go on with the floor of the parameter, if one was given.

        Raises:
            MapFileError: if it cannot be; says what to do.
        """
        if floor and floor.lower() != self.module.floor.lower():
            change_floor(self.module, self.store, floor, 0.0)

    def _on_floor(self, floor: str) -> None:
        """A person or a lift says on which floor the robot is."""
        self._change(MapRequest(stamp=self._t, order=MapOrder.FLOOR, floor=floor))

    def _change(self, request: MapRequest) -> None:
        trouble = carry_out(request, self.module, self.store)
        if trouble:
            self._trouble(trouble, {"order": request.order.value})

    def _trouble(self, text: str, data: dict[str, Any] | None = None) -> None:
        self.get_logger().error(text)
        about = {"source": "maps", "kind": "trouble", "data": data or {}}
        self.tell(Event(stamp=self._t, text=text, **about))

    def _remember(self, event: Event) -> None:
        self.episodes.note_event(event)
        self._write_down(event)

    def _write_down(self, event: Event | None) -> None:
        if event is not None and self.store is not None:
            self.store.add_events([event])

    def _answer_save(self, request: Any, response: Any) -> Any:
        try:
            response.success = self.save()
            nothing = "nothing saved: no map yet, or no memory_file set"
            place = f"saved in {shown(self.config.memory_file)}"
            response.message = place if response.success else nothing
        except NeuralBrainError as error:
            response.success, response.message = False, str(error)
        return response


def main() -> int:
    """Run the node."""
    return run(lambda: [MapsNode()])


if __name__ == "__main__":
    sys.exit(main())
