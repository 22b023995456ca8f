"""The bridge to a real robot: its topics on one side, the fast process on the other."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from neural_brain.models.config import param, validate
from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.signals import BodyCommand
from neural_brain.nodes.arm_choice import ArmLimitsConfig, choose_arm
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.lifecycle import ERROR, OK, WARN, BrainNode, Health
from neural_brain.nodes.link_body import BridgeEnd, limits_to_plain
from neural_brain.nodes.process import run
from neural_brain.nodes.robot_model import (
    JOINT_NAMES,
    BaseConfig,
    make_dynamics,
    make_limits,
)
from neural_brain.robots.ros_body import RosBody, RosBodyConfig


@dataclass(frozen=True, kw_only=True)
class RobotNodeConfig:
    """Parameters of the bridge."""

    link: str = param("robot", "name of the shared memory of the fast process")
    rate_hz: float = param(200.0, "states in, commands out", low=20.0, high=1000.0)
    command_timeout_s: float = param(
        0.05, "without a new command for this long the robot holds", low=0.01, high=1.0
    )
    arm: bool = param(True, "false = a base alone; then odom must come")
    arm_file: str = param("", "URDF or MJCF of the arm; empty = the built-in arm")
    ee: str = param("ee", "link or site of the hand in arm_file")
    file_joints: tuple[str, ...] = param(
        ("",), "body.joints as arm_file calls them; '' = the same names"
    )
    arm_limits: ArmLimitsConfig = field(default_factory=ArmLimitsConfig)
    base: BaseConfig = field(default_factory=BaseConfig)
    body: RosBodyConfig = field(default_factory=RosBodyConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
        joints = len(self.body.joints)
        if self.arm_file and not self.arm:
            raise ConfigError(
                f"arm_file = {self.arm_file!r} with arm = False; expected '' for a "
                "base without an arm. Correct one of them."
            )
        if self.arm and not self.arm_file and joints != len(JOINT_NAMES):
            raise ConfigError(
                f"body.joints names {joints} joints; the built-in arm has "
                f"{len(JOINT_NAMES)}. Set arm_file to the URDF or MJCF file of your "
                "arm, or arm to false."
            )


class RobotNode(BrainNode):
    """Copies states to the fast process and its commands to the robot.

    When the fast process falls silent, or sends what the body refuses, the robot is
    told to hold: a forward controller would go on with the last command that it got.
    """

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("robot_node", RobotNodeConfig(), bus=bus, **options)
        self.body: RosBody | None = None
        self.link: BridgeEnd | None = None
        self.holding = True
        self.waiting = self.refusal = ""

    def setup(self) -> None:
        """Subscribe to the robot and make the shared memory."""
        config = self.config.body
        if not self.config.arm:
            config = replace(config, joints=(), wrench="", command="effort")
        limits = make_limits(self.config.base, with_arm=self.config.arm)
        dynamics, arm = make_dynamics(), None
        if self.config.arm_file:
            own = self.config
            arm = choose_arm(own.arm_file, own.ee, config.joints, own.file_joints)
            dynamics, limits = arm.read(limits, own.arm_limits)
        self.body = RosBody(self, config, limits, dynamics)
        about = {
            "joints": len(config.joints),
            "joint_names": list(config.joints),
            "bumper": 0,
            "limits": limits_to_plain(limits),
            "command": config.command,
            "topics_out": self.body.topics_out,
            "feels": bool(config.wrench),
            "arm": None if arm is None else asdict(arm),
        }
        self.link = BridgeEnd(self.config.link, about)
        self._commanded = time.monotonic()
        self.every(1.0 / self.config.rate_hz, self._exchange)

    def stop(self) -> None:
        """Hold when the node is deactivated."""
        self.body.hold()

    def teardown(self) -> None:
        """Let go of the robot and the memory."""
        for part in (self.body, self.link):
            if part is not None:
                part.close()
        self.body = self.link = None

    def health(self) -> Health:
        """Whether states come and commands go."""
        counts = {f"refused: {k}": v for k, v in sorted(self.body.refused.items())}
        if self.waiting:
            return ERROR, self.waiting, counts
        if self.holding:
            why = self.refusal or "the fast process sends nothing"
            return WARN, f"holding: {why}", counts
        return OK, "commands flow", counts

    def _exchange(self) -> None:
        try:
            self.link.write_state(self.body.read())
            self.waiting = ""
        except BodyError as error:
            self.waiting = str(error)
            return
        command = self.link.new_command()
        now = time.monotonic()
        if command is not None:
            self._commanded = now
            self._send(command)
        elif now - self._commanded > self.config.command_timeout_s:
            self._hold("")

    def _send(self, command: BodyCommand) -> None:
        try:
            self.body.write(command)
        except BodyError as error:
            self.get_logger().error(str(error), throttle_duration_sec=1.0)
            self._hold(str(error))
            return
        self.holding, self.refusal = False, ""

    def _hold(self, refusal: str) -> None:
        self.holding, self.refusal = True, refusal
        self.body.hold()


def main() -> int:
    """Run the node."""
    return run(lambda: [RobotNode()])


if __name__ == "__main__":
    sys.exit(main())
