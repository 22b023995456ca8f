"""Input guards: nothing is believed before it is finite, possible and fresh."""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import inputs
from neural_brain.models.kernels.age import AGE, FRESH, NONE_YET, judge_age
from neural_brain.models.kernels.inputs import STAMP_MAX_S, judge_state, target_flaw
from neural_brain.models.kernels.memory import Memory, memory
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import GuardConfig
from neural_brain.models.reflex.layout import Layout
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
MALFORMED = -1
_USABLE = (inputs.GOOD, inputs.BACKWARD, inputs.GAP, inputs.FROZEN)
_ABSURD = (inputs.POSITION, inputs.SPEED, inputs.WRENCH, inputs.TWIST)


class StateGuard:
    """Judges each body state.

    Args:
        config: what is possible and how old it may be.
        limits: hard limits of the body.
        tick_s: control period [s].
        state: where to keep it; memory of its own when None.

    Attributes:
        valid: whether the last state may be used for control.
        read: the numbers of the last state, NaN if it had not the right form: q, dq and
            effort (n,), wrench (6,), twist (2,) and pose (3,), one after another.
        q, dq, wrench: parts of it. times: of its measurement and then (2,) [s].
        bounds: lowest and highest position and fastest speed of the joints (3, n).
    """

    def __init__(
        self,
        config: GuardConfig,
        limits: BodyLimits,
        tick_s: float,
        state: Memory | None = None,
    ) -> None:
        self.valid = False
        self._lost_ticks = config.state_lost_ticks
        self._absurd_ticks = config.absurd_ticks
        n = limits.q_min.size
        self._layout = Layout((n,), (n,), (n,), (6,), (2,), (3,))
        self.read: Array = self._layout.numbers
        self.q, self.dq = self.read[:n], self.read[n : 2 * n]
        self.wrench = self.read[3 * n : 3 * n + 6]
        self.times: Array = np.zeros(2)
        margin = config.joint_margin_rad
        fastest = config.speed_share_max * limits.dq_max
        self.bounds: Array = np.array(
            (limits.q_min - margin, limits.q_max + margin, fastest)
        )
        v_max, w_max = config.speed_share_max * np.maximum(limits.twist_max, 0.1)
        self._state = state = memory(inputs.GUARD) if state is None else state
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
        code = self.take(body, now)
        if code == inputs.GOOD:
            code = judge_state(self._state, self.bounds, self.read, self.times)
        return self.conclude(code)

    def take(self, body: BodyState, now: float) -> int:
        """Read the numbers of any object; MALFORMED if it is no body state."""
        if self._read(body, now):
            return inputs.GOOD
        self.read.fill(math.nan)
        return MALFORMED

    def _read(self, body: BodyState, now: float) -> bool:
        """Whether an object has the form of a body state; its numbers are taken."""
        try:
            parts = (
                body.q,
                body.dq,
                body.effort,
                body.wrench_ee,
                body.twist_base,
                body.pose_odom_base,
            )
            if not self._layout.take(parts) or body.bumper.ndim != 1:
                return False
            self.times[0], self.times[1] = body.stamp, now
        except (AttributeError, TypeError, ValueError, IndexError):
            return False
        return True

    def conclude(self, code: int) -> Cause:
        """The cause of what `kernels.inputs` found."""
        self.valid = code in _USABLE
        if code == inputs.GOOD:
            self._bad = 0
            return CLEAR
        self._bad = 0 if self.valid else self._bad + 1
        if self._bad >= self._lost_ticks:
            return Cause(_STOP, "body state lost", self._bad, self._lost_ticks)
        return self._cause(code)

    def _cause(self, code: int) -> Cause:
        if code == MALFORMED:
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

    Args:
        config: how old a target may be.
        limits: hard limits of the body.
        tick_s: control period [s].
        age: where to keep the age; memory of its own when None.

    Attributes:
        target: last accepted target, None before the first.
        refused: number of refused targets.
        reason: why the last one was refused.
    """

    def __init__(
        self,
        config: GuardConfig,
        limits: BodyLimits,
        tick_s: float,
        age: Memory | None = None,
    ) -> None:
        self.target: MotionTarget | None = None
        self.refused = 0
        self.reason = ""
        self._config = config
        n = limits.q_min.size
        self._layout = Layout((4, 4), (6, 6), (2,), (n,), (6,), (2,))
        self._age = age = memory(AGE) if age is None else age
        self._stamp, self._ticks = age["stamp"], age["ticks"]
        age["stamp"], age["tick_s"] = -math.inf, tick_s
        age["timeout_s"], age["needed"] = config.command_timeout_s, 1

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
        self._stamp[0], self._ticks[0] = float(target.stamp), 0
        return True

    def note(self, stamp: float, now: float) -> None:
        """A foreign controller decided something at `stamp` [s]."""
        if self._stamp[0] < stamp <= now + self._config.future_s:
            self._stamp[0], self._ticks[0] = stamp, 0

    def judge(self, now: float) -> Cause:
        """The cause that the age of the target gives; call once a tick."""
        return self.cause(judge_age(self._age, now))

    def cause(self, found: int) -> Cause:
        """The cause of what `kernels.age` found."""
        if found == FRESH:
            return CLEAR
        timeout = self._config.command_timeout_s
        if found == NONE_YET:
            return Cause(_HOLD, "no target yet", 0.0, timeout)
        return Cause(_HOLD, "target stale", float(self._age["value"][0]), timeout)

    def _flaw(self, target: MotionTarget, now: float) -> str:
        arrays = (
            target.T_base_ee,
            target.stiffness,
            target.twist_base,
            target.q_target,
            target.wrench_ff,
            target.head,
        )
        if not self._layout.take(arrays):
            return "malformed"
        flaw = target_flaw(self._layout.numbers)
        stamp = float(target.stamp)
        if flaw == inputs.UNBOUNDED:
            return "not finite"
        if not math.isfinite(float(target.gripper_m)) or not abs(stamp) < STAMP_MAX_S:
            return "not finite"
        if stamp > now + self._config.future_s:
            return "from the future"
        if 0.0 < self._stamp[0] - stamp < 1.0:
            return "older than the last one"
        return "pose without a rotation" if flaw == inputs.NO_ROTATION else ""
