"""Variable impedance of the arm at every control tick.

Each tick: dynamics, anchor motion (speed limit, energy tank), spring and damper in
Cartesian or joint space, soft joint stops, gravity and Coriolis compensation, effort
saturation and effort-rate limit. The first tick, and every change of mode, starts with
the anchor at the measured pose, so nothing jumps.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.impedance.cartesian import CartesianLaw
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.impedance.effort_limit import EffortLimit, LimitSprings
from neural_brain.models.impedance.impact import ImpactSpeed
from neural_brain.models.impedance.joint import JointLaw
from neural_brain.models.impedance.tank import EnergyTank
from neural_brain.models.kernels import joint_rows as row
from neural_brain.models.kernels.acceptance import (
    accept_joints,
    accept_pose,
    pull_hand,
    start_hand,
)
from neural_brain.models.kernels.law import LAW
from neural_brain.models.kernels.memory import memory
from neural_brain.models.signals import (
    ArmDynamics,
    ArmMode,
    BodyLimits,
    BodyState,
    MotionTarget,
)

_JOINT_UPDATE_TICKS = 4
_REST_UPDATE_TICKS = 20
_REST_SPEED2 = 1e-3
_TURNS = 3
"""A new target now, the mobility in the next tick, then the plan: once a segment."""


class ArmImpedance:
    """Turns targets into joint efforts.

    Args:
        config: stiffness, damping, speeds and energy.
        dynamics: rigid-body terms of the arm; owned by this object from now on.
        limits: hard limits of the arm.

    Attributes:
        tank: the energy that is left.
        bias: gravity and Coriolis effort (n,) [Nm] of the last tick.

    Raises:
        ConfigError: if an array of the dynamics is not plain.
    """

    def __init__(
        self, config: ImpedanceConfig, dynamics: ArmDynamics, limits: BodyLimits
    ) -> None:
        _check(dynamics)
        self.config = config
        self.dynamics = dynamics
        self._rows = rows = row.joint_rows(dynamics.n)
        self._state = state = memory(LAW)
        joints = state["joints"]
        self.tank = EnergyTank(config, state["tank"])
        self.cartesian = CartesianLaw(config, dynamics, state, rows)
        self.joint = JointLaw(config, dynamics, limits, joints, rows)
        self._impact = ImpactSpeed(config, dynamics, state["impact"])
        rows[row.Q_MIN], rows[row.Q_MAX] = limits.q_min, limits.q_max
        self._no_mass: Array = np.zeros((dynamics.n, dynamics.n))
        self._asked: Array = np.zeros(dynamics.n + 74)
        self._springs = LimitSprings(config, limits, rows)
        self._effort_limit = EffortLimit(limits, config.tick_s, joints, rows)
        self._dt, self._slow = state["dt"], state["scale"]
        self._contact = state["contact"]
        self._q, self._dq = rows[row.Q], rows[row.DQ]
        self._bias, self._effort = rows[row.BIAS], rows[row.EFFORT]
        self._target: MotionTarget | None = None
        self._mode: ArmMode | None = None
        self._seen: BodyState | None = None
        self._scale = 1.0
        self._update_in = 0
        self._refresh_in = 0
        self._postponed = False

    @property
    def bias(self) -> Array:
        """Gravity and Coriolis effort (n,) [Nm] as of the last tick."""
        return self.dynamics.bias

    def reset(self) -> None:
        """Start anew at the next tick: anchor at the measured pose, tank refilled."""
        self.release()
        self._effort_limit.reset()
        self.tank.refill()

    def release(self) -> None:
        """Anchor at the measured pose at the next tick; the effort stays continuous."""
        self._target = self._mode = self._seen = None
        self._update_in = 0

    def tick(
        self,
        body: BodyState,
        target: MotionTarget,
        dt: float,
        speed_scale: float = 1.0,
    ) -> Array:
        """Effort (n,) [Nm] for this tick.

        Args:
            body: the measured state; must be finite.
            target: what to do; a new object is a new target. Must be finite.
            dt: time since the last tick [s], for the energy account.
            speed_scale: slows the anchor down, 0 < scale <= 1.
        """
        if target is not self._target or speed_scale != self._scale:
            self._accept(body, target, speed_scale)
        self._q[:], self._dq[:] = body.q, body.dq
        if self._mode is ArmMode.CARTESIAN:
            self._tick_cartesian(body, dt)
        else:
            self._tick_joint(body, dt)
        self._seen = None
        return self._effort.copy()

    def see(self, body: BodyState) -> None:
        """Bring the rigid-body terms to this tick's state, once in a tick."""
        if body is self._seen:
            return
        self.dynamics.update(body.q, body.dq)
        self._bias[:] = self.dynamics.bias
        self._seen = body

    def soften(self, share: float, back: float = 0.0) -> None:
        """Leave the hand's spring a share of its force, 0 < share <= 1, from now on.

        Args:
            share: of the force.
            back: how far the push into a contact gives way to one out of it, 0..1.
        """
        self.cartesian.soften(share)
        self.cartesian.back_off.share = back

    def pull(self, body: BodyState, target: MotionTarget) -> None:
        """Anchor at a Cartesian target at once, for a quick retreat.

        The energy that the spring gains is taken from the tank; the effort rate stays
        limited.
        """
        self.see(body)
        if self._mode is not ArmMode.CARTESIAN:
            self._accept(body, target, 1.0)  # the hand's spring begins relaxed
        self._target, self._scale = target, 1.0
        self._begin(body)
        self._ask(target, 1.0)
        arm = self.dynamics
        pull_hand(self._state, self._rows, self._asked, arm.mass, arm.jacobian)

    def damp(self, body: BodyState) -> Array:
        """Effort (n,) [Nm] that only brakes and carries the arm's weight."""
        self.release()
        self._q[:], self._dq[:] = body.q, body.dq
        self.see(body)
        self.joint.damping_effort()
        self._seen = None
        return self._effort.copy()

    def sync(self, effort: Array) -> None:
        """Tell the effort (n,) [Nm] that was really sent, for the rate limit."""
        self._effort_limit.remember(effort)

    def _tick_cartesian(self, body: BodyState, dt: float) -> None:
        """Spring of the hand; new target, mobility and plan take turns.

        Each of them costs as much as a part of the tick, so none shares one.
        """
        self.see(body)
        self._refresh_in -= 1
        if self._refresh_in == 1:
            self.cartesian.read_mobility()
        elif self._refresh_in <= 0:
            self._refresh_in, self._postponed = self.config.refresh_ticks, False
            self._effort_limit.begin()
            self.cartesian.plan(self.tank.opening)
        self._dt[0] = dt
        self.cartesian.tick()

    def _tick_joint(self, body: BodyState, dt: float) -> None:
        """Joint springs; gravity is refreshed more rarely, rarest at rest."""
        self._update_in -= 1
        moving = self.joint.reference.moving or body.dq.dot(body.dq) > _REST_SPEED2
        if moving:
            self._update_in = min(self._update_in, _JOINT_UPDATE_TICKS - 1)
        if self._update_in <= 0:
            self._update_in = _JOINT_UPDATE_TICKS if moving else _REST_UPDATE_TICKS
            self.see(body)
            self.joint.refresh()
        law = self.joint
        law.effort(self.tank.opening)
        self.tank.flow(damped_w=law.damped_w, spent_w=law.spent_w, dt=dt)

    def _accept(self, body: BodyState, target: MotionTarget, scale: float) -> None:
        """Take a new target; a new mode starts at the measured state."""
        self._target, self._scale = target, scale
        if self._refresh_in < _TURNS and not self._postponed:
            self._refresh_in, self._postponed = _TURNS, True
        starts = target.mode is not self._mode
        self._mode = target.mode
        if starts:
            self.see(body)
            self._begin(body)
        self._ask(target, scale)
        arm = self.dynamics
        if target.mode is ArmMode.JOINT:
            if starts:
                self.joint.start()
            accept_joints(self._state, self._rows, self._asked)
            self._limit_hand_speed(scale, contact=target.contact)
            return
        if starts:
            start_hand(self._state, self._rows, self._asked, arm.mass, arm.jacobian)
        mass = self._no_mass if target.contact else arm.mass
        accept_pose(self._state, self._rows, self._asked, mass, arm.jacobian)

    def _begin(self, body: BodyState) -> None:
        """Start a new spring at the measured joints."""
        self._q[:] = body.q
        self._update_in = _JOINT_UPDATE_TICKS
        self._refresh_in = self.config.refresh_ticks

    def _ask(self, target: MotionTarget, scale: float) -> None:
        """Lay the numbers of a target out for the compiled part."""
        self._slow[0], self._contact[0] = scale, target.contact
        parts = (
            target.q_target,
            target.T_base_ee,
            target.stiffness,
            target.wrench_ff,
            self.dynamics.T_base_ee,
        )
        np.concatenate(parts, axis=None, out=self._asked)

    def _hand_speed(self, way: Array, *, contact: bool) -> float:
        """Highest speed [m/s] along `way` (3,); the usual where contact is meant."""
        return self.config.speed_m_s if contact else self._impact.allowed(way)

    def _limit_hand_speed(self, scale: float, *, contact: bool) -> None:
        """Slow the joint anchor: the hand's speed, the blow of what is behind it."""
        reference = self.joint.reference
        if not reference.moving:
            return
        hand = self.dynamics.jacobian[:3].dot(reference.velocity)
        most = self._hand_speed(hand, contact=contact)
        pace = most / max(math.sqrt(hand.dot(hand)), 1e-9)
        if not contact:
            blow_n = self._impact.blow_n(reference.velocity)
            pace = min(pace, self.config.impact_n / max(blow_n, 1e-9))
        if pace * scale < 1.0:
            reference.hasten(scale, pace=pace * scale)


def _check(arm: ArmDynamics) -> None:
    """The compiled part of the tick takes plain arrays only."""
    for name in ("T_base_ee", "jacobian", "mass", "bias"):
        values = getattr(arm, name)
        if values.dtype != np.float64 or not values.flags.c_contiguous:
            raise ConfigError(
                f"ArmDynamics.{name} has type {values.dtype} and strides "
                f"{values.strides}; expected float64 in C order. Use np.zeros and "
                "write into it."
            )
