"""The simulated arm with LeRobot's interface: degrees, gripper 0 to 100, one picture.

Every action lets 1 / fps of simulated time pass. What LeRobot records as sent is what
the reflex let through, not what a policy asked for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from lerobot.robots.robot import Robot
from lerobot.utils.errors import DeviceAlreadyConnectedError, DeviceNotConnectedError

from neural_brain.models.geometry import Array
from neural_brain.robots.guarded_arm import GuardedArm, GuardedArmConfig
from neural_brain.robots.lerobot_plugin.config_simulated_arm import SimulatedArmConfig
from neural_brain.sim.robots import PACKAGED_ARMS

GRIPPER_OPEN_M = 0.08


class SimulatedArm(Robot):  # type: ignore[misc, unused-ignore]
    """Our simulated arm; see `SimulatedArmConfig`.

    Raises:
        ConfigError: from `connect`, for an unknown kind or value, or when a package
            with the arm's model is missing.
    """

    config_class = SimulatedArmConfig
    name = "neural_brain"

    def __init__(self, config: SimulatedArmConfig) -> None:
        super().__init__(config)
        self.config = config
        self.cameras: dict[str, Any] = {"front": None} if config.camera else {}
        self.arm: GuardedArm | None = None

    @property
    def joints(self) -> tuple[str, ...]:
        """Names of the arm's joints, base to tip."""
        packaged = PACKAGED_ARMS.get(self.config.kind)
        if packaged is not None:
            return packaged.joints
        return tuple(f"joint{number}" for number in range(1, 8))

    @property
    def action_features(self) -> dict[str, type]:
        """Joint angles [deg], and the gripper if the arm has a moving one."""
        names = [f"{joint}.pos" for joint in self.joints]
        names += ["gripper.pos"] if self.config.kind == "arm" else []
        return dict.fromkeys(names, float)

    @property
    def observation_features(self) -> dict[str, Any]:
        """The same as `action_features`, and the picture."""
        size = (self.config.height, self.config.width, 3)
        return {**self.action_features, **dict.fromkeys(self.cameras, size)}

    @property
    def is_connected(self) -> bool:
        """Whether the simulation runs."""
        return self.arm is not None

    @property
    def is_calibrated(self) -> bool:
        """Always: a simulated joint knows its angle."""
        return True

    def connect(self, calibrate: bool = True) -> None:
        """Make the world; the arm is at rest."""
        if self.arm is not None:
            raise DeviceAlreadyConnectedError(f"{self} is connected already.")
        config = self.config
        wanted = GuardedArmConfig(
            kind=config.kind,
            button=config.button,
            rate_hz=float(config.fps),
            width=config.width,
            height=config.height,
        )
        self.arm = GuardedArm(wanted, config.seed)

    def calibrate(self) -> None:
        """Nothing to do."""

    def configure(self) -> None:
        """Nothing to do."""

    def get_observation(self) -> dict[str, Any]:
        """Measured joints, gripper and picture."""
        arm = self._connected()
        state = arm.state
        seen: dict[str, Any] = self._told(state.q, state.gripper_m)
        if self.cameras:
            seen["front"] = arm.picture()
        return seen

    def send_action(self, action: dict[str, Any]) -> dict[str, float]:
        """Aim at joint angles for one period; returns those really aimed at.

        Values that are not finite are refused by the reflex: the arm goes on to the
        last good target, and holds when none comes.

        Raises:
            ValueError: if an angle is missing.
        """
        arm = self._connected()
        missing = sorted(set(self.action_features) - set(action))
        if missing:
            raise ValueError(
                f"The action lacks {', '.join(missing)}; it has {', '.join(action)}. "
                "Give all of action_features."
            )
        q = np.radians([float(action[f"{joint}.pos"]) for joint in self.joints])
        gripper_m = 0.0
        if "gripper.pos" in self.action_features:
            gripper_m = float(action["gripper.pos"]) / 100.0 * GRIPPER_OPEN_M
            if math.isfinite(gripper_m):
                gripper_m = min(max(gripper_m, 0.0), GRIPPER_OPEN_M)
        aimed = arm.act(q, gripper_m)
        if not math.isfinite(gripper_m):
            gripper_m = arm.state.gripper_m
        return self._told(aimed, gripper_m)

    def disconnect(self) -> None:
        """End the simulation."""
        arm, self.arm = self._connected(), None
        arm.close()

    def _connected(self) -> GuardedArm:
        if self.arm is None:
            raise DeviceNotConnectedError(f"{self} is not connected: call connect().")
        return self.arm

    def _told(self, q: Array, gripper_m: float) -> dict[str, float]:
        """Joints (n,) [rad] and opening [m] in LeRobot's words."""
        names = (f"{joint}.pos" for joint in self.joints)
        said = dict(zip(names, np.degrees(q).tolist(), strict=True))
        if "gripper.pos" in self.action_features:
            said["gripper.pos"] = 100.0 * gripper_m / GRIPPER_OPEN_M
        return said
