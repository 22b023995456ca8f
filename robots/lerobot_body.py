"""Any LeRobot `Robot` with position servos (SO-101, LeKiwi, ...) as a `Body`.

Such a robot takes milliseconds to answer, so `exchange` talks to it in a thread of its
own, and `read` and `write` only look at what it left. Between the efforts of the fast
loop and the positions of the servos stands a `VirtualArm`.

A read that fails, holds NaN, lies beyond the joints' limits or is the last one again
is no measurement. Without a fresh measurement the state is NaN, which the reflex takes
for danger, and no new position is sent.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from neural_brain.models.errors import BodyError
from neural_brain.models.geometry import compose2
from neural_brain.models.impedance.virtual_arm import VirtualArm
from neural_brain.models.signals import ArmDynamics, BodyCommand, BodyLimits, BodyState
from neural_brain.robots.lerobot_words import (
    STANDING,
    LeRobotBodyConfig,
    LeRobotWords,
    Posture,
)

LONGEST_TICK_S = 0.02


class LeRobotDevice(Protocol):
    """The part of `lerobot.robots.Robot` that is used here."""

    @property
    def is_connected(self) -> bool:
        """Whether it can be read."""

    def get_observation(self) -> Mapping[str, Any]:
        """Newest values by name."""

    def send_action(self, action: dict[str, float]) -> Any:
        """Tell the servos their positions, the base its speed."""

    def disconnect(self) -> None:
        """Release it."""


class LeRobotBody:
    """The `Body` of a LeRobot robot.

    Args:
        robot: connected and calibrated; its angles must be degrees, not LeRobot's
            normalised -100..100.
        config: names, units and patience.
        limits: hard limits of the robot.
        dynamics: of its arm; owned by this object from now on.
        clock: time [s] of all stamps; never goes back.

    Attributes:
        measurement: the newest good one, None before the first.
        refused: reads and commands that could not be used, by reason.

    Raises:
        BodyError: if the robot is not connected or does not use degrees.
    """

    def __init__(
        self,
        robot: LeRobotDevice,
        config: LeRobotBodyConfig,
        limits: BodyLimits,
        dynamics: ArmDynamics,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        _check_robot(robot, config, limits)
        self.config, self.robot, self._limits = config, robot, limits
        self.measurement: Posture | None = None
        self.refused: Counter[str] = Counter()
        self._clock = clock
        self._words = LeRobotWords(config, limits)
        self._arm = VirtualArm(dynamics, limits, config.margin_rad)
        self._lock = threading.Lock()
        self._goal: Posture | None = None
        self._follows = False
        self._idle_gripper_m = (math.nan, 0.0)
        self._sent: dict[str, float] = {}
        self._said: Mapping[str, Any] | None = None
        self._pose = np.zeros(3)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def limits(self) -> BodyLimits:
        """Hard limits, fixed for the life of the body."""
        return self._limits

    def start(self) -> None:
        """Exchange with the robot in a thread until `close`."""
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def read(self) -> BodyState:
        """The joints as the servos were told; NaN if the measurement is stale.

        The measured ones are within `lead_rad` of them, see `measurement`.

        Raises:
            BodyError: before the first measurement, or after `close`.
        """
        now = self._clock()
        with self._lock:
            seen, q, dq = self.measurement, self._arm.q.copy(), self._arm.dq.copy()
            pose = self._pose.copy()
        if seen is None or self._closed:
            raise BodyError(self._silence())
        fresh = self._is_fresh(seen, now)
        unknown = 0.0 if fresh else math.nan
        return BodyState(
            stamp=now if fresh else seen.stamp,
            q=q + unknown,
            dq=dq + unknown,
            effort=np.zeros(q.size),
            twist_base=seen.twist + unknown,
            pose_odom_base=pose + unknown,
            wrench_ee=np.zeros(6),
            bumper=np.zeros(0, dtype=bool),
            gyro=np.zeros(3),
            accel=np.zeros(3),
            head=np.zeros(2),
            gripper_m=seen.gripper_m,
            battery=1.0,
        )

    def write(self, command: BodyCommand) -> None:
        """Move the virtual arm on by the time since the last command.

        Raises:
            BodyError: after `close`, for a wrong shape, NaN or infinity; what was told
                before then stays until the watchdog acts.
        """
        self._refuse_bad(command)
        now = self._clock()
        with self._lock:
            goal, seen, arm = self._goal, self.measurement, self._arm
            if seen is None or not self._is_fresh(seen, now):
                self._follows = False
                return
            if self._follows and goal is not None and self._is_timely(goal, now):
                arm.step(command.effort, min(now - goal.stamp, LONGEST_TICK_S))
            else:  # begin, or go on after a gap, where the arm really is
                arm.place(seen.q)
                self._follows = True
                self._idle_gripper_m = (command.gripper_m, seen.gripper_m)
            arm.stay_near(seen.q, self.config.lead_rad)
            bound = self._limits.twist_max
            self._goal = Posture(
                stamp=now,
                q=arm.q.copy(),
                twist=np.clip(command.twist_base, -bound, bound),
                gripper_m=self._gripper(command.gripper_m),
            )

    def exchange(self) -> None:
        """Read the robot once, and tell it the newest goal if all is fresh."""
        now = self._clock()
        try:
            self._take(self.robot.get_observation(), now)
        except Exception as error:  # drivers raise what they like
            self.refused[f"read failed: {type(error).__name__}"] += 1
        action = self._action(self._clock())
        if not action:
            return
        try:
            self.robot.send_action(dict(action))
            self._sent = action
        except Exception as error:
            self.refused[f"send failed: {type(error).__name__}"] += 1

    def close(self) -> None:
        """Stop the base, end the thread, disconnect the robot; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
        try:
            if self._sent and self.config.drives and self.robot.is_connected:
                self.robot.send_action({**self._sent, **STANDING})
        finally:
            if self.robot.is_connected:
                self.robot.disconnect()

    def _run(self) -> None:
        period_s = 1.0 / self.config.rate_hz
        due = time.monotonic()
        while not self._over.is_set():
            self.exchange()
            due = max(due + period_s, time.monotonic())
            self._over.wait(due - time.monotonic())

    def _take(self, said: Mapping[str, Any], now: float) -> None:
        """Accept what the robot said as the newest measurement, or refuse it."""
        seen: Posture | str = "nothing new"
        if said is not self._said:  # LeKiwi's client hands out its last one again
            seen = self._words.measured(said, now)
        self._said = said
        if isinstance(seen, str):
            self.refused[seen] += 1
            return
        with self._lock:
            if self.measurement is not None:
                dt = min(now - self.measurement.stamp, self.config.timeout_s)
                way = np.array([seen.twist[0], 0.0, seen.twist[1]]) * dt
                self._pose = compose2(self._pose, way)
            else:
                self._arm.place(seen.q)
            self.measurement = seen

    def _action(self, now: float) -> dict[str, float]:
        """What to send now; empty = nothing, and servos keep their last position."""
        with self._lock:
            goal, seen, follows = self._goal, self.measurement, self._follows
        if goal is None or seen is None:
            return {}
        if follows and self._is_timely(goal, now) and self._is_fresh(seen, now):
            return self._words.action(goal)
        return {**self._sent, **STANDING} if self._sent and self.config.drives else {}

    def _gripper(self, asked_m: float) -> float:
        """The asked opening [m]; as it was at the start until another is asked for.

        A controller that was not told an opening yet sends 0, and what the gripper
        holds must not be crushed or dropped by that.
        """
        idle_m, seen_m = self._idle_gripper_m
        if asked_m == idle_m:
            return seen_m
        self._idle_gripper_m = (math.nan, 0.0)
        return asked_m

    def _is_fresh(self, seen: Posture, now: float) -> bool:
        return now - seen.stamp <= self.config.timeout_s

    def _is_timely(self, goal: Posture, now: float) -> bool:
        return now - goal.stamp <= self.config.watchdog_s

    def _refuse_bad(self, command: BodyCommand) -> None:
        n = self._limits.q_min.size
        if self._closed:
            raise BodyError(_CLOSED)
        if command.effort.shape != (n,) or command.twist_base.shape != (2,):
            raise BodyError(
                f"A command has effort {command.effort.shape} and twist "
                f"{command.twist_base.shape}; expected ({n},) and (2,). Size it by the "
                "body's limits."
            )
        total = float(command.effort.sum() + command.twist_base.sum())
        if not math.isfinite(total + command.gripper_m):
            self.refused["command not finite"] += 1
            raise BodyError(
                "A command holds NaN or infinity; expected finite numbers. It was not "
                "used; check the controller's inputs."
            )

    def _silence(self) -> str:
        if self._closed:
            return _CLOSED
        reasons = ", ".join(self.refused) or "exchange() was not called"
        return (
            f"No measurement of {', '.join(self.config.joints)} yet ({reasons}). Call "
            "start(), switch the robot on, or correct the names of the joints."
        )


_CLOSED = "The body is closed; make a new one to go on."


def _check_robot(
    robot: LeRobotDevice, config: LeRobotBodyConfig, limits: BodyLimits
) -> None:
    if len(config.joints) != limits.q_min.size:
        raise BodyError(
            f"LeRobotBodyConfig.joints names {len(config.joints)} joints, the limits "
            f"are for {limits.q_min.size}. Give both for the same arm."
        )
    if not robot.is_connected:
        raise BodyError(
            "The LeRobot robot is not connected. Call its connect() first; "
            "`lerobot-find-port` finds its port, `lerobot-calibrate` calibrates it."
        )
    if getattr(getattr(robot, "config", None), "use_degrees", True) is not True:
        raise BodyError(
            "The LeRobot robot has use_degrees=False, so its angles are shares of a "
            "range that nobody here knows. Make its configuration with "
            "use_degrees=True."
        )
