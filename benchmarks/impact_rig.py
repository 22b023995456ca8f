"""A moving arm that hits something: the world, the contact, and three controllers.

The thing in the way is a half-space whose force on the fingertips is a spring and a
damper of known stiffness, so that 1e3 to 1e5 N/m are exact; everything else is MuJoCo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import mujoco
import numpy as np

from neural_brain.benchmarks.engines import Engine, add_loaded_arm, blind, on_mujoco
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import ArmImpedance, ImpedanceConfig
from neural_brain.models.reflex import (
    ForceConfig,
    GuardConfig,
    ReflexConfig,
    WatchdogConfig,
)
from neural_brain.models.signals import (
    ArmMode,
    BodyCommand,
    BodyLimits,
    BodyState,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.robots import MujocoBody, arm_dynamics
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots import READY
from neural_brain.sim.robots.hand import EE, HAND
from neural_brain.sim.sensors import WrenchConfig
from neural_brain.sim.simulation import Simulation

STIFFNESS = np.diag([600.0] * 3 + [40.0] * 3)
START_TICKS, SETTLE_TICKS, AFTER_TICKS = 50, 200, 300
WAY_M, ARRIVED_M, SLOWEST_M_S = 0.2, 0.19, 0.05
PLAIN = ImpedanceConfig(impact_stiffness_n_m=0.0)
"""One speed limit for all directions, as is usual."""
CONTACT_DAMPING_RATIO, CONTACT_MASS_KG = 0.2, 3.0
SLIP_M_S = 0.01
_SLOW = ReflexLevel.SLOW


@dataclass(frozen=True, kw_only=True)
class Impact:
    """One contact; `gap_m` from the hand, none if infinite.

    `friction` is Coulomb's, along the face; `contact` says whether it is intended.
    """

    direction: Array
    speed_m_s: float
    gap_m: float
    stiffness_n_m: float
    payload_kg: float
    latency_s: float
    seed: int
    friction: float = 0.0
    contact: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What happened.

    Attributes:
        force_n: true contact force, every tick (t,).
        wrench: as measured, every tick (t, 6).
        acted: tick at which the reflex acted, None if it did not.
        arrived_s: time [s] that 0.19 m of the way took, NaN if it did not get there.
        warned: tick at which it slowed the hand down, or acted; None if neither.
    """

    force_n: Array
    wrench: Array
    acted: int | None
    arrived_s: float
    warned: int | None = None


class Controller(Protocol):
    """Efforts from states and targets; `acted` once its reflex acts."""

    acted: bool

    def tick(self, body: BodyState, target: MotionTarget) -> Array:
        """Efforts (n,) [Nm] of this tick."""


class Guarded:
    """The fast loop of this package; `collision_n` is its threshold."""

    def __init__(
        self,
        limits: BodyLimits,
        payload_kg: float,
        collision_n: float,
        impedance: ImpedanceConfig | None = None,
        watchdog: WatchdogConfig | None = None,
    ):
        force = replace(ForceConfig(), collision_n=collision_n)
        guards = GuardConfig(lidar_required=False)
        reflex = ReflexConfig(
            force=force, guards=guards, watchdog=watchdog or WatchdogConfig()
        )
        config = FastConfig(reflex=reflex, impedance=impedance or ImpedanceConfig())
        self.fast = FastLoop(config, arm_dynamics(payload_kg), limits)
        self._target: MotionTarget | None = None
        self.acted = self.warned = self._moves = False

    def tick(self, body: BodyState, target: MotionTarget) -> Array:
        """Efforts (n,) [Nm] of this tick."""
        if target is not self._target:
            self._target = target
            self.fast.set_target(target)
        effort = self.fast.tick(body).effort
        self.acted |= self.fast.level >= ReflexLevel.RETRACT
        self.warned |= self.acted or (self._moves and self.fast.level is _SLOW)
        self._moves |= self.fast.level is ReflexLevel.NOMINAL
        return effort


class Frozen:
    """Fixed threshold in front of the same impedance: above it the arm stands still.

    From then on it keeps the pose that it had, with the stiffness of the motion. An
    infinite threshold is no reflex at all. The speed limit is the plain one, unless
    another impedance is given.
    """

    def __init__(
        self,
        limits: BodyLimits,
        payload_kg: float,
        threshold_n: float,
        impedance: ImpedanceConfig = PLAIN,
    ):
        self._dynamics = arm_dynamics(payload_kg)
        self._arm = ArmImpedance(impedance, self._dynamics, limits)
        self._threshold_n = threshold_n
        self._stand: MotionTarget | None = None
        self.acted = False

    def tick(self, body: BodyState, target: MotionTarget) -> Array:
        """Efforts (n,) [Nm] of this tick."""
        force = float(np.linalg.norm(body.wrench_ee[:3]))
        if self._stand is None and force > self._threshold_n:
            self._dynamics.update(body.q, body.dq)
            here = self._dynamics.T_base_ee.copy()
            self._stand = replace(target, T_base_ee=here, q_target=body.q.copy())
            self._arm.release()
            self.acted = True
        return self._arm.tick(body, self._stand or target, TICK_S)


