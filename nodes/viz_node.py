"""The live view as a node: shows a running brain in the browser, takes goals there."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import mujoco
import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import String
from std_srvs.srv import Trigger

from neural_brain.models.config import param, validate
from neural_brain.models.errors import BodyError
from neural_brain.models.geometry import Array, compose2, inverse3, matrix_from_pose2
from neural_brain.models.signals import (
    BodyState,
    Event,
    MapState,
    MotionStatus,
    Observation,
    ReflexLevel,
    RgbdFrame,
    SubGoal,
    Surprise,
)
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.due import Due
from neural_brain.nodes.fast_link import RosEnd
from neural_brain.nodes.gate import GateConfig, Refusal
from neural_brain.nodes.lifecycle import OK, WARN, BrainNode, Health
from neural_brain.nodes.process import run
from neural_brain.nodes.reports import state_from_msg
from neural_brain.nodes.worlds import World, make_body
from neural_brain.view.dashboard import Dashboard

BASE = "base_link"


@dataclass(frozen=True, kw_only=True)
class VizNodeConfig:
    """Parameters of the live view."""

    port: int = param(8080, "TCP port on this machine", low=1024, high=65535)
    force_limit_n: float = param(65.0, "limit drawn into the plot", low=1.0, high=500.0)
    link: str = param("robot", "fast process whose world is drawn, if it runs here")
    gate: GateConfig = field(default_factory=GateConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class RemoteBrain:
    """What the dashboard wants to know of a brain, filled from topics.

    Args:
        say: sends words to the brain.
        estop: asks for an emergency stop.
        reset: asks for its end.
    """

    def __init__(self, say: Any, estop: Any, reset: Any) -> None:
        self.map_state: MapState | None = None
        self.surprise: Surprise | None = None
        self.status: MotionStatus | None = None
        self.sub_goal: SubGoal | None = None
        self.executive = SimpleNamespace(goal=None, exploring=False)
        self.fast = SimpleNamespace(level=ReflexLevel.NOMINAL, estop=estop, reset=reset)
        self._say = say

    def say(self, words: str, t: float) -> Any:
        """Send words; the answer comes later, as a line of the diary."""
        self._say(words)
        return SimpleNamespace(text="sent; the answer is in the diary", accepted=True)

    def pose_map_base(self, body: BodyState) -> Array:
        """Where the robot believes to be (3,)."""
        if self.map_state is None:
            return body.pose_odom_base
        return compose2(self.map_state.pose_map_odom, body.pose_odom_base)


class VizNode(BrainNode):
    """Feeds the dashboard from topics and carries out what people click."""

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("viz_node", VizNodeConfig(), bus=bus, **options)
        self.dashboard: Dashboard | None = None
        self.link: RosEnd | None = None
        self.body: Any = None

    def setup(self) -> None:
        """Serve the page and subscribe."""
        config = self.config
        self.dashboard = Dashboard(port=config.port, force_limit_n=config.force_limit_n)
        self.words = self.announce(String, topics.GOAL)
        self.stops = [
            self.create_client(Trigger, name)
            for name in (topics.REFLEX_ESTOP, topics.REFLEX_RESET)
        ]
        estop, reset = (lambda c=c: c.call_async(Trigger.Request()) for c in self.stops)
        self.brain = RemoteBrain(
            lambda words: self.words(String(data=words)), estop, reset
        )
        self._frame: RgbdFrame | None = None
        self._due = Due(20.0)
        self._listen()
        self._draw_world()

    def teardown(self) -> None:
        """Stop serving."""
        for client in getattr(self, "stops", []):
            self.destroy_client(client)
        self.stops = []
        for part in (self.dashboard, self.body, self.link):
            if part is not None:
                part.close()
        self.dashboard = self.body = self.link = None

    def health(self) -> Health:
        """Where the page is."""
        if self.brain.map_state is None:
            return WARN, "waiting for a map", {}
        return OK, f"http://127.0.0.1:{self.config.port}", {}

    def _listen(self) -> None:
        def keep(name: str) -> Any:
            return lambda value: setattr(self.brain, name, value)

        self.signal_in(MapState, topics.MAP_STATE, then=keep("map_state"))
        self.signal_in(Surprise, topics.SURPRISE, then=keep("surprise"))
        self.signal_in(
            MotionStatus, topics.STATUS, profile=qos.NEWEST, then=keep("status")
        )
        self.signal_in(
            SubGoal, topics.SUB_GOAL, profile=qos.LATCHED, then=keep("sub_goal")
        )
        self.signal_in(Event, topics.EVENTS, then=self._note)
        self.signal_in(BodyState, topics.BODY, profile=qos.NEWEST, then=self._show)
        self.listen(
            String,
            topics.STATE,
            state_from_msg,
            profile=qos.LATCHED,
            stamped=False,
            then=self._show_goal,
        )
        self.listen(
            Image,
            topics.COLOUR_IMAGE,
            conversions.image_from_msg,
            profile=qos.IMAGE,
            gate=self.config.gate,
            then=self._keep_frame,
        )

    def _draw_world(self) -> None:
        try:
            self.link = RosEnd(self.config.link, writes=False)
            world = World(**self.link.about["world"])
        except (BodyError, KeyError):
            return  # a real robot, or another machine: no world to draw
        self.body = make_body(world, slow_sensors=False)
        simulation = self.body.simulation
        start = matrix_from_pose2(simulation.truth.pose_world_base())
        self.dashboard.show_home(simulation.model, BASE, inverse3(start))

    def _note(self, event: Event) -> None:
        if event.source == "reflex" and event.kind.upper() in ReflexLevel.__members__:
            self.brain.fast.level = ReflexLevel[event.kind.upper()]
        self.dashboard.note(event)

    def _show_goal(self, state: dict[str, Any]) -> None:
        words = str(state.get("goal", ""))
        self.brain.executive.exploring = bool(state.get("exploring"))
        self.brain.executive.goal = SimpleNamespace(words=words) if words else None

    def _keep_frame(self, half: tuple[float, np.ndarray]) -> None:
        stamp, rgb = half
        if rgb.ndim != 3:
            raise Refusal("no colour image")
        depth = np.zeros(rgb.shape[:2], np.float32)
        self._frame = RgbdFrame(
            stamp=stamp, rgb=rgb, depth=depth, K=np.eye(3), T_base_camera=np.eye(4)
        )

    def _show(self, body: BodyState) -> None:
        if not self._due.at(body.stamp):
            return
        self._mirror()
        frame, self._frame = self._frame, None
        observation = Observation(body=body, frame=frame)
        self.dashboard.observe(self.brain, self.body, observation)
        self.dashboard.apply(self.brain, body.stamp)

    def _mirror(self) -> None:
        found = self.link.read_truth() if self.body is not None else None
        if found is not None:
            simulation = self.body.simulation
            simulation.data.qpos[:] = found[1]
            mujoco.mj_kinematics(simulation.model, simulation.data)


def main() -> int:
    """Run the node."""
    return run(lambda: [VizNode()])


if __name__ == "__main__":
    sys.exit(main())
