"""Cartesian impedance: a spring and a damper between hand and anchor pose.

    wrench = K e - D J dq + wrench_ff,   effort = J^T wrench + N^T posture

in the axes of `base_link`, with the error e clipped so that the spring never pulls
harder than K * clip, and the posture projected into the dynamically consistent null
space (O. Khatib, IEEE J. Robotics and Automation 3(1), 1987), so that it does not move
the hand. Near singularities the effective mass is capped.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import lapack

from neural_brain.models.geometry import Array
from neural_brain.models.impedance.back_off import BackOff
from neural_brain.models.impedance.config import ImpedanceConfig
from neural_brain.models.impedance.damping import lower_cholesky
from neural_brain.models.impedance.reference import (
    CartesianReference,
    rotation_vector,
)
from neural_brain.models.impedance.stiffness import StiffnessSchedule
from neural_brain.models.signals import ArmDynamics

_NULL_SHARE = 0.01
"""The null-space projection leaks with the mass cap, so it uses a hundred times it."""


class CartesianLaw:
    """The task-space part of the impedance controller.

    Attributes:
        reference: anchor of the spring. schedule: its stiffness and damping.
        damped_w, spent_w: powers of this tick for the energy tank [W].
        wrench: what the hand is asked to exert (6,) [N, Nm].
        share: of the spring's force, wanted from outside; what the spring gains when
            it rises is charged to the tank.
        back_off: a push out of a contact that takes the place of that into it.
    """

    def __init__(self, config: ImpedanceConfig, dynamics: ArmDynamics) -> None:
        n = dynamics.n
        self.reference = CartesianReference(config)
        self.schedule = StiffnessSchedule(config)
        self.damped_w = self.spent_w = 0.0
        self.share = self._left = 1.0
        self.back_off = BackOff(config.tick_s)
        self.wrench: Array = np.zeros(6)
        self.wrench_ff: Array = np.zeros(6)
        self._config = config
        self._dynamics = dynamics
        self._mobility_cap = np.diag(
            [1.0 / config.mass_max_kg] * 3 + [1.0 / config.inertia_max_kg_m2] * 3
        )
        self._chol: Array = np.eye(6)
        self._task_of_effort: Array = np.zeros((6, n))
        self._feeds_forward = False
        self._velocity, self._error = np.zeros(6), np.zeros(6)
        self._force, self._moment = self.wrench[:3], self.wrench[3:]
        self._hand = dynamics.T_base_ee[:3, 3]
        self._hand_turned_back = dynamics.T_base_ee[:3, :3].T
        self._drag, self._ff = np.zeros(6), np.zeros(6)
        self._effort: Array = np.zeros(n)

    def start(self) -> None:
        """Anchor at the present pose with a relaxed spring of the wanted stiffness."""
        self.reference.reset(self._dynamics.T_base_ee)
        self.read_mobility()
        self.schedule.jump(self._chol)
        self._ff.fill(0.0)

    def feed(self, wrench_ff: Array) -> None:
        """Set the wrench (6,) that the hand shall exert besides the spring."""
        self.wrench_ff = wrench_ff
        self._feeds_forward = any(wrench_ff.tolist()) or any(self._ff.tolist())

    def read_mobility(self) -> None:
        """Factor J M^-1 J^T + cap and the map from effort to task wrench."""
        dynamics = self._dynamics
        _, solved, info = lapack.dposv(dynamics.mass, dynamics.jacobian.T)
        if info != 0:
            return
        mobility = dynamics.jacobian.dot(solved)
        chol = lower_cholesky(mobility + self._mobility_cap)
        exact = lower_cholesky(mobility + _NULL_SHARE * self._mobility_cap)
        if chol is None or exact is None:
            return
        self._chol = chol
        task, _ = lapack.dpotrs(exact, solved.T, lower=1)
        self._task_of_effort = np.ascontiguousarray(task)

    @property
    def mobility_root(self) -> Array:
        """Lower L (3, 3) with L L^T = J M^-1 J^T of the hand's translation [1/kg]."""
        return self._chol[:3, :3]

    def plan(self, opening: float) -> None:
        """Lay out the next segment of stiffness and damping."""
        self.schedule.plan(self._chol, opening=opening)

    def effort(self, dq: Array, posture: Array, opening: float) -> Array:
        """Joint efforts (n,) [Nm] without gravity; reused between calls.

        Args:
            dq: joint velocities (n,) [rad/s].
            posture: effort (n,) [Nm] wished in the null space.
            opening: of the energy tank, 0..1.
        """
        J, schedule, reference = self._dynamics.jacobian, self.schedule, self.reference
        schedule.advance()
        moved = reference.step(opening)
        J.dot(dq, out=self._velocity)
        self._measure_error()
        schedule.K.dot(self._error, out=self.wrench)
        self._limit_wrench()
        softened = self.share != 1.0 or self._left != 1.0
        gained_w = self._soften(opening) if softened else 0.0
        self.spent_w = float(self.wrench.dot(reference.velocity)) if moved else 0.0
        self.spent_w += gained_w
        if self.back_off.acts:
            self.spent_w += self.back_off.apply(
                self._force, self._error[:3], self._velocity[:3], opening
            )
            self._limit_wrench()
        if schedule.rising:
            rise = float(self._error.dot(schedule.dK.dot(self._error)))
            self.spent_w += max(0.5 * rise / self._config.tick_s, 0.0)
        if self._feeds_forward:
            self._add_feed_forward(opening)
        schedule.D.dot(self._velocity, out=self._drag)
        self.damped_w = float(self._drag.dot(self._velocity))
        self.wrench -= self._drag
        self._task_of_effort.dot(posture, out=self._drag)
        np.subtract(self.wrench, self._drag, out=self._drag)
        self._drag.dot(J, out=self._effort)
        self._effort += posture
        return self._effort

    def _measure_error(self) -> None:
        """Clipped error (6,): anchor minus hand [m, rad]."""
        longest, most = self._config.error_clip_m, self._config.error_clip_rad
        px, py, pz = self.reference.position.tolist()
        x, y, z = self._hand.tolist()
        x, y, z = px - x, py - y, pz - z
        u, v, w = rotation_vector(self.reference.rotation.dot(self._hand_turned_back))
        distance = math.sqrt(x * x + y * y + z * z)
        angle = math.sqrt(u * u + v * v + w * w)
        if distance > longest:
            share = longest / distance
            x, y, z = share * x, share * y, share * z
        if angle > most:
            share = most / angle
            u, v, w = share * u, share * v, share * w
        self._error[:] = (x, y, z, u, v, w)

    def _soften(self, opening: float) -> float:
        """Leave a share of the spring's pull; the power [W] that a rise of it costs.

        With an empty tank the share does not rise.
        """
        rise = self.share - self._left
        rise *= opening if rise > 0.0 else 1.0
        self._left += rise
        full_j = 0.5 * float(self._force.dot(self._error[:3]))
        self._force *= self._left
        return max(rise, 0.0) * max(full_j, 0.0) / self._config.tick_s

    def _limit_wrench(self) -> None:
        """Shrink the spring's force and moment to their limits."""
        x, y, z, u, v, w = self.wrench.tolist()
        size = math.sqrt(x * x + y * y + z * z)
        if size > self._config.max_force_n:
            self._force *= self._config.max_force_n / size
        size = math.sqrt(u * u + v * v + w * w)
        if size > self._config.max_moment_nm:
            self._moment *= self._config.max_moment_nm / size

    def _add_feed_forward(self, opening: float) -> None:
        """Blend the fed-forward wrench in over about 50 ms; an empty tank takes it."""
        self._ff += 0.02 * (opening * self.wrench_ff - self._ff)
        self.wrench += self._ff
        self._limit_wrench()
        self.spent_w += max(float(self._ff.dot(self._velocity)), 0.0)
