"""The body as a node: shared memory on one side, standard topics on the other."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import TwistStamped, WrenchStamped
from nav_msgs.msg import Odometry
from sensor_msgs.msg import Imu, JointState
from std_msgs.msg import Float64MultiArray
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array, matrix_from_pose2
from neural_brain.models.signals import (
    BodyState,
    Event,
    MotionTarget,
    ReflexEvent,
    ReflexLevel,
)
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.fast_link import MAX_BEAMS, RosEnd, open_link
from neural_brain.nodes.foreign_targets import ForeignTargets
from neural_brain.nodes.frame_listener import FrameListener
from neural_brain.nodes.gate import GateConfig
from neural_brain.nodes.lifecycle import ERROR, OK, WARN, BrainNode, Health
from neural_brain.nodes.link_body import limits_from
from neural_brain.nodes.process import run
from neural_brain.nodes.robot_model import JOINT_NAMES, make_limits
from neural_brain.nodes.scans import listen_scan

CONNECT_S = 60.0
DEAD_S = 0.5


@dataclass(frozen=True, kw_only=True)
class BodyNodeConfig:
    """Parameters of the body node."""

    link: str = param("robot", "name of the shared memory of the fast process")
    state_hz: float = param(50.0, "rate of states out", low=5.0, high=200.0)
    twist_from: str = param(
        "target",
        "who drives: the brain's targets, or cmd_vel the base, and arm_from the arm",
        choices=("target", "cmd_vel"),
    )
    arm_from: str = param(
        "", "topic of joint positions for the arm, with cmd_vel; empty = it stays"
    )
    silent_s: float = param(
        0.15,
        "base or arm stands when its commands are so much older than the other's",
        low=0.02,
        high=2.0,
    )
    more_scans: tuple[str, ...] = param(
        ("",), "topics of further scans for the reflex; '' = none"
    )
    publish_tf: bool = param(
        True, "odom -> base_link; false where another node publishes it"
    )
    gate: GateConfig = field(default_factory=GateConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
        if self.arm_from and self.twist_from == "target":
            raise ConfigError(
                f"arm_from = {self.arm_from!r} with twist_from = 'target': the brain "
                "and that topic would both lead the arm. Set twist_from to 'cmd_vel', "
                "or arm_from to ''."
            )


class BodyNode(BrainNode):
    """Publishes what the body feels, forwards targets and scans, serves the e-stop."""

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("body_node", BodyNodeConfig(), bus=bus, **options)
        self.link: RosEnd | None = None
        self.pace: dict[str, float] = {}
        self._foreign = ForeignTargets(self.config.silent_s)

    def setup(self) -> None:
        """Open the shared memory, make publishers and services."""
        self.link = open_link(self.config.link, CONNECT_S, writes=True)
        self.body: BodyState | None = None
        self._foreign = ForeignTargets(self.config.silent_s)
        self._check_arm()
        names = self.link.about.get("joint_names", JOINT_NAMES)
        self._names = tuple(names[: int(self.link.about["joints"])])
        self.tell_body = self.signal_out(topics.BODY, qos.NEWEST)
        self.tell_command = self.signal_out(topics.COMMAND, qos.NEWEST)
        self.tell = self.signal_out(topics.EVENTS)
        self.show_tf = self.announce(TFMessage, topics.TF, qos.TF)
        self.show_reflex = self.announce(
            DiagnosticStatus, topics.REFLEX_EVENTS, qos.STATE
        )
        self._standard = [
            (self.announce(kind, topic, qos.SENSOR), make)
            for kind, topic, make in (
                (JointState, topics.JOINT_STATES, self._joints),
                (Odometry, topics.ODOM, conversions.odometry_msg),
                (Imu, topics.IMU, conversions.imu_msg),
                (WrenchStamped, topics.WRENCH, conversions.wrench_msg),
            )
            if int(self.link.about["nq"]) > 0  # a real robot's drivers publish these
        ]
        frames = FrameListener(self, moving=False)
        for lidar, topic in enumerate(self._scan_topics()):
            then = partial(self.link.write_scan, lidar=lidar)
            listen_scan(
                self,
                frames,
                self.config.gate,
                topic=topic,
                most_beams=MAX_BEAMS,
                then=then,
            )
        self._listen_to_targets()
        self.every(1.0 / self.config.state_hz, self._tick)
        self.serve(Trigger, topics.REFLEX_ESTOP, self._estop)
        self.serve(Trigger, topics.REFLEX_RESET, self._reset)

    def teardown(self) -> None:
        """Let go of the shared memory."""
        if self.link is not None:
            self.link.close()
            self.link = None

    def health(self) -> Health:
        """How the fast process does."""
        if not self.pace:
            return ERROR, "no state from the fast process", {}
        age = self.link.age_s
        level = ReflexLevel(int(self.pace["level"]))
        values = {
            "reflex level": level.name,
            "ticks in time": f"{self.pace['success']:.3f}",
            "ticks missed": int(self.pace["missed"]),
            "real-time scheduling": bool(self.pace["realtime"]),
            "state age [s]": f"{age:.3f}",
        }
        if age > DEAD_S:
            return ERROR, f"the fast process is silent for {age:.1f} s", values
        status = OK if level is ReflexLevel.NOMINAL else WARN
        return status, f"reflex {level.name}", values

    def _check_arm(self) -> None:
        if self.config.twist_from == "target" and self.link.about.get("arm"):
            raise ConfigError(
                "twist_from = 'target' with an arm from a file; the brain's skills "
                "know only the built-in arm. Start reflex.launch.py, whose twist_from "
                "is 'cmd_vel', or set arm_file of robot_node to ''."
            )

    def _scan_topics(self) -> list[str]:
        """Where the scan of each lidar comes from.

        Raises:
            ConfigError: if the fast process waits for another number of scans, or two
                of them would be the same.
        """
        topics_in = [topics.SCAN, *filter(None, self.config.more_scans)]
        lidars = int(self.link.about.get("lidars", 1))
        if len(topics_in) != lidars:
            raise ConfigError(
                f"more_scans = {list(self.config.more_scans)} makes {len(topics_in)} "
                f"scans with {topics.SCAN!r}; the fast process waits for {lidars} "
                "(reflex.guards.lidars in its file). Correct one of them."
            )
        if len({self.resolve_topic_name(topic) for topic in topics_in}) < lidars:
            raise ConfigError(
                f"more_scans = {list(self.config.more_scans)} names a scan twice, or "
                f"{topics.SCAN!r}; expected another topic for each lidar. Correct it."
            )
        return topics_in

    def _listen_to_targets(self) -> None:
        if self.config.twist_from == "target":
            self.signal_in(
                MotionTarget,
                topics.TARGET,
                profile=qos.COMMAND,
                then=self.link.write_target,
            )
            return
        self._refuse_own("cmd_vel", topics.CMD_VEL)
        self.listen(
            TwistStamped,
            topics.CMD_VEL,
            conversions.twist_from_msg,
            profile=qos.COMMAND,
            gate=self.config.gate,
            then=lambda twist: self._drive(*twist),
        )
        if self.config.arm_from:
            self._listen_to_arm(self.config.arm_from)

    def _listen_to_arm(self, topic: str) -> None:
        """Joint positions from a controller of one's own.

        Raises:
            ConfigError: if there is no arm, or the topic carries the robot's commands.
        """
        about = self.link.about
        if not self._names:
            raise ConfigError(
                f"arm_from = {topic!r} for a robot without an arm; expected ''. "
                "Correct arm_from, or arm of robot_node."
            )
        self._refuse_own("arm_from", topic)
        limits = limits_from(about["limits"]) if "limits" in about else make_limits()
        self.listen(
            Float64MultiArray,
            topic,
            lambda message: conversions.positions_from_msg(message, limits),
            profile=qos.COMMAND,
            gate=self.config.gate,
            stamped=False,
            then=self._reach,
        )

    def _refuse_own(self, name: str, topic: str) -> None:
        """The robot's own commands must not come back, ever fresh, as targets."""
        full = self.resolve_topic_name(topic)
        if full in self.link.about.get("topics_out", ()):
            raise ConfigError(
                f"{name} = {full!r} is a topic on which the robot itself gets its "
                "commands; they would come back as targets. Let your controller "
                "publish on another one (cmd_vel_in, arm_from)."
            )

    def _drive(self, stamp: float, twist: Array) -> None:
        self._foreign.drive(stamp, twist)
        self._send()

    def _reach(self, q: Array) -> None:
        self._foreign.reach(self.now_s(), q)
        self._send()

    def _send(self) -> None:
        if self.body is not None:
            level = self.pace["level"]
            self.link.write_target(self._foreign.target(self.body, level))

    def _tick(self) -> None:
        found = self.link.read_state()
        if found is None:
            return
        body, command, self.pace = found
        if self.body is not None and body.stamp == self.body.stamp:
            return
        self.body = body
        self.tell_body(body)
        self.tell_command(command)
        self._publish(body)
        for event in self.link.new_events():
            self._show_event(event)

    def _publish(self, body: BodyState) -> None:
        placed = np.isfinite(body.pose_odom_base).all()  # not while odometry is lost
        if self.config.publish_tf and placed:
            T = matrix_from_pose2(body.pose_odom_base)
            item = conversions.transform_msg(body.stamp, "odom", "base_link", T)
            self.show_tf(TFMessage(transforms=[item]))
        for publish, make in self._standard:
            if publish.publisher.get_subscription_count() > 0:
                publish(make(body))

    def _joints(self, body: BodyState) -> JointState:
        return conversions.joint_state_msg(body, self._names)

    def _show_event(self, event: ReflexEvent) -> None:
        self.show_reflex(conversions.reflex_status(event))
        self.get_logger().info(
            f"reflex {event.level.name} at {event.stamp:.3f} s: {event.cause} "
            f"({event.value:.3g}, limit {event.limit:.3g})"
        )
        value, limit = (
            number if np.isfinite(number) else None
            for number in (event.value, event.limit)
        )
        self.tell(
            Event(
                stamp=event.stamp,
                source="reflex",
                kind=event.level.name.lower(),
                text=f"reflex {event.level.name}: {event.cause}",
                data={"cause": event.cause, "value": value, "limit": limit},
            )
        )

    def _estop(self, request: Any, response: Any) -> Any:
        self.link.request(estop=True)
        response.success, response.message = True, "stopping; latched until reset"
        return response

    def _reset(self, request: Any, response: Any) -> Any:
        self.link.request(reset=True)
        response.success, response.message = True, "reset asked for"
        return response


def main() -> int:
    """Run the node."""
    return run(lambda: [BodyNode()])


if __name__ == "__main__":
    sys.exit(main())
