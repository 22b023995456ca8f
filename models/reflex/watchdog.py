"""An independent watchdog of the arm's contacts: what could they come to?

It believes neither planner nor controller: it looks at the wrist's wrench, the hand's
velocity, and at the spring that was *executed*. Two rules:

- *Worst force ahead*: what the hand may press with in the next moments if what it
  meets is hard. Before a contact that is answered by SLOW, in a contact by RETRACT.
- *Wrench not explained*: while contact is intended, the world pushes the hand otherwise
  than the executed push explains, be it from the side or harder. RETRACT.

It has a ladder of its own, of which the other rules never hear; the higher level
counts. What is not a number is danger.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from neural_brain.models.geometry import Array
from neural_brain.models.reflex import ladder
from neural_brain.models.reflex.cause import CLEAR, Cause, worse
from neural_brain.models.reflex.config import ReflexConfig
from neural_brain.models.reflex.explained import Explained, Vector
from neural_brain.models.reflex.finite import square_sum
from neural_brain.models.reflex.hand_mass import HandMass
from neural_brain.models.reflex.ladder import Ladder
from neural_brain.models.reflex.worst_force import ContactStiffness, worst_force
from neural_brain.models.signals import BodyState, ReflexLevel

if TYPE_CHECKING:
    from neural_brain.models.impedance import ArmImpedance
    from neural_brain.models.impedance.cartesian import CartesianLaw

_SQUARE_MAX, _STILL_M_S = 1e8, 1e-6
_PACE_TICKS, _PACE_LEAST = 50, 0.05
_UNKNOWN = Cause(ReflexLevel.HOLD, "worst force unknown")
_CAUTION = Cause(ReflexLevel.SLOW, "caution after contact")
_LEVELS = tuple(ReflexLevel)


class Watchdog:
    """Foresees the force of contacts, and tells intended from other ones.

    Args:
        config: thresholds, the force limit, and dwell times of the ladder.
        arm: what is executed; read only.
        normal: unit vector (3,) in which the hand leaves a contact; written here when
            it asks for RETRACT.

    Attributes:
        level: NOMINAL, SLOW, HOLD or RETRACT, by a ladder of its own. cause: why.
        worst_n: worst force ahead. rest_n: force that is not explained.
        pace: share of the arm's highest speed that is harmless; 1 if nothing is ahead.
    """

    def __init__(self, config: ReflexConfig, arm: ArmImpedance, normal: Array) -> None:
        self.level, self.cause = ReflexLevel.NOMINAL, CLEAR
        self.worst_n = self.rest_n = 0.0
        self.pace = 1.0
        self._config, self._limit_n = config.watchdog, config.force.limit_n
        self._dwell, self._ladder = config.ladder, Ladder(level=ladder.NOMINAL)
        self._normal = normal
        self._law = arm.cartesian
        self._linear = arm.dynamics.jacobian[:3]
        self._hand = arm.dynamics.T_base_ee[:3, 3]
        self._push_max_n = arm.config.max_force_n
        self._clip_m, self._speed_m_s = arm.config.error_clip_m, arm.config.speed_m_s
        self._contact = ContactStiffness(config.watchdog, arm.config.tick_s)
        self._explained = Explained(config.watchdog, arm.config.tick_s)
        self._mass = HandMass(arm.dynamics, config.watchdog.extra_kg)
        self._caution = 0
        self._slow, self._paced = False, 0
        self._high = self._strange = 0

    def judge(self, body: BodyState, *, springs: bool, intended: bool) -> None:
        """Find the level of this tick; anything that is wrong with its inputs counts.

        Args:
            body: any object; what does not look like a body state is danger.
            springs: whether the hand followed a target by its spring in the last tick.
            intended: whether touching is.
        """
        spring = self._law if springs else None
        try:
            cause = self._judge(body.wrench_ee, body.dq, spring, intended)
        except (AttributeError, TypeError, ValueError, ArithmeticError):
            cause = self._forget()
        if self._caution > 0:
            self._caution -= 1
            cause = worse(cause, _CAUTION)
        self._ladder = ladder.step(self._ladder, int(cause.level), False, self._dwell)
        self.level = _LEVELS[self._ladder.level]
        if self.level is ReflexLevel.RETRACT:
            self._caution = self._dwell.caution_ticks
        if cause.level >= self.level and cause is not CLEAR:
            self.cause = cause

    def _forget(self) -> Cause:
        """Begin anew after something that cannot be."""
        self._explained.forget()
        self._contact.forget()
        return _UNKNOWN

    def _judge(
        self, wrench: Array, dq: Array, spring: CartesianLaw | None, intended: bool
    ) -> Cause:
        x, y, z, _, _, _ = wrench.tolist()
        # Written so that NaN counts as absurd.
        if not (square_sum(wrench) < _SQUARE_MAX and square_sum(dq) < _SQUARE_MAX):
            return self._forget()
        force = math.sqrt(x * x + y * y + z * z)
        u, v, w = self._linear.dot(dq).tolist()
        speed = math.sqrt(u * u + v * v + w * w)
        self._mass.refresh()
        felt = force > self._config.felt_n
        if felt:
            way = (-x / force, -y / force, -z / force)
            into = u * way[0] + v * way[1] + w * way[2]
            self._contact.feel(force, into)
        else:
            self._contact.forget()
            into, way = self._course((u, v, w), speed, spring)
        self.worst_n = worst_force(
            force,
            into,
            push_n=self._push(way, spring),
            stiffness_n_m=self._contact.stiffness_n_m,
            mass_kg=self._mass.along(*way),
            horizon_s=self._config.horizon_s,
        )
        cause = self._ahead(felt, into)
        if spring is None or not intended:
            self._explained.forget()
            self._strange, self.rest_n = 0, 0.0
        else:
            self._explain(spring, (x, y, z), force, (u, v, w), speed)
            if self._strange >= self._config.unexplained_ticks:
                limit = self._config.unexplained_n
                name = "wrench not explained"
                cause = Cause(ReflexLevel.RETRACT, name, self.rest_n, limit)
        if cause.level is ReflexLevel.RETRACT:
            self._normal[:] = (x / force, y / force, z / force)
        return cause

    def _course(
        self, velocity: Vector, speed: float, spring: CartesianLaw | None
    ) -> tuple[float, Vector]:
        """Speed and direction of the hand, or of its anchor, which it will follow."""
        x, y, z = velocity
        if spring is not None and spring.reference.moving:
            u, v, w, _, _, _ = spring.reference.velocity.tolist()
            lead = math.sqrt(u * u + v * v + w * w)
            if lead > speed:
                x, y, z, speed = u, v, w, lead
        if speed < _STILL_M_S:
            return 0.0, (0.0, 0.0, 0.0)
        return speed, (x / speed, y / speed, z / speed)

    def _ahead(self, felt: bool, speed: float) -> Cause:
        """What the worst force asks for, with the hand at that speed into it."""
        config, worst, limit = self._config, self.worst_n, self._limit_n
        # Written so that NaN counts as too much.
        if worst <= limit:
            self._high = 0
            if not self._slow or worst < config.release_share * limit:
                self._slow, self.pace = False, 1.0
                return CLEAR
            return Cause(ReflexLevel.SLOW, "worst force ahead", worst, limit)
        self._brake(speed)
        self._high = self._high + 1 if felt else 0
        level = ReflexLevel.SLOW
        if self._high >= config.ticks:
            level = ReflexLevel.RETRACT
        return Cause(level, "worst force ahead", worst, limit)

    def _brake(self, speed: float) -> None:
        """Slow down to what is harmless, in a few steps: each is a new motion."""
        if not self._slow:
            self._slow, self._paced = True, 0
        elif self._paced < _PACE_TICKS:
            self._paced += 1
            return
        self._paced = 0
        allowed = speed * self._limit_n / self.worst_n
        pace = self._config.pace_share * allowed / self._speed_m_s
        # Written so that NaN counts as slowest.
        self.pace = min(pace, self.pace) if pace > _PACE_LEAST else _PACE_LEAST

    def _explain(
        self,
        spring: CartesianLaw,
        force: Vector,
        size: float,
        velocity: Vector,
        speed: float,
    ) -> None:
        """Count ticks with a force that the executed push does not explain."""
        u, v, w = velocity
        share = 0.0
        if speed > _STILL_M_S:
            mass = self._mass.along(u / speed, v / speed, w / speed)
            share = math.sqrt(self._config.contact_n_m * mass)
            share = min(share, self._limit_n / speed)
        px, py, pz = spring.reference.position.tolist()
        hx, hy, hz = self._hand.tolist()
        self._explained.follow(
            (hx, hy, hz),
            (px, py, pz),
            impact=(share * u, share * v, share * w),
            felt_n=size,
        )
        if size <= self._config.unexplained_n:  # then it needs no explanation
            self._strange, self.rest_n = 0, 0.0
            return
        fx, fy, fz, _, _, _ = spring.wrench_ff.tolist()
        (a, b, c), (d, e, f), (g, h, i) = spring.schedule.D[:3, :3].tolist()
        self._explained.pull(
            spring.schedule.K[:3, :3].tolist(),
            longest_m=self._clip_m,
            most_n=self._push_max_n,
            fed=(fx, fy, fz),
            drag=(
                -a * u - b * v - c * w,
                -d * u - e * v - f * w,
                -g * u - h * v - i * w,
            ),
        )
        self.rest_n = self._explained.rest(force)
        # Written so that NaN counts as too much.
        known = self.rest_n <= self._config.unexplained_n
        self._strange = 0 if known else self._strange + 1

    def _push(self, way: Vector, spring: CartesianLaw | None) -> float:
        """The most [N] that the executed spring may push along `way` soon.

        What it exerts besides its damper now, and what its anchor will add.
        """
        if spring is None:
            return 0.0
        x, y, z = way
        fx, fy, fz, _, _, _ = spring.wrench.tolist()
        now = x * fx + y * fy + z * fz
        if not spring.reference.moving:
            return max(min(now, self._push_max_n), 0.0)
        u, v, w, _, _, _ = spring.reference.velocity.tolist()
        (a, b, c), (d, e, f), (g, h, i) = spring.schedule.K[:3, :3].tolist()
        kx, ky, kz = a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + i * z
        soon = self._config.horizon_s * (kx * u + ky * v + kz * w)
        return max(min(now + max(soon, 0.0), self._push_max_n), 0.0)
