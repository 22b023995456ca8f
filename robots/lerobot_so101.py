"""An SO-101 of LeRobot, ready for the fast loop: limits and dynamics of its model."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.reflex import GuardConfig, ReflexConfig
from neural_brain.models.signals import BodyLimits
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.lerobot_body import LeRobotBody, LeRobotDevice
from neural_brain.robots.lerobot_words import LeRobotBodyConfig
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.robots.limits import model_limits


def so101_limits() -> BodyLimits:
    """Hard limits of an SO-101 that stands still.

    Raises:
        ConfigError: if the package with its model is not installed.
    """
    return replace(model_limits(build_room("so101")), twist_max=np.zeros(2))


def so101_body(
    robot: LeRobotDevice,
    config: LeRobotBodyConfig | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> LeRobotBody:
    """A connected SO-101 follower as a `Body`; call its `start`.

    Args:
        robot: such as `lerobot.robots.so_follower.SO101Follower`.
        config: names, units and patience.
        clock: time [s] of all stamps.

    Raises:
        BodyError: if the robot is not connected or does not use degrees.
        ConfigError: if the package with its model is not installed.
    """
    dynamics = arm_dynamics(kind="so101")
    wanted = config or LeRobotBodyConfig()
    return LeRobotBody(robot, wanted, so101_limits(), dynamics, clock=clock)


def so101_fast_loop() -> FastLoop:
    """Impedance and reflex of an SO-101, which has neither lidar nor force sensor."""
    guards = GuardConfig(lidar_required=False)
    config = FastConfig(reflex=ReflexConfig(guards=guards))
    return FastLoop(config, arm_dynamics(kind="so101"), so101_limits())
