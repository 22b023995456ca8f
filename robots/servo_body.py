"""A simulated arm whose joints have position servos, as most robots on sale do.

It takes `BodyCommand.q` or, integrated in the drive as industrial controllers do it,
`BodyCommand.dq`; efforts are ignored. Between command and joint lie a bus delay and a
servo of second order with the joint's own inertia.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import mujoco
import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import BodyError
from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyCommand
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots import READY
from neural_brain.sim.robots.arm import JOINTS
from neural_brain.sim.simulation import Simulation


@dataclass(frozen=True, kw_only=True)
class ServoConfig:
    """Servos and bus of the simulated arm."""

    command: str = param("position", "what is taken", choices=("position", "velocity"))
    delay_s: float = param(0.004, "of the bus", low=0.0, high=0.1)
    bandwidth_rad_s: float = param(
        120.0, "natural frequency of a joint", low=10.0, high=400.0
    )
    ratio: float = param(1.0, "damping ratio of a joint", low=0.3, high=2.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)

    @property
    def lag_s(self) -> float:
        """Delay and time constant in all [s], as seen by slow motions."""
        return self.delay_s + 2.0 * self.ratio / self.bandwidth_rad_s


def add_servos(spec: mujoco.MjSpec, config: ServoConfig, effort_max: Array) -> None:
    """Turn the motors of the arm in a specification into position servos.

    Gains suit the joints' inertia in the ready posture.

    Args:
        spec: a world with an arm of `sim.robots.add_robot`.
        config: bandwidth and damping ratio.
        effort_max: of every joint (n,) [Nm].
    """
    arm = arm_dynamics()
    arm.update(READY, np.zeros(arm.n))
    inertia = arm.mass.diagonal().tolist()
    for name, mass, most in zip(JOINTS, inertia, effort_max.tolist(), strict=True):
        actuator = spec.actuator(name)
        stiffness = mass * config.bandwidth_rad_s**2
        damping = 2.0 * config.ratio * mass * config.bandwidth_rad_s
        actuator.set_to_position(kp=stiffness, kv=damping)
        actuator.ctrllimited = False
        actuator.forcelimited = True
        actuator.forcerange = [-most, most]


class ServoBody(MujocoBody):
    """The `Body` of a simulated arm with servos made by `add_servos`.

    The drive adds gravity itself, the steady part of an integral gain.

    Args:
        simulation: the world.
        servo: what is taken and how late it acts.
        config: driver and sensors.
        seed: seed of all sensor noise.
        posture: arm joints at the start (n,) [rad].
    """

    def __init__(
        self,
        simulation: Simulation,
        servo: ServoConfig,
        config: MujocoBodyConfig | None = None,
        *,
        seed: int = 0,
        posture: Array | None = None,
    ) -> None:
        super().__init__(simulation, config, seed=seed, posture=posture)
        self.servo = servo
        actuators = simulation.index.arm_ctrl
        self._per_stiffness = 1.0 / simulation.model.actuator_gainprm[actuators, 0]
        self._reference: Array = self._arm_q.copy()
        self._speed: Array = np.zeros(self._n)
        self._bus: deque[Array] = deque()
        self._drive()
        mujoco.mj_forward(simulation.model, simulation.data)

    def write(self, command: BodyCommand) -> None:
        """Send joint positions or velocities over the bus.

        Raises:
            BodyError: if the command holds none, or as `MujocoBody.write` says.
        """
        position = self.servo.command == "position"
        wanted = command.q if position else command.dq
        if wanted is None or wanted.shape != (self._n,):
            raise BodyError(
                f"A command has no joint {self.servo.command}s of shape ({self._n},), "
                "which this arm takes. Put an AdmittanceBody between loop and robot."
            )
        if not np.isfinite(wanted).all():
            raise BodyError(
                f"A command holds joint {self.servo.command}s {wanted}; expected "
                "finite ones. It was not applied; check the controller's inputs."
            )
        super().write(command)
        self._bus.append(wanted.copy())

    def advance(self) -> None:
        """One tick of 1 ms.

        Raises:
            SimulationError: if the physics diverged; it names the state dump.
        """
        if len(self._bus) > round(self.servo.delay_s / TICK_S):
            self._take(self._bus.popleft())
        self._reference += TICK_S * self._speed
        self._drive()
        super().advance()

    def _take(self, wanted: Array) -> None:
        if self.servo.command == "position":
            self._reference[:] = wanted
        else:
            self._speed[:] = wanted

    def _drive(self) -> None:
        self._arm_ctrl[:] = self._reference + self._arm_bias * self._per_stiffness

    def _apply_effort(self, effort: Array) -> None:
        """Efforts mean nothing to these servos."""

    def _hold(self) -> None:
        """Stay at the last position when commands stop."""
        if self._hold_q is None:
            self._hold_q = self._reference.copy()
        self._bus.clear()
        self._speed[:] = 0.0
        self.drive.stop()
