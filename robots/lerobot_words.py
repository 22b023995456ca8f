"""What LeRobot robots say and are told, in our units.

Joint angles are degrees, a gripper goes from 0 to 100, a base has x.vel [m/s] and
theta.vel [deg/s]; nothing that a robot says is believed before it is whole, finite and
possible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyLimits

STANDING = {"x.vel": 0.0, "y.vel": 0.0, "theta.vel": 0.0}
"""What a base is told to stand still."""


@dataclass(frozen=True, kw_only=True)
class LeRobotBodyConfig:
    """Names, units and patience; the defaults are those of an SO-101."""

    joints: tuple[str, ...] = param(
        ("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll"),
        "arm joints in LeRobot's words, base to tip; LeKiwi's begin with arm_",
    )
    zero_deg: tuple[float, ...] = param(
        (), "LeRobot's angle where the model's joint is at 0; empty = 0"
    )
    sign: tuple[float, ...] = param(
        (), "1 or -1: whether both turn the same way; empty = 1", low=-1.0, high=1.0
    )
    gripper: str = param("gripper", "name of the gripper; empty = none")
    gripper_open_m: float = param(0.1, "its width at 100", low=0.001, high=1.0)
    drives: bool = param(False, "it has a base with x.vel and theta.vel, as LeKiwi")
    rate_hz: float = param(50.0, "exchanges with the robot", low=1.0, high=1000.0)
    timeout_s: float = param(0.1, "oldest accepted measurement", low=0.005, high=2.0)
    watchdog_s: float = param(
        0.1, "time without a command until nothing is sent", low=0.005, high=2.0
    )
    lead_rad: float = param(
        0.3, "most that a servo is told to be ahead of itself", low=0.02, high=1.0
    )
    margin_rad: float = param(0.03, "kept from joint limits", low=0.0, high=0.3)
    beyond_rad: float = param(
        0.2, "measured so far beyond a limit is no measurement", low=0.0, high=3.0
    )

    def __post_init__(self) -> None:
        """Check all ranges, and that lists fit the joints."""
        validate(self)
        for name in ("zero_deg", "sign"):
            values = getattr(self, name)
            if values and len(values) != len(self.joints):
                raise ConfigError(
                    f"LeRobotBodyConfig.{name} has {len(values)} values for "
                    f"{len(self.joints)} joints; give one for each, or none."
                )
        if not all(abs(value) == 1.0 for value in self.sign):
            raise ConfigError(
                f"LeRobotBodyConfig.sign = {self.sign}; allowed are 1 and -1. Correct "
                "the joint that is neither."
            )


@dataclass(frozen=True, kw_only=True)
class Posture:
    """Joints `q` (n,) [rad], `twist` (2,) [m/s, rad/s] and gripper [m] at a time [s].

    Either measured, or to be told.
    """

    stamp: float
    q: Array
    twist: Array
    gripper_m: float


class LeRobotWords:
    """Translates between a LeRobot robot and us.

    Args:
        config: names and units.
        limits: hard limits of the robot.
    """

    def __init__(self, config: LeRobotBodyConfig, limits: BodyLimits) -> None:
        n = len(config.joints)
        self._config = config
        self._zero = np.radians(config.zero_deg) if config.zero_deg else np.zeros(n)
        self._sign = np.array(config.sign) if config.sign else np.ones(n)
        self._low = limits.q_min - config.beyond_rad
        self._high = limits.q_max + config.beyond_rad
        self._pos = [f"{joint}.pos" for joint in config.joints]
        self._names = list(self._pos)
        self._names += [f"{config.gripper}.pos"] if config.gripper else []
        self._names += ["x.vel", "theta.vel"] if config.drives else []

    def measured(self, said: Mapping[str, Any], stamp: float) -> Posture | str:
        """What a robot said as a measurement, or why it is none."""
        if not set(self._names) <= set(said):
            return "values missing"
        try:
            values = np.array([float(said[name]) for name in self._names])
        except (TypeError, ValueError):
            return "not numbers"
        if not np.isfinite(values).all():
            return "not finite"
        n = len(self._pos)
        q = self._sign * (np.radians(values[:n]) - self._zero)
        if (q < self._low).any() or (q > self._high).any():
            return "beyond the joint limits"
        twist, gripper_m = np.zeros(2), 0.0
        if self._config.drives:
            twist = np.array([values[-2], math.radians(values[-1])])
        if self._config.gripper:
            gripper_m = float(values[n]) / 100.0 * self._config.gripper_open_m
        return Posture(stamp=stamp, q=q, twist=twist, gripper_m=gripper_m)

    def action(self, goal: Posture) -> dict[str, float]:
        """A goal in LeRobot's words."""
        degrees = np.degrees(self._sign * goal.q + self._zero)
        action = dict(zip(self._pos, degrees.tolist(), strict=True))
        if self._config.gripper:
            share = min(max(goal.gripper_m / self._config.gripper_open_m, 0.0), 1.0)
            action[f"{self._config.gripper}.pos"] = 100.0 * share
        if self._config.drives:
            action |= STANDING
            action["x.vel"] = float(goal.twist[0])
            action["theta.vel"] = math.degrees(goal.twist[1])
        return action