class SoftWall:
    """Half-space that pushes a point back like a spring and a damper.

    Args:
        simulation: the arm's.
        impact: way, gap and stiffness.
        link: body whose origin is pushed; the fingertips of the hand when None.
    """

    def __init__(
        self, simulation: Simulation, impact: Impact, link: str | None = None
    ) -> None:
        model, self._data = simulation.model, simulation.data
        self._body = model.body(link or HAND).id
        self._point = (
            self._data.site_xpos[model.site(EE).id]
            if link is None
            else self._data.xpos[self._body]
        )
        self._way = impact.direction
        self._k, self._c = impact.stiffness_n_m, _damping(impact.stiffness_n_m)
        self._face = float(self._tip.dot(self._way)) + impact.gap_m
        self._depth = -impact.gap_m
        self._friction = impact.friction
        self._at = self._tip.copy()
        self.force_n = 0.0
        simulation.hooks.append(self._push)

    def harden(self, stiffness_n_m: float) -> None:
        """Be that stiff from here on; the force of the spring goes on from its own."""
        self._face += max(self._depth, 0.0) * (1.0 - self._k / stiffness_n_m)
        self._depth = self.along_m - self._face
        self._k, self._c = stiffness_n_m, _damping(stiffness_n_m)

    def come(self, way_m: float) -> None:
        """Move towards the hand by so much."""
        self._face -= way_m

    @property
    def along_m(self) -> float:
        """Where the point is along the way [m]."""
        return float(self._tip.dot(self._way))

    @property
    def _tip(self) -> Array:
        return np.asarray(self._point)

    def _push(self) -> None:
        depth = float(self._tip.dot(self._way)) - self._face
        speed = (depth - self._depth) / TICK_S if depth > 0.0 else 0.0
        self._depth = depth
        self.force_n = max(self._k * max(depth, 0.0) + self._c * speed, 0.0)
        force = -self.force_n * self._way
        if self._friction:
            force += self._rub()
        row = self._data.xfrc_applied[self._body]
        row[:3] = force
        row[3:] = np.cross(self._tip - self._data.xipos[self._body], force)

    def _rub(self) -> Array:
        """Friction (3,) [N] against the motion along the face, smooth at rest."""
        slip = (self._tip - self._at) / TICK_S
        self._at = self._tip.copy()
        slip -= slip.dot(self._way) * self._way
        speed = max(float(np.linalg.norm(slip)), SLIP_M_S)
        return np.asarray(-self._friction * self.force_n * slip / speed)


def _damping(stiffness_n_m: float) -> float:
    """Damping [Ns/m] of a contact."""
    critical = 2.0 * np.sqrt(stiffness_n_m * CONTACT_MASS_KG)
    return float(CONTACT_DAMPING_RATIO * critical)


def build_body(impact: Impact, engine: Engine = on_mujoco) -> MujocoBody:
    """A fixed Franka-like arm that holds the payload; the force sensor lags."""
    spec = mujoco.MjSpec()
    add_loaded_arm(spec, impact.payload_kg)
    return engine(
        spec.compile(), blind(WrenchConfig(delay_s=impact.latency_s)), seed=impact.seed
    )


def strike(body: MujocoBody, controller: Controller, impact: Impact) -> Outcome:
    """Move the hand 0.2 m along the direction, through whatever is in the way."""
    wake(body)
    wall = SoftWall(body.simulation, impact)
    home = home_pose(impact.payload_kg)
    forces: list[float] = []
    wrenches: list[Array] = []
    start_m = wall.along_m
    acted = touched = warned = None
    arrived_s = np.nan
    end = SETTLE_TICKS + round(WAY_M / SLOWEST_M_S / TICK_S) + AFTER_TICKS
    target, tick = hand_target(home, 0.0, contact=impact.contact), 0
    while tick < end:
        state = body.read()
        if tick % 50 == 0:
            way = impact.speed_m_s * max(tick - SETTLE_TICKS, 0) * TICK_S
            T = home.copy()
            T[:3, 3] += min(way, WAY_M) * impact.direction
            target = hand_target(T, state.stamp, contact=impact.contact)
        effort = controller.tick(state, target)
        if acted is None and controller.acted:
            acted = tick
        if warned is None and getattr(controller, "warned", controller.acted):
            warned = tick
        body.write(effort_command(state.stamp, effort))
        body.advance()
        forces.append(wall.force_n)
        wrenches.append(state.wrench_ee)
        if touched is None and wall.force_n > 0.0:
            touched, end = tick, tick + AFTER_TICKS
        tick += 1
        if np.isnan(arrived_s) and wall.along_m - start_m > ARRIVED_M:
            arrived_s, end = (tick - SETTLE_TICKS) * TICK_S, tick + AFTER_TICKS
    return Outcome(
        force_n=np.array(forces),
        wrench=np.array(wrenches),
        acted=acted,
        arrived_s=arrived_s,
        warned=warned,
    )


def wake(body: MujocoBody) -> None:
    """Let a few ticks pass: the first sensor values know no effort yet."""
    for _ in range(START_TICKS):
        body.read()
        body.advance()


def home_pose(payload_kg: float) -> Array:
    """Pose (4, 4) of the hand at the start, in `base_link`."""
    arm = arm_dynamics(payload_kg)
    arm.update(READY, np.zeros(READY.size))
    return arm.T_base_ee.copy()


def hand_target(
    T_base_ee: Array, stamp: float, *, contact: bool = False
) -> MotionTarget:
    """The hand at a pose (4, 4), with the stiffness of this rig."""
    return MotionTarget(
        stamp=stamp,
        twist_base=np.zeros(2),
        mode=ArmMode.CARTESIAN,
        q_target=READY,
        T_base_ee=T_base_ee,
        stiffness=STIFFNESS,
        wrench_ff=np.zeros(6),
        contact=contact,
        head=np.zeros(2),
        gripper_m=0.0,
    )


def effort_command(stamp: float, effort: Array) -> BodyCommand:
    """Efforts (n,) [Nm] for the arm, nothing for the rest."""
    return BodyCommand(
        stamp=stamp,
        effort=effort,
        twist_base=np.zeros(2),
        head=np.zeros(2),
        gripper_m=0.0,
    )
