"""The impedance of an arm that takes joint positions or velocities, not efforts.

The efforts of the fast loop and the wrench that the wrist feels move a `VirtualArm`;
the robot's own servos follow it. Stiffness, damping, energy tank and reflex levels are
those of the torque law, because it is that law that moves the virtual arm.

What differs is that a servo answers late. With mass m, damper d, spring k at the hand,
a contact of stiffness c behind a servo and a sensor with lag T in all, motions obey

    m s^2 + d s + k + c G(s) = 0,   G(0) = 1,   -Im G(jw) <= w T.

At the edge of stability s = jw gives d w = -c Im G(jw) <= c T w. So

    d >= c T                                                                      (1)

keeps the hand stable in contact, whatever mass and spring are. A pure delay T, a lag
1/(T s + 1), a servo of second order damped by at least 0.71, and chains of them have
such a T: the sum of delays and time constants. A damper of ratio z from
d = 2 z sqrt(k m) needs the virtual mass m >= (c T)^2 / (4 z^2 k) for the same. Bound
(1) is met by a damper of its own that acts while the wrist feels something, along the
felt force. Where the wrist feels nothing, the free motion is that of the torque law.
(The same trade between delay, stiffness and damping: N. Hogan, ICRA 1989; S. Buerger,
N. Hogan, IEEE T-RO 23(2), 2007.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.impedance.virtual_arm import VirtualArm
from neural_brain.models.signals import ArmDynamics, BodyLimits

_LEVER_M = 0.05
"""Contacts are about this far from the middle of the hand: c * lever^2 to turn it."""


@dataclass(frozen=True, kw_only=True)
class AdmittanceConfig:
    """An arm with position or velocity servos; unused where efforts are taken."""

    mass_kg: float = param(
        0.0, "mass added to the virtual hand; slower and calmer", low=0.0, high=200.0
    )
    contact_n_m: float = param(
        2e4, "stiffest contact, that of servo and finger included", low=0.0, high=1e6
    )
    delay_s: float = param(
        0.02, "lag of bus, servo and wrist sensor in all", low=0.0, high=0.2
    )
    touch_n: float = param(
        2.0, "the wrist feels a contact above this", low=0.2, high=50.0
    )
    noise_n: float = param(
        1.5,
        "felt forces of this size count half, smaller ones less",
        low=0.0,
        high=20.0,
    )
    release_s: float = param(
        0.1, "contact damping fades in this time", low=0.001, high=5.0
    )
    lead_rad: float = param(
        0.1, "joints are told at most this far ahead of where they are",
        low=0.005, high=0.5,
    )  # fmt: skip
    margin_rad: float = param(0.005, "kept from the joint limits", low=0.0, high=0.3)
    gain_per_s: float = param(
        5.0, "of a velocity servo's drift from the virtual joints", low=0.0, high=50.0
    )
    brake_rad_s2: float = param(
        10.0, "deceleration without a measurement", low=0.5, high=100.0
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


def least_damping(contact_n_m: float, delay_s: float) -> float:
    """Damping [Ns/m] that keeps a contact stable, bound (1) above.

    Args:
        contact_n_m: stiffness of the contact in series with servo and finger.
        delay_s: sum of delays and time constants from virtual motion to felt force.
    """
    return contact_n_m * delay_s


def least_mass(
    contact_n_m: float, delay_s: float, *, stiffness_n_m: float, ratio: float = 1.0
) -> float:
    """Virtual mass [kg] whose damper of this ratio meets bound (1) by itself.

    Args:
        contact_n_m: see `least_damping`.
        delay_s: see `least_damping`.
        stiffness_n_m: of the virtual spring k.
        ratio: damping ratio z.
    """
    damping = least_damping(contact_n_m, delay_s)
    return damping**2 / (4.0 * ratio**2 * stiffness_n_m)


class HeavyHand:
    """`ArmDynamics` with a mass added at the hand, for the law and the virtual arm.

    With M + J^T A J the effective mass of the hand grows by exactly A (Woodbury's
    identity), also where J is singular. The motion that it gives the joints for a
    motion of the hand is that of damped least squares, with M as the damping.

    Args:
        inner: the arm; owned by this object from now on.
        mass_kg: added mass [kg].
    """

    def __init__(self, inner: ArmDynamics, mass_kg: float) -> None:
        self.n = inner.n
        self.T_base_ee, self.jacobian = inner.T_base_ee, inner.jacobian
        self.bias = inner.bias
        self.mass: Array = np.zeros_like(inner.mass)
        self._inner = inner
        self._root = np.sqrt(mass_kg * np.array([1.0] * 3 + [_LEVER_M**2] * 3))[:, None]
        self._add()

    def update(self, q: Array, dq: Array) -> None:
        """Refresh all terms for joint positions [rad] and velocities [rad/s] (n,)."""
        self._inner.update(q, dq)
        self._add()

    def _add(self) -> None:
        rows = self._root * self.jacobian
        np.add(self._inner.mass, rows.T.dot(rows), out=self.mass)


def virtual_dynamics(dynamics: ArmDynamics, config: AdmittanceConfig) -> ArmDynamics:
    """What the fast loop and the virtual arm take for the arm."""
    return HeavyHand(dynamics, config.mass_kg) if config.mass_kg else dynamics


class ContactDamping:
    """Damping along forces that the wrist feels; it comes at once and fades slowly.

    Attributes:
        matrix: (6, 6) [Ns/m, Nms/rad], positive semi-definite, `base_link` axes.
    """

    def __init__(self, config: AdmittanceConfig, tick_s: float) -> None:
        self.matrix: Array = np.zeros((6, 6))
        self._most = least_damping(config.contact_n_m, config.delay_s)
        self._touch_n = config.touch_n
        self._keep = math.exp(-tick_s / config.release_s)
        self._share: Array = np.zeros((3, 3))

    @property
    def acts(self) -> bool:
        """Whether there is any worth speaking of."""
        return float(np.trace(self._share)) > 1e-3

    def feel(self, force: Array) -> None:
        """One tick with a force (3,) [N], finite."""
        share = self._share
        share *= self._keep
        size = math.sqrt(float(force.dot(force)))
        felt = min(max(size / self._touch_n - 1.0, 0.0), 1.0)
        if felt > 0.0:
            n = force / size
            missing = felt - float(n.dot(share).dot(n))
            if missing > 0.0:
                share += missing * np.outer(n, n)
        self.matrix[:3, :3] = self._most * share
        turn = self._most * _LEVER_M**2 * min(float(np.trace(share)), 1.0)
        self.matrix[3:, 3:] = turn * np.eye(3)


class Admittance:
    """Joint positions and velocities for servos, from efforts and a felt wrench.

    Args:
        config: contact, delay and servo.
        dynamics: of the virtual arm, see `virtual_dynamics`; owned by this object.
        limits: hard limits of the arm.
        tick_s: control period [s].

    Attributes:
        arm: the virtual arm. damping: what a contact adds.
    """

    def __init__(
        self,
        config: AdmittanceConfig,
        dynamics: ArmDynamics,
        limits: BodyLimits,
        tick_s: float,
    ) -> None:
        self.arm = VirtualArm(dynamics, limits, config.margin_rad)
        self.damping = ContactDamping(config, tick_s)
        self._config, self._tick_s = config, tick_s
        self._fastest = limits.dq_max
        self._longest = limits.dq_max * tick_s

    @property
    def q(self) -> Array:
        """Joint positions (n,) [rad] to follow."""
        return self.arm.q

    @property
    def dq(self) -> Array:
        """Velocities (n,) [rad/s] of these positions."""
        return self.arm.dq

    def place(self, q: Array) -> None:
        """Begin at rest at the measured joints q (n,) [rad]."""
        self.arm.place(q)

    def step(self, effort: Array, q: Array, wrench: Array) -> None:
        """One tick; all inputs must be finite.

        Positions change by at most `dq_max` times the tick, whatever comes in.

        Args:
            effort: of the joints (n,) [Nm], gravity included.
            q: measured joints (n,) [rad].
            wrench: what the world applies to the hand (6,) [N, Nm], `base_link` axes;
                zeros if nothing feels it.
        """
        before = self.arm.q
        wrench = self._certain(wrench)
        self.damping.feel(wrench[:3])
        damping = self.damping.matrix if self.damping.acts else None
        self.arm.step(effort, self._tick_s, wrench=wrench, damping=damping)
        self.arm.stay_near(q, self._config.lead_rad, self._longest)
        np.clip(
            self.arm.q, before - self._longest, before + self._longest, out=self.arm.q
        )

    def _certain(self, wrench: Array) -> Array:
        """The wrench without what may be the sensor's offset.

        Nothing but that pushes a stopped arm, which has no spring to hold it. The
        share F^2 / (F^2 + noise^2) raises the slope of the force by 1/8 at most.
        """
        noise2 = self._config.noise_n**2 + 1e-12
        force2 = float(wrench[:3].dot(wrench[:3]))
        moment2 = float(wrench[3:].dot(wrench[3:])) / _LEVER_M**2
        shares = np.repeat(
            [force2 / (force2 + noise2), moment2 / (moment2 + noise2)], 3
        )
        return wrench * shares

    def brake(self) -> None:
        """One tick without a measurement: come to rest."""
        self.arm.brake(self._config.brake_rad_s2, self._tick_s)

    def velocity(self, q: Array | None) -> Array:
        """Joint velocities (n,) [rad/s] for a velocity servo.

        Args:
            q: measured joints (n,) [rad]; None: unknown, so drift is left alone.
        """
        speed = self.arm.dq.copy()
        if q is not None:
            speed += self._config.gain_per_s * (self.arm.q - q)
            speed[(q >= self.arm.high) & (speed > 0.0)] = 0.0
            speed[(q <= self.arm.low) & (speed < 0.0)] = 0.0
        return np.clip(speed, -self._fastest, self._fastest)
