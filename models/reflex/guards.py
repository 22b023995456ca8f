"""Input guards: nothing is believed before it is finite, possible and fresh."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import GuardConfig
from neural_brain.models.reflex.finite import square_sum
from neural_brain.models.signals import BodyLimits, BodyState, MotionTarget, ReflexLevel

_HOLD, _STOP = ReflexLevel.HOLD, ReflexLevel.STOP
_STAMP_MAX_S = 1e11


class StateGuard:
    """Judges each body state.

    Attributes:
        valid: whether the last state may be used for control.
        dt: time since the state before [s], within 0 and twice the control period.
    """

    def __init__(self, config: GuardConfig, limits: BodyLimits, tick_s: float) -> None:
        self.valid = False
        self.dt = tick_s
        self._config = config
        self._tick_s = tick_s
        n = limits.q_min.size
        self._shape, self._wrench_shape = (n,), (6,)
        margin = config.joint_margin_rad
        self._low: list[float] = (limits.q_min - margin).tolist()
        self._high: list[float] = (limits.q_max + margin).tolist()
        self._fastest: list[float] = (config.speed_share_max * limits.dq_max).tolist()
        self._slowest2 = min(self._fastest, default=math.inf) ** 2
        twist_max = config.speed_share_max * np.maximum(limits.twist_max, 0.1)
        self._twist_max: list[float] = twist_max.tolist()
        self._stamp = -math.inf
        self._bad = self._absurd = self._same = self._still = 0
        self._print = math.nan

    def judge(self, body: BodyState, now: float) -> Cause:
        """The cause that this state gives, CLEAR if none.

        Args:
            body: any object; what does not look like a body state is invalid.
            now: present time on the clock of the stamps [s].
        """
        try:
            cause = self._judge(body, now)
        except (AttributeError, TypeError, ValueError, IndexError):
            cause = Cause(_HOLD, "body state malformed")
        self.valid = cause.level < _HOLD or cause.name in _USABLE
        self._bad = 0 if self.valid else self._bad + 1
        if self._bad >= self._config.state_lost_ticks:
            return Cause(
                _STOP, "body state lost", self._bad, self._config.state_lost_ticks
            )
        return cause

    def _judge(self, body: BodyState, now: float) -> Cause:
        shapes = (body.q.shape, body.dq.shape)
        if shapes != (self._shape, self._shape) or body.wrench_ee.shape != (6,):
            return Cause(_HOLD, "body state malformed")
        if body.bumper.ndim != 1 or body.effort.shape != self._shape:
            return Cause(_HOLD, "body state malformed")
        speed2, position2 = square_sum(body.dq), square_sum(body.q)
        wrench2 = square_sum(body.wrench_ee)
        v, w = body.twist_base.tolist()
        x, y, yaw = body.pose_odom_base.tolist()
        total = speed2 + position2 + wrench2 + v + w + x + y + yaw
        stamp, now = float(body.stamp), float(now)
        if not (math.isfinite(total) and abs(stamp) + abs(now) < _STAMP_MAX_S):
            return Cause(_HOLD, "body state not finite")
        cause = self._check_time(stamp, now)
        if cause is not CLEAR:
            return cause
        cause = self._check_possible(body, speed2, wrench2, (v, w))
        self._absurd = 0 if cause is CLEAR else self._absurd + 1
        if self._absurd >= self._config.absurd_ticks:
            return cause._replace(level=_STOP)
        if cause is not CLEAR:
            return cause
        return self._check_frozen(speed2, position2)

    def _check_time(self, stamp: float, now: float) -> Cause:
        elapsed = stamp - self._stamp
        known = self._stamp > -math.inf
        self._stamp = stamp
        self.dt = min(max(elapsed, 0.0), 2.0 * self._tick_s) if known else self._tick_s
        if not known:
            return CLEAR
        if elapsed < 0.0:
            return Cause(_HOLD, "time went backward", elapsed, 0.0)
        self._still = 0 if elapsed > 0.0 else self._still + 1
        age = max(now - stamp, self._still * self._tick_s)
        if age > self._config.state_timeout_s:
            return Cause(_HOLD, "body state stale", age, self._config.state_timeout_s)
        if elapsed > self._config.state_timeout_s:
            return Cause(
                _HOLD, "gap in body states", elapsed, self._config.state_timeout_s
            )
        if now - stamp < -self._config.future_s:
            return Cause(_HOLD, "body state from the future", now - stamp, 0.0)
        return CLEAR

    def _check_possible(
        self,
        body: BodyState,
        speed2: float,
        wrench2: float,
        twist: tuple[float, float],
    ) -> Cause:
        for x, low, high in zip(body.q.tolist(), self._low, self._high, strict=True):
            if not low <= x <= high:
                return Cause(
                    _HOLD, "joint position impossible", x, low if x < low else high
                )
        if speed2 > self._slowest2:  # one joint may be too fast
            for v, fastest in zip(body.dq.tolist(), self._fastest, strict=True):
                if abs(v) > fastest:
                    return Cause(_HOLD, "joint speed impossible", abs(v), fastest)
        if wrench2 > self._config.wrench_max**2:
            size = math.sqrt(wrench2)
            return Cause(_HOLD, "wrench impossible", size, self._config.wrench_max)
        v, w = twist
        if abs(v) > self._twist_max[0] or abs(w) > self._twist_max[1]:
            return Cause(_HOLD, "base speed impossible", abs(v), self._twist_max[0])
        return CLEAR

    def _check_frozen(self, speed2: float, fingerprint: float) -> Cause:
        """A sensor that repeats itself bit by bit while the joints move is broken."""
        same = fingerprint == self._print and speed2 > 0.01
        self._print = fingerprint
        self._same = self._same + 1 if same else 0
        if self._same >= self._config.frozen_ticks:
            return Cause(
                _STOP, "joint state frozen", self._same, self._config.frozen_ticks
            )
        return CLEAR


_USABLE = ("time went backward", "gap in body states", "joint state frozen")


class TargetGuard:
    """Accepts or refuses targets and knows how old the last good one is.

    Attributes:
        target: last accepted target, None before the first.
        refused: number of refused targets.
        reason: why the last one was refused.
    """

    def __init__(self, config: GuardConfig, limits: BodyLimits, tick_s: float) -> None:
        self.target: MotionTarget | None = None
        self.refused = 0
        self.reason = ""
        self._config = config
        self._n = limits.q_min.size
        self._tick_s = tick_s
        self._stamp = -math.inf
        self._ticks = 0

    def offer(self, target: MotionTarget, now: float) -> bool:
        """Accept a target, or refuse it and keep the one before.

        Args:
            target: any object; what is malformed, not finite or out of time is refused.
            now: present time on the clock of the stamps [s].
        """
        try:
            self.reason = self._flaw(target, now)
        except (AttributeError, TypeError, ValueError, IndexError):
            self.reason = "malformed"
        if self.reason:
            self.refused += 1
            return False
        self.target = target
        self._stamp, self._ticks = float(target.stamp), 0
        return True

    def note(self, stamp: float, now: float) -> None:
        """A foreign controller decided something at `stamp` [s]."""
        if self._stamp < stamp <= now + self._config.future_s:
            self._stamp, self._ticks = stamp, 0

    def judge(self, now: float) -> Cause:
        """The cause that the age of the target gives; call once a tick."""
        timeout = self._config.command_timeout_s
        if self._stamp == -math.inf:
            return Cause(_HOLD, "no target yet", 0.0, timeout)
        self._ticks += 1
        age = max(now - self._stamp, self._ticks * self._tick_s)
        if age > timeout:
            return Cause(_HOLD, "target stale", age, timeout)
        return CLEAR

    def _flaw(self, target: MotionTarget, now: float) -> str:
        arrays = (
            (target.twist_base, (2,)),
            (target.q_target, (self._n,)),
            (target.T_base_ee, (4, 4)),
            (target.stiffness, (6, 6)),
            (target.wrench_ff, (6,)),
            (target.head, (2,)),
        )
        for values, shape in arrays:
            if values.shape != shape:
                return "malformed"
            if not square_sum(values.ravel()) < 1e12:
                return "not finite"
        stamp = float(target.stamp)
        if not math.isfinite(float(target.gripper_m)) or not abs(stamp) < _STAMP_MAX_S:
            return "not finite"
        if stamp > now + self._config.future_s:
            return "from the future"
        if 0.0 < self._stamp - stamp < 1.0:
            return "older than the last one"
        return _rotation_flaw(target.T_base_ee)


def _rotation_flaw(T: Array) -> str:
    """Whether the rotation of a pose (4, 4) is orthonormal and right-handed."""
    R = T[:3, :3]
    (a, b, c), (d, e, f), (g, h, i) = R.tolist()
    det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    products = (R.dot(R.T) - _EYE3).ravel().tolist()
    if max(map(abs, products)) > 1e-3 or det < 0.0:
        return "pose without a rotation"
    return ""


_EYE3 = np.eye(3)
