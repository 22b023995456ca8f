"""A simulated arm that follows joint targets, guarded by our reflex.

Policies and scripts move it by joint positions a few times a second; impedance and
reflex run at 1 kHz in between, as they would on a robot. Time is simulated: every `act`
lets one period pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import ArmContactConfig, GuardConfig, ReflexConfig
from neural_brain.models.signals import (
    ArmMode,
    BodyLimits,
    BodyState,
    MotionTarget,
    ReflexEvent,
    ReflexLevel,
)
from neural_brain.robots.audit import CommandAudit
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.sim.button import BUTTON_HIGH, BUTTON_LOW, add_button
from neural_brain.sim.empty_room import room_spec
from neural_brain.sim.render import Painter
from neural_brain.sim.robots import READY, add_robot, rest_posture
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation

_STIFFNESS = np.diag([300.0] * 3 + [20.0] * 3)
_SETTLE_TICKS = 100


@dataclass(frozen=True, kw_only=True)
class GuardedArmConfig:
    """Which arm, how often it is told something, and its picture."""

    kind: str = param("arm", "robot", choices=("arm", "so101", "ur5e"))
    button: bool = param(False, "a button within reach of `arm`")
    rate_hz: float = param(20.0, "joint targets", low=7.0, high=200.0)
    contact: bool = param(
        True, "touching is intended: the reflex acts at its force limit's share"
    )
    width: int = param(160, "of the picture [px]", low=16, high=1920)
    height: int = param(120, "of the picture [px]", low=16, high=1080)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class GuardedArm:
    """An arm in an empty room.

    Args:
        config: arm, rate and picture.
        seed: where the button is, and sensor noise.

    Attributes:
        state: the newest body state.
        button: top of the button (3,) [m] in `base_link`, as it is.
        audit: counts commands outside the limits; there should be none.
    """

    def __init__(self, config: GuardedArmConfig, seed: int = 0) -> None:
        self.config = config
        spec = room_spec()
        if config.button:
            add_button(spec)
        add_robot(spec, config.kind)
        self._model = spec.compile()
        self._painter: Painter | None = None
        self._view = _camera(config.kind)
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """Begin anew: arm at rest, button somewhere else, reflex NOMINAL."""
        rng = np.random.default_rng(seed)
        kind = self.config.kind
        ours = kind == "arm"
        self.simulation = Simulation(self._model)
        self.button: Array = rng.uniform(BUTTON_LOW, BUTTON_HIGH)
        if self.config.button:
            self.simulation.data.mocap_pos[0] = self.button
        sensors = SensorsConfig(camera_on=False, lidar_on=False)
        self.body = MujocoBody(
            self.simulation,
            MujocoBodyConfig(sensors=sensors),
            seed=seed,
            posture=READY if ours else rest_posture(kind),
        )
        self.fast = FastLoop(self._fast_config(), arm_dynamics(kind=kind), self.limits)
        self.audit = CommandAudit(self.limits)
        self.state: BodyState = self.body.read()
        self._asked = self.state.q.copy()
        self._periods = self._ticks = 0
        self._settle()

    @property
    def limits(self) -> BodyLimits:
        """Hard limits of the arm."""
        return self.body.limits

    @property
    def level(self) -> ReflexLevel:
        """Present reflex level."""
        return self.fast.level

    @property
    def force_n(self) -> float:
        """True force [N] of the tool on the button."""
        return float(self.simulation.truth.tool_contacts.get("button", 0.0))

    @property
    def peak_force_n(self) -> float:
        """Greatest true force [N] of the arm on anything since the start."""
        return float(self.simulation.truth.peak_arm_force_n)

    def act(self, q: Array, gripper_m: float = 0.0) -> Array:
        """Go towards joint positions for one period.

        Args:
            q: wanted joints (n,) [rad]; what is not finite is refused by the reflex,
                what is beyond the limits is brought inside.
            gripper_m: wanted opening [m].

        Returns:
            The joints (n,) [rad] that are really aimed at: the last accepted ones, or
            the measured ones while the reflex holds the arm.

        Raises:
            SimulationError: if the physics diverged.
        """
        q = np.asarray(q, dtype=np.float64)
        if self.send(self.target(q, gripper_m)):
            self._asked = np.clip(q, self.limits.q_min, self.limits.q_max)
        return self.state.q.copy() if self.level >= ReflexLevel.HOLD else self._asked

    def send(self, target: MotionTarget) -> bool:
        """Offer any target and let one period pass; whether it was accepted."""
        accepted = self.fast.set_target(target)
        self._periods += 1
        end = round(1000.0 * self._periods / self.config.rate_hz)
        self._run(end - self._ticks)
        self._ticks = end
        return accepted

    def target(self, q: Array, gripper_m: float = 0.0) -> MotionTarget:
        """A joint target q (n,) [rad] of now."""
        return MotionTarget(
            stamp=self.state.stamp,
            twist_base=np.zeros(2),
            mode=ArmMode.JOINT,
            q_target=q,
            T_base_ee=np.eye(4),
            stiffness=_STIFFNESS,
            wrench_ff=np.zeros(6),
            contact=self.config.contact,
            head=np.zeros(2),
            gripper_m=gripper_m,
        )

    def pop_events(self) -> list[ReflexEvent]:
        """What the reflex did since the last call."""
        return self.fast.pop_events()

    def picture(self) -> NDArray[np.uint8]:
        """The arm from in front: colour (h, w, 3).

        Raises:
            RenderError: if no OpenGL back end works.
        """
        if self._painter is None:
            config = self.config
            self._painter = Painter(self._model, config.width, config.height)
        rgb, _ = self._painter.draw(self.simulation.data, self._view)
        return rgb

    def close(self) -> None:
        """Free the simulation and the picture; safe to call twice."""
        self.body.close()
        if self._painter is not None:
            self._painter.close()
            self._painter = None

    def _run(self, ticks: int) -> None:
        for _ in range(ticks):
            command = self.fast.tick(self.state)
            self.audit.check(command)
            self.body.write(command)
            self.body.advance()
            self.state = self.body.read()

    def _settle(self) -> None:
        """The reflex begins with HOLD and leaves it when it has seen good inputs."""
        for _ in range(_SETTLE_TICKS // 10):
            self.fast.set_target(self.target(self._asked, 0.0))
            self._run(10)
        self.fast.pop_events()

    def _fast_config(self) -> FastConfig:
        """No lidar here; every target is reached when the next one comes.

        The gears of an SO-101 rub more than a contact would push.
        """
        guards = GuardConfig(lidar_required=False)
        arm = ArmContactConfig(enabled=self.config.kind != "so101")
        period_s = min(1.0 / self.config.rate_hz, 0.5)
        return FastConfig(
            reflex=ReflexConfig(guards=guards, arm=arm),
            impedance=ImpedanceConfig(target_period_s=period_s),
        )


def _camera(kind: str) -> mujoco.MjvCamera:
    """A free camera that sees the whole arm from the front left."""
    camera = mujoco.MjvCamera()
    camera.type = int(mujoco.mjtCamera.mjCAMERA_FREE)
    small = kind == "so101"
    camera.lookat[:] = (0.2, 0.0, 0.5) if small else (0.4, 0.0, 0.75)
    camera.distance = 0.9 if small else 1.6
    camera.azimuth, camera.elevation = 140.0, -25.0
    return camera
