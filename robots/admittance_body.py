"""A robot whose arm takes joint positions or velocities, for the fast loop.

The fast loop proposes efforts; here they move a virtual arm, and the robot gets that
arm's joints in `BodyCommand.q` and `BodyCommand.dq`. Impedance and reflex see the
virtual arm and the robot's own wrench, base and clock.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np

from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.fast import FastConfig
from neural_brain.models.geometry import Array
from neural_brain.models.impedance import Admittance, virtual_dynamics
from neural_brain.models.reflex.guards import StateGuard
from neural_brain.models.signals import (
    ArmDynamics,
    Body,
    BodyCommand,
    BodyLimits,
    BodyState,
    ReflexLevel,
)

_MOVING_RAD_S = 0.05
_REST_TICKS = 50
"""Efforts may change by so much a tick only; until they fit a new place, it rests."""
B = TypeVar("B", bound=Body)


class AdmittanceBody(Generic[B]):
    """The `Body` that the fast loop sees of a robot with position or velocity servos.

    Joints that are not finite, impossible, stale, or that stand still bit by bit while
    they are told to move are no measurement: the virtual arm comes to rest and the loop
    sees what is wrong. A robot that is found somewhere else for longer than a state may
    be old was moved by someone: it begins anew from there, at rest.

    Args:
        inner: the robot; its `write` takes `q` and `dq` of the command.
        config: of the fast loop: admittance, guards, control period.
        dynamics: of its arm without added mass; owned by this object from now on. Give
            the loop `models.impedance.virtual_dynamics` of another one.
        feels: whether `wrench_ee` is measured. If not, targets are followed softly, but
            the hand gives way to nothing.

    Attributes:
        refused: ticks without a usable measurement, by reason.

    Raises:
        ConfigError: for a robot without arm.
    """

    def __init__(
        self, inner: B, config: FastConfig, dynamics: ArmDynamics, *, feels: bool = True
    ) -> None:
        limits = inner.limits
        if not limits.q_min.size:
            raise ConfigError(
                "An AdmittanceBody was asked for a robot without an arm; expected at "
                "least one joint. Use the robot as it is."
            )
        tick_s = config.impedance.tick_s
        own = config.admittance
        self.inner, self.feels = inner, feels
        self.refused: Counter[str] = Counter()
        self.admittance = Admittance(
            own, virtual_dynamics(dynamics, own), limits, tick_s
        )
        self._config, self._tick_s = config, tick_s
        self._guard = StateGuard(config.reflex.guards, limits, tick_s)
        self._state: BodyState | None = None
        self._no_effort: Array = np.zeros(limits.q_min.size)
        self._flaw = "not read yet"
        self._placed = False
        self._seen: Array = np.zeros(0)
        self._told_speed = 0.0
        self._still = self._away = self._rest = 0

    @property
    def limits(self) -> BodyLimits:
        """Hard limits, fixed for the life of the body."""
        return self.inner.limits

    @property
    def sentence(self) -> str:
        """What this arm can do, in words."""
        if self.feels:
            return "admittance: servos follow a virtual arm that the wrist pushes"
        return "no wrist sensor: the arm follows softly and gives way to nothing"

    def read(self) -> BodyState:
        """The robot's state with the joints of the virtual arm, which has no efforts.

        Where the measurement cannot be used, it is passed on as it is or, if only this
        body knows the flaw, with joints of NaN.

        Raises:
            BodyError: as the robot does.
        """
        state = self._state = self.inner.read()
        cause = self._guard.judge(state, getattr(state, "stamp", math.nan))
        if not self._guard.valid:
            self._flaw = cause.name
            return state
        bad = cause.level >= ReflexLevel.HOLD
        self._flaw = cause.name if bad else self._own_flaw(state)
        if self._flaw:
            nan = np.full(state.q.size, math.nan)
            return replace(state, q=nan, dq=nan)
        if not self._placed:
            self.admittance.place(state.q)
            self._placed, self._rest = True, _REST_TICKS
        arm = self.admittance
        wrench = state.wrench_ee if self.feels else np.zeros(6)
        return replace(
            state,
            q=arm.q.copy(),
            dq=arm.dq.copy(),
            effort=self._no_effort,
            wrench_ee=wrench,
        )

    def write(self, command: BodyCommand) -> None:
        """Move the virtual arm on by a tick and tell the robot its joints.

        Raises:
            BodyError: for efforts of a wrong shape, NaN or infinity; nothing is sent
                then. And as the robot does.
        """
        arm, state = self.admittance, self._state
        if command.effort.shape != arm.q.shape or not np.isfinite(command.effort).all():
            raise BodyError(
                f"A command has efforts {command.effort}; expected {arm.q.size} finite "
                "numbers. It was not sent; check the controller's inputs."
            )
        if not self._placed or state is None:
            return  # where the arm is, is not known yet
        if self._flaw or self._rest:
            self.refused[self._flaw or "begins"] += 1
            self._rest = max(self._rest - 1, 0)
            arm.brake()
            speed = arm.dq.copy()
        else:
            wrench = state.wrench_ee if self.feels else np.zeros(6)
            arm.step(command.effort, state.q, wrench)
            speed = arm.velocity(state.q)
        self._told_speed = float(np.abs(speed).max())
        self.inner.write(replace(command, q=arm.q.copy(), dq=speed))

    def close(self) -> None:
        """Release the robot; safe to call twice."""
        self.inner.close()

    def _own_flaw(self, state: BodyState) -> str:
        """What the loop cannot see of these joints, "" if nothing."""
        guards, seen = self._config.reflex.guards, self._seen
        now = np.concatenate([state.q, state.dq])
        same = seen.size == now.size and bool((seen == now).all())
        self._seen = now
        frozen = self._still >= guards.frozen_ticks
        told = frozen or self._told_speed > _MOVING_RAD_S
        self._still = self._still + 1 if same and told else 0
        if self._still >= guards.frozen_ticks:
            return "joints frozen"
        if not self._placed:
            return ""
        lead_rad = self._config.admittance.lead_rad
        if float(np.abs(self.admittance.q - state.q).max()) <= 2.0 * lead_rad:
            self._away = 0
            return ""
        self._away += 1
        if self._away * self._tick_s > guards.state_timeout_s:
            self._placed, self._away = False, 0
        return "joints far from where they were told"
