"""A fast loop that is fed with made-up inputs, and ways to spoil them.

Used by the property tests of the loop and by the benchmark `reflex-fuzz`.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any, TypeVar

import numpy as np

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.signals import (
    ArmMode,
    BodyCommand,
    BodyLimits,
    BodyState,
    LaserScan,
    MotionTarget,
    ReflexEvent,
    ReflexLevel,
)
from neural_brain.robots.dynamics import MujocoArm, arm_dynamics
from neural_brain.sim.robots import READY, panda

DT = 1e-3
LIMITS = BodyLimits(
    q_min=panda.Q_MIN,
    q_max=panda.Q_MAX,
    dq_max=panda.DQ_MAX,
    effort_max=panda.EFFORT_MAX,
    effort_rate_max=panda.EFFORT_RATE_MAX,
    twist_max=np.array([0.7, 1.5]),
    accel_max=np.array([1.0, 3.0]),
    radius_m=0.27,
)
_MOST: Array = np.concatenate((panda.EFFORT_MAX, LIMITS.twist_max))
_STEP: Array = np.concatenate((panda.EFFORT_RATE_MAX, LIMITS.accel_max)) * DT + 1e-9
POISON = (np.nan, np.inf, -np.inf, 5e-324, -2e-308, 0.0, -1.0, 1e9, -1e200, 1e308)
KINDS = (
    "good", "push", "wall", "state", "stamp", "target", "flood", "junk", "person",
)  # fmt: skip
STATES = ("q", "dq", "wrench_ee", "twist_base", "pose_odom_base", "effort")
TARGETS = ("twist_base", "q_target", "T_base_ee", "stiffness", "wrench_ff", "head")
FLOOD = 15
_Signal = TypeVar("_Signal", BodyState, MotionTarget)


@functools.cache
def _plain_arm() -> MujocoArm:
    """For the pose of the hand at some joints."""
    return arm_dynamics()


class Line:
    """A fast loop fed with made-up states; what arrives can be tampered with.

    The joints stand still, whatever is sent; `fuzz_arm.py` has an arm that moves.

    Args:
        q: joint positions (7,) [rad] that the states report.
        fast: the loop; one with default parameters if None.

    Attributes:
        commands, levels, events: what came out, one command and level per tick.
        points: obstacles (n, 2) [m] in the scans. twist: (2,) that targets ask for.
    """

    def __init__(self, q: Array = READY, fast: FastLoop | None = None) -> None:
        self.fast = fast or FastLoop(FastConfig(), arm_dynamics(), LIMITS)
        self.q, self.dq, self.twist = q, np.zeros(7), np.array([0.3, 0.2])
        arm = _plain_arm()
        arm.update(q, self.dq)
        self.home = arm.T_base_ee.copy()  # so nothing pulls at the fixed joints
        self.points = np.zeros((0, 2))
        self.ticks = 0
        self.commands: list[BodyCommand] = []
        self.levels: list[ReflexLevel] = []
        self.events: list[ReflexEvent] = []

    @property
    def t(self) -> float:
        """Present time [s]."""
        return self.ticks * DT

    def state(self, **changes: Any) -> BodyState:
        """A good state at the present time, with changes."""
        zero = np.zeros(3)
        values: dict[str, Any] = {
            "stamp": self.t,
            "q": self.q.copy(),
            "dq": self.dq.copy(),
            "effort": np.zeros(7),
            "twist_base": np.zeros(2),
            "pose_odom_base": zero,
            "wrench_ee": np.zeros(6),
            "bumper": np.zeros(8, bool),
            "gyro": zero,
            "accel": zero,
            "head": np.zeros(2),
            "gripper_m": 0.0,
            "battery": 1.0,
        }
        return BodyState(**{**values, **changes})

    def target(self, **changes: Any) -> MotionTarget:
        """A good target at the present time, with changes."""
        values: dict[str, Any] = {
            "stamp": self.t,
            "twist_base": self.twist,
            "mode": ArmMode.CARTESIAN,
            "q_target": self.q,
            "T_base_ee": self.home,
            "wrench_ff": np.zeros(6),
            "contact": False,
            "stiffness": np.diag([400.0] * 3 + [30.0] * 3),
            "head": np.zeros(2),
            "gripper_m": 0.0,
        }
        return MotionTarget(**{**values, **changes})

    def scan(self, **changes: Any) -> LaserScan:
        """A scan that shows `points`, with changes."""
        ranges = np.full(360, np.inf)
        for x, y in self.points:
            ranges[round(np.degrees(np.arctan2(y, x)) + 180) % 360] = np.hypot(x, y)
        values: dict[str, Any] = {
            "stamp": self.t,
            "angle_min": -np.pi,
            "angle_increment": np.pi / 180,
            "range_min": 0.1,
            "range_max": 10.0,
            "ranges": ranges,
            "pose_base_laser": np.zeros(3),
        }
        return LaserScan(**{**values, **changes})

    def tick(
        self, body: Any = None, *, targets: bool = True, scans: bool = True
    ) -> BodyCommand:
        """One tick with `body` (a good state if None); scans and targets when due."""
        if scans and self.ticks % 100 == 0:
            self.fast.set_scan(self.scan())
        if targets and self.ticks % 50 == 0:
            self.fast.set_target(self.target())
        self.commands.append(self.fast.tick(self.state() if body is None else body))
        self.levels.append(self.fast.level)
        self.events += self.fast.pop_events()
        self.ticks += 1
        return self.commands[-1]


def poisoned(
    value: _Signal, names: tuple[str, ...], name: int, index: int, poison: float
) -> _Signal:
    """A copy of a signal with one poisoned number."""
    chosen = names[name % len(names)]
    bad = np.array(getattr(value, chosen), dtype=float)
    bad.flat[index % bad.size] = poison
    return dataclasses.replace(value, **{chosen: bad})


def disturb(line: Line, kind: str, name: int, index: int, poison: float) -> Any:
    """Do what an event says; the state that this tick sees."""
    body: Any = line.state()
    if kind == "state":
        body = poisoned(body, STATES, name, index, poison)
    elif kind == "push":
        wrench = np.zeros(6)
        wrench[index % 3] = 16.0 * (name - 2.5)
        body = line.state(wrench_ee=wrench, bumper=np.arange(8) == index)
    elif kind == "wall":
        angle = np.radians(10.0 * index)
        direction = np.array([[np.cos(angle), np.sin(angle)]])
        line.points = (0.25 + 0.1 * name) * direction if name else np.zeros((0, 2))
        line.fast.set_scan(line.scan())
    elif kind == "stamp":
        body = line.state(stamp=line.t + poison)
    elif kind == "target":
        line.fast.set_target(poisoned(line.target(), TARGETS, name, index, poison))
    elif kind == "flood":
        for _ in range(FLOOD):
            line.fast.set_target(line.target(twist_base=line.twist * (1 - name)))
            line.fast.set_scan(line.scan(stamp=line.t + (poison if index % 2 else 0.0)))
    elif kind == "junk":
        body = (None, 3, "state", [], body, object())[name]
        line.fast.set_target(body)
        line.fast.set_scan(body)
    elif kind == "person":
        (line.fast.estop if name == 0 else line.fast.reset)()
    return body


def faults(command: BodyCommand, last: BodyCommand | None) -> list[str]:
    """What is wrong with a command after the last one; nothing, we hope."""
    values = np.concatenate((command.effort, command.twist_base))
    fine = bool((np.abs(values) <= _MOST).all())
    if last is not None:
        step = values - np.concatenate((last.effort, last.twist_base))
        fine = fine and bool((np.abs(step) <= _STEP).all())
    if fine and math.isfinite(command.head.sum() + command.gripper_m):
        return []
    return _named_faults(command, last)


def _named_faults(command: BodyCommand, last: BodyCommand | None) -> list[str]:
    found = []
    total = command.effort.sum() + command.twist_base.sum() + command.head.sum()
    if not np.isfinite(total + command.gripper_m):
        found.append("not finite")
    if not (np.abs(command.effort) <= panda.EFFORT_MAX).all():
        found.append("effort")
    if not (np.abs(command.twist_base) <= LIMITS.twist_max).all():
        found.append("twist")
    if last is not None:
        step = np.abs(command.effort - last.effort)
        if not (step <= panda.EFFORT_RATE_MAX * DT + 1e-9).all():
            found.append("effort rate")
        jump = np.abs(command.twist_base - last.twist_base)
        if not (jump <= LIMITS.accel_max * DT + 1e-9).all():
            found.append("acceleration")
    return found
