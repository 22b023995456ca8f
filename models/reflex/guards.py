"""Input guards: nothing is believed before it is finite, possible and fresh."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import inputs
from neural_brain.models.kernels.inputs import STAMP_MAX_S, judge_state, target_flaw
from neural_brain.models.kernels.memory import memory
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import GuardConfig
from neural_brain.models.signals import BodyLimits, BodyState, MotionTarget, ReflexLevel

_HOLD, _STOP = ReflexLevel.HOLD, ReflexLevel.STOP
_NAMES = {
    inputs.NOT_FINITE: "body state not finite",
    inputs.BACKWARD: "time went backward",
    inputs.STALE: "body state stale",
    inputs.GAP: "gap in body states",
    inputs.FUTURE: "body state from the future",
    inputs.POSITION: "joint position impossible",
    inputs.SPEED: "joint speed impossible",
    inputs.WRENCH: "wrench impossible",
    inputs.TWIST: "base speed impossible",
    inputs.FROZEN: "joint state frozen",
}
_MALFORMED = -1
_USABLE = (inputs.GOOD, inputs.BACKWARD, inputs.GAP, inputs.FROZEN)
_ABSURD = (inputs.POSITION, inputs.SPEED, inputs.WRENCH, inputs.TWIST)


class StateGuard:
    """Judges each body state.

    Attributes:
        valid: whether the last state may be used for control.
        read: the numbers of the last state that had the right form: q, dq and effort
            (n,), wrench (6,), twist (2,) and pose (3,), one after another.
        q, dq, wrench, pose: parts of it.
    """

    def __init__(self, config: GuardConfig, limits: BodyLimits, tick_s: float) -> None:
        self.valid = False
        self._lost_ticks = config.state_lost_ticks
        self._absurd_ticks = config.absurd_ticks
        n = limits.q_min.size
        self._shapes = ((n,), (n,), (n,), (6,), (2,), (3,))
        self.read: Array = np.zeros(3 * n + 11)
        self.q, self.dq = self.read[:n], self.read[n : 2 * n]
        self.wrench = self.read[3 * n : 3 * n + 6]
        self.pose = self.read[3 * n + 8 :]
        margin = config.joint_margin_rad
        fastest = config.speed_share_max * limits.dq_max
        self._bounds = np.array((limits.q_min - margin, limits.q_max + margin, fastest))
        v_max, w_max = config.speed_share_max * np.maximum(limits.twist_max, 0.1)
        self._state = state = memory(inputs.GUARD)
        state["stamp"], state["print"] = -math.inf, math.nan
        state["dt"] = state["tick_s"] = tick_s
        state["timeout_s"], state["future_s"] = config.state_timeout_s, config.future_s
        state["wrench_max"] = config.wrench_max
        state["v_max"], state["w_max"] = v_max, w_max
        state["frozen_ticks"] = config.frozen_ticks
        self._dt, self._absurd = state["dt"], state["absurd"]
        self._bad = 0

    @property
    def dt(self) -> float:
        """Time since the state before [s], within 0 and twice the control period."""
        return float(self._dt[0])

    def judge(self, body: BodyState, now: float) -> Cause:
        """The cause that this state gives, CLEAR if none.

        Args:
            body: any object; what does not look like a body state is invalid.
            now: present time on the clock of the stamps [s].
        """
        try:
            code = self._judge(body, now)
        except (AttributeError, TypeError, ValueError, IndexError):
            code = _MALFORMED
        self.valid = code in _USABLE
        if code == inputs.GOOD:
            self._bad = 0
            return CLEAR
        self._bad = 0 if self.valid else self._bad + 1
        if self._bad >= self._lost_ticks:
            return Cause(_STOP, "body state lost", self._bad, self._lost_ticks)
        return self._cause(code)

    def _judge(self, body: BodyState, now: float) -> int:
        parts = (
            body.q,
            body.dq,
            body.effort,
            body.wrench_ee,
            body.twist_base,
            body.pose_odom_base,
        )
        if tuple([part.shape for part in parts]) != self._shapes:
            return _MALFORMED
        if body.bumper.ndim != 1:
            return _MALFORMED
        np.concatenate(parts, out=self.read)
        stamp, now = float(body.stamp), float(now)
        code: int = judge_state(self._state, self._bounds, self.read, stamp, now)
        return code

    def _cause(self, code: int) -> Cause:
        if code == _MALFORMED:
            return Cause(_HOLD, "body state malformed")
        level = _STOP if code == inputs.FROZEN else _HOLD
        if code in _ABSURD and self._absurd[0] >= self._absurd_ticks:
            level = _STOP
        if code == inputs.NOT_FINITE:
            return Cause(level, _NAMES[code])
        value, limit = float(self._state["value"][0]), float(self._state["limit"][0])
        return Cause(level, _NAMES[code], value, limit)


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
        n = limits.q_min.size
        self._shapes = ((4, 4), (6, 6), (2,), (n,), (6,), (2,))
        self._numbers: Array = np.zeros(62 + n)
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
            target.T_base_ee,
            target.stiffness,
            target.twist_base,
            target.q_target,
            target.wrench_ff,
            target.head,
        )
        if tuple([values.shape for values in arrays]) != self._shapes:
            return "malformed"
        np.concatenate(arrays, axis=None, out=self._numbers)
        flaw = target_flaw(self._numbers)
        stamp = float(target.stamp)
        if flaw == inputs.UNBOUNDED:
            return "not finite"
        if not math.isfinite(float(target.gripper_m)) or not abs(stamp) < STAMP_MAX_S:
            return "not finite"
        if stamp > now + self._config.future_s:
            return "from the future"
        if 0.0 < self._stamp - stamp < 1.0:
            return "older than the last one"
        return "pose without a rotation" if flaw == inputs.NO_ROTATION else ""
