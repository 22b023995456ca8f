"""The executive as a node: goals in words or poses in, sub-goals out."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from geometry_msgs.msg import PoseStamped
from std_msgs.msg import String

from neural_brain.models.config import param, validate
from neural_brain.models.errors import GoalError
from neural_brain.models.executive import Executive, ExecutiveConfig, Reply
from neural_brain.models.geometry import Array, compose2
from neural_brain.models.signals import (
    BodyState,
    Event,
    MapState,
    MotionStatus,
    Percepts,
    Picture,
    SubGoal,
    Surprise,
)
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.due import Due
from neural_brain.nodes.gate import GateConfig
from neural_brain.nodes.lifecycle import OK, WARN, BrainNode, Health
from neural_brain.nodes.process import run
from neural_brain.nodes.reports import report_msg, words_from_msg


@dataclass(frozen=True, kw_only=True)
class ExecutiveNodeConfig:
    """Parameters of the executive node."""

    executive_hz: float = param(2.0, "decisions", low=0.2, high=10.0)
    gate: GateConfig = field(default_factory=GateConfig)
    executive: ExecutiveConfig = field(default_factory=ExecutiveConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class ExecutiveNode(BrainNode):
    """Understands goals, answers, and decides what to do next."""

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("executive_node", ExecutiveNodeConfig(), bus=bus, **options)

    def setup(self) -> None:
        """Build the module and subscribe."""
        self.module = Executive(self.config.executive)
        self._due = Due(self.config.executive_hz)
        self._t = 0.0
        self.sub_goal: SubGoal | None = None
        self.out = self.signal_out(topics.SUB_GOAL, qos.LATCHED)
        self.tell = self.signal_out(topics.EVENTS)
        self.ask_map = self.signal_out(topics.MAP_REQUEST)
        self.reply = self.announce(String, topics.REPLY)
        self.show_state = self.announce(String, topics.STATE, qos.LATCHED)
        self.map = self.signal_in(MapState, topics.MAP_STATE)
        self.surprise = self.signal_in(Surprise, topics.SURPRISE)
        self.status = self.signal_in(MotionStatus, topics.STATUS, profile=qos.NEWEST)
        self.signal_in(Percepts, topics.PERCEPTS, then=self._observe)
        self.signal_in(BodyState, topics.BODY, profile=qos.NEWEST, then=self._think)
        self.listen(
            String,
            topics.GOAL,
            words_from_msg,
            profile=qos.STATE,
            stamped=False,
            then=self._hear,
        )
        self.listen(
            PoseStamped,
            topics.GOAL_POSE,
            lambda message: conversions.planar_from_pose(message.pose),
            profile=qos.STATE,
            gate=self.config.gate,
            frames=("map",),
            then=self._go_to,
        )
        self.signal_in(Picture, topics.PICTURE_GOAL, then=self._see_picture)

    def health(self) -> Health:
        """What the robot is after."""
        if self.map.latest is None:
            return WARN, "waiting for a map", {}
        goal = self.module.goal
        step = "" if self.sub_goal is None else self.sub_goal.kind.value
        text = "no goal" if goal is None else goal.words
        return OK, text, {"sub-goal": step, "exploring": self.module.exploring}

    def _hear(self, words: str) -> None:
        reply = self.module.say(words, self._t, self.map.latest)
        self._answer("words", words, reply)

    def _see_picture(self, picture: Picture) -> None:
        try:
            reply = self.module.show(picture, self._t, self.map.latest)
        except GoalError as error:
            reply = Reply(accepted=False, text=str(error))
        self._answer("picture", "picture", reply)

    def _answer(self, kind: str, words: str, reply: Reply) -> None:
        if reply.request is not None:
            self.ask_map(reply.request)
        self._event("person", kind, words, {"accepted": reply.accepted})
        self._event("executive", "reply", reply.text, {})
        self.get_logger().info(f"goal {words!r}: {reply.text}")
        accepted, goals = bool(reply.accepted), len(reply.goals)
        self.reply(
            report_msg(words=words, accepted=accepted, text=reply.text, goals=goals)
        )
        self._due = Due(self.config.executive_hz)  # decide at the next state

    def _go_to(self, pose: Array) -> None:
        try:
            reply = self.module.go_to(pose, self._t, self.map.latest)
        except GoalError as error:
            reply = Reply(accepted=False, text=str(error))
        self._answer("pose", "pose", reply)

    def _observe(self, percepts: Percepts) -> None:
        if self.map.latest is not None:
            correction = self.map.latest.pose_map_odom
            pose = compose2(correction, percepts.pose_odom_base)
            self.module.observe(percepts, pose)

    def _think(self, body: BodyState) -> None:
        self._t = body.stamp
        state = self.map.latest
        if state is None or not self._due.at(body.stamp):
            return
        pose = compose2(state.pose_map_odom, body.pose_odom_base)
        status = self.status.latest
        self.sub_goal = self.module.step(
            body.stamp, state, pose, status, self.surprise.latest
        )
        self.out(self.sub_goal)
        for event in self.module.pop_events():
            self.tell(event)
            self.get_logger().info(event.text)
        self._show(pose)

    def _show(self, pose: Array) -> None:
        goal, status = self.module.goal, self.status.latest
        self.show_state(
            report_msg(
                t=round(self._t, 3),
                goal="" if goal is None else goal.words,
                exploring=bool(self.module.exploring),
                sub_goal=self.sub_goal.kind.value,
                sub_goal_id=int(self.sub_goal.id),
                motion="" if status is None else status.state,
                reason="" if status is None else status.reason,
                pose_map_base=[round(float(value), 3) for value in pose],
            )
        )

    def _event(self, source: str, kind: str, text: str, data: dict[str, Any]) -> None:
        self.tell(Event(stamp=self._t, source=source, kind=kind, text=text, data=data))


def main() -> int:
    """Run the node."""
    return run(lambda: [ExecutiveNode()])


if __name__ == "__main__":
    sys.exit(main())
