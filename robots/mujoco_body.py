"""A simulated robot behind the Body contract, with its own driver-side watchdog."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import BodyError
from neural_brain.models.geometry import Array
from neural_brain.models.signals import (
    BodyCommand,
    BodyLimits,
    BodyState,
    LaserScan,
    RgbdFrame,
)
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.index import span
from neural_brain.sim.robots.limits import model_limits
from neural_brain.sim.robots.wheel_drive import WheelDrive
from neural_brain.sim.sensors import SensorsConfig, SensorSuite
from neural_brain.sim.simulation import Simulation


@dataclass(frozen=True, kw_only=True)
class MujocoBodyConfig:
    """Driver of the simulated robot."""

    watchdog_ticks: int = param(
        20, "ticks without a command until the body holds itself", low=1, high=1000
    )
    hold_damping: float = param(
        20.0, "joint damping of that hold [Nms/rad]", low=0.0, high=200.0
    )
    hold_stiffness_nm_rad: float = param(
        60.0, "joint stiffness of that hold [Nm/rad]", low=0.0, high=500.0
    )
    sensors: SensorsConfig = field(default_factory=SensorsConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class MujocoBody:
    """The `Body` of a robot in a simulation.

    A command acts until the next one, for at most `watchdog_ticks`; then the arm holds
    itself softly and the base stops. Efforts beyond the limits are clipped and counted
    in `violations`, as a real driver would refuse them.

    Args:
        simulation: the world with the robot.
        config: driver and sensors.
        limits: hard limits; the published ones of the robot's kind when None.
        seed: seed of all sensor noise.
        posture: arm joints at the start (n,) [rad]; as the model has them when None.
    """

    def __init__(
        self,
        simulation: Simulation,
        config: MujocoBodyConfig | None = None,
        *,
        limits: BodyLimits | None = None,
        seed: int = 0,
        posture: Array | None = None,
    ) -> None:
        self.config = config or MujocoBodyConfig()
        self.simulation = simulation
        self._limits = model_limits(simulation.model) if limits is None else limits
        index, data = simulation.index, simulation.data
        self._n = index.arm_q.size
        self._arm_q = span(data.qpos, index.arm_q)
        self._arm_dq = span(data.qvel, index.arm_dof)
        self._arm_bias = span(data.qfrc_bias, index.arm_dof)
        self._arm_ctrl = span(data.ctrl, index.arm_ctrl)
        self._head_ctrl = span(data.ctrl, index.head_ctrl)
        self._finger_ctrl = span(data.ctrl, index.finger_ctrl)
        self._effort_max = self._limits.effort_max.tolist()
        self._effort_step = (self._limits.effort_rate_max * TICK_S).tolist()
        simulation.place_arm(posture)
        # Held from the start, or the first wrench is that of a falling arm.
        self._arm_ctrl[:] = self._arm_bias
        mujoco.mj_forward(simulation.model, data)
        self.drive = WheelDrive(data, index, self._limits)
        self.sensors = SensorSuite(self.config.sensors, simulation, seed)
        self.violations: Counter[str] = Counter()
        self._written = -(10**9)
        self._hold_q: Array | None = None
        self._closed = False

    @property
    def limits(self) -> BodyLimits:
        """Hard limits, fixed for the life of the body."""
        return self._limits

    @property
    def tick_s(self) -> float:
        """Simulated time [s] that `advance` takes."""
        return TICK_S

    def read(self) -> BodyState:
        """The state at this tick as the robot's sensors show it.

        Raises:
            BodyError: after `close`.
        """
        if self._closed:
            raise BodyError(_CLOSED)
        return self.sensors.read()

    def poll(self) -> tuple[LaserScan | None, RgbdFrame | None]:
        """A scan and a frame, each None unless one arrived since the last call.

        Raises:
            BodyError: after `close`.
            RenderError: if the camera is on and no OpenGL back end works.
        """
        if self._closed:
            raise BodyError(_CLOSED)
        return self.sensors.poll()

    def write(self, command: BodyCommand) -> None:
        """Apply a command until the next one or the watchdog.

        Raises:
            BodyError: after `close`, for a wrong shape, NaN or infinity; the previous
                command then stays until the watchdog acts.
        """
        if self._closed:
            raise BodyError(_CLOSED)
        self._refuse_bad(command)
        self._apply_effort(command.effort)
        if self.drive.command(command.twist_base):
            self.violations["twist"] += 1
        if self._head_ctrl.size:
            self._head_ctrl[:] = command.head
        if self._finger_ctrl.size:
            self._finger_ctrl[:] = 0.5 * command.gripper_m
        self._written = self.simulation.tick
        self._hold_q = None

    def advance(self) -> None:
        """One tick of 1 ms.

        Raises:
            SimulationError: if the physics diverged; it names the state dump.
        """
        if self.simulation.tick - self._written >= self.config.watchdog_ticks:
            self._hold()
        self.drive.update()
        self.simulation.step()

    @property
    def holding(self) -> bool:
        """True while the watchdog holds the robot."""
        return self._hold_q is not None

    def close(self) -> None:
        """Release the simulation's resources; safe to call twice."""
        self._closed = True
        self.sensors.close()

    def _apply_effort(self, effort: Array) -> None:
        """Clip to limit and rate; plain floats are faster than arrays of seven."""
        too_much = too_fast = False
        applied = self._arm_ctrl.tolist()
        for i, wanted in enumerate(effort.tolist()):
            limit, step, last = self._effort_max[i], self._effort_step[i], applied[i]
            if -limit <= wanted <= limit and -step <= wanted - last <= step:
                applied[i] = wanted
                continue
            clipped = min(max(wanted, -limit), limit)
            applied[i] = min(max(clipped, last - step), last + step)
            too_much |= abs(wanted) > limit + 1e-9
            too_fast |= abs(clipped - last) > step + 1e-6
        self._arm_ctrl[:] = applied
        if too_much:
            self.violations["effort"] += 1
        if too_fast:
            self.violations["effort rate"] += 1

    def _hold(self) -> None:
        if self._hold_q is None:
            self._hold_q = self._arm_q.copy()
        self.drive.stop()
        if self._n:
            config = self.config
            effort = self._arm_bias - config.hold_damping * self._arm_dq
            effort += config.hold_stiffness_nm_rad * (self._hold_q - self._arm_q)
            limit = self._limits.effort_max
            self._arm_ctrl[:] = np.clip(effort, -limit, limit)

    def _refuse_bad(self, command: BodyCommand) -> None:
        if command.effort.shape != (self._n,) or command.twist_base.shape != (2,):
            raise BodyError(
                f"A command has effort {command.effort.shape} and twist "
                f"{command.twist_base.shape}; expected ({self._n},) and (2,). Size it "
                "by the body's limits."
            )
        effort, twist, head = command.effort, command.twist_base, command.head
        total = effort.dot(effort) + twist.dot(twist) + head.dot(head)
        if not math.isfinite(total + command.gripper_m):
            self.violations["not finite"] += 1
            raise BodyError(
                "A command holds NaN or infinity; expected finite efforts, twist, head "
                "and gripper. It was not applied; check the controller's inputs."
            )


_CLOSED = "The body is closed; make a new one to go on."
