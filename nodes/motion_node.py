"""Motion as a node: sub-goal, map and body in, targets for the fast loop out."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from nav_msgs.msg import Path

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import compose2
from neural_brain.models.motion import Motion, MotionConfig
from neural_brain.models.signals import (
    BodyState,
    MapState,
    MotionStatus,
    Percepts,
    SubGoal,
)
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.due import Due
from neural_brain.nodes.frame_listener import FrameListener
from neural_brain.nodes.gate import GateConfig
from neural_brain.nodes.lifecycle import OK, WARN, BrainNode, Health
from neural_brain.nodes.process import run
from neural_brain.nodes.robot_model import make_dynamics, make_limits
from neural_brain.nodes.scans import listen_scan


@dataclass(frozen=True, kw_only=True)
class MotionNodeConfig:
    """Parameters of the motion node."""

    motion_hz: float = param(20.0, "targets", low=5.0, high=50.0)
    map_timeout_s: float = param(
        3.0, "without a map state for this long nothing is sent", low=0.1, high=60.0
    )
    gate: GateConfig = field(default_factory=GateConfig)
    motion: MotionConfig = field(default_factory=MotionConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class MotionNode(BrainNode):
    """Plans on the map and sends targets; silence makes the fast loop hold."""

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("motion_node", MotionNodeConfig(), bus=bus, **options)

    def setup(self) -> None:
        """Build the module and subscribe."""
        config = self.config
        self.module = Motion(config.motion, make_limits(), make_dynamics())
        self._due = Due(config.motion_hz)
        self._path: Any = None
        self.status: MotionStatus | None = None
        self.out = self.signal_out(topics.TARGET, qos.COMMAND)
        self.tell_status = self.signal_out(topics.STATUS, qos.NEWEST)
        self.plan = self.announce(Path, topics.PLAN)
        self.map = self.signal_in(MapState, topics.MAP_STATE)
        self.signal_in(Percepts, topics.PERCEPTS, then=self.module.see)
        self.sub_goal = self.signal_in(SubGoal, topics.SUB_GOAL, profile=qos.LATCHED)
        self.scan = listen_scan(self, FrameListener(self, moving=False), config.gate)
        self.signal_in(BodyState, topics.BODY, profile=qos.NEWEST, then=self._think)

    def health(self) -> Health:
        """How the present sub-goal goes."""
        if self.status is None:
            return WARN, "waiting for a sub-goal", {}
        level = WARN if self.status.state == "failed" else OK
        text = f"{self.status.state} {self.status.reason}".strip()
        return level, text, {"sub-goal": self.status.id}

    def _think(self, body: BodyState) -> None:
        if not self._due.at(body.stamp):
            return
        state = self.map.fresh(self.config.map_timeout_s)
        goal = self.sub_goal.latest
        if state is None or goal is None:
            return
        target, self.status = self.module.step(
            body.stamp,
            goal,
            state,
            body,
            scan=self.scan.latest,
            pose_map_base=compose2(state.pose_map_odom, body.pose_odom_base),
        )
        self.out(target)
        self.tell_status(self.status)
        path = self.status.path_map
        if path is not self._path and len(path):
            self._path = path
            self.plan(conversions.path_msg(path, body.stamp))


def main() -> int:
    """Run the node."""
    return run(lambda: [MotionNode()])


if __name__ == "__main__":
    sys.exit(main())
