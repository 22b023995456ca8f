"""The reflex layer: judges every tick, and lets only safe commands through.

Order of one tick: input guards, force, bumper and obstacles give causes; the worst one
moves the ladder; a learned critic, if it is switched on, may lower the action further;
the level and the limits shape the command. The rules never hear of the critic: their
state is the same with and without it, so it cannot make them more lenient. Nothing here
raises on bad input: it counts, logs and falls to the safe side.
"""

from __future__ import annotations

import math
from operator import itemgetter

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.inputs import SQUARE_MAX
from neural_brain.models.reflex import ladder
from neural_brain.models.reflex.base_guard import BaseGuard
from neural_brain.models.reflex.cause import CLEAR, Cause, worse
from neural_brain.models.reflex.config import ReflexConfig
from neural_brain.models.reflex.critic import Critic, load_critic
from neural_brain.models.reflex.effort_guard import EffortGuard
from neural_brain.models.reflex.effort_interval import EffortInterval
from neural_brain.models.reflex.finite import square_sum
from neural_brain.models.reflex.inputs import Inputs
from neural_brain.models.reflex.ladder import Ladder
from neural_brain.models.reflex.shrink import TwistShrink
from neural_brain.models.reflex.state_rules import make_rules
from neural_brain.models.reflex.verdict import Verdict
from neural_brain.models.reflex.watchdog import Watchdog
from neural_brain.models.signals import (
    ArmShape,
    BodyCommand,
    BodyLimits,
    BodyState,
    LaserScan,
    ReflexEvent,
    ReflexLevel,
)

_SLOW, _HOLD, _STOP = ReflexLevel.SLOW, ReflexLevel.HOLD, ReflexLevel.STOP
_LEVELS = tuple(ReflexLevel)
_HEAD_MAX_RAD = math.pi
_TWIST_MAX = 100.0
_EVENTS_MAX = 1000
_QUIET_TICKS = 200
_LEVEL_OF = itemgetter(0)
_BAD_EFFORT = Cause(_STOP, "effort not finite")
_CAUTION = Cause(_SLOW, "caution after contact")


class Reflex:
    """Rules in front of any controller of an arm, a base, or both.

    Use `tick` behind a foreign controller. The fast loop calls `judge` first, so that
    its own controller already knows the level, and `limit` last.

    Args:
        config: thresholds and times.
        limits: hard limits of the body.
        shape: where the arm is solid; needed for planes and self-distance only.

    Attributes:
        places: rules of planes and self-distance, None if nothing is watched.
        level: present level. cause: what put it there. ticks: ticks so far.
        rules_level: the level that the rules alone ask for; never above `level`.
        critic: the learned part, None when it is off.
        watchdog: foresees forces of the arm, None when it is off; whoever sets it lets
            it judge every tick before `judge`. The rules never hear of it, either.

    Raises:
        ConfigError: if planes or self-distance are asked for without a shape.
        ModelFileError: if the critic is on and its weights cannot be used.
    """

    def __init__(
        self,
        config: ReflexConfig,
        limits: BodyLimits,
        shape: ArmShape | None = None,
    ) -> None:
        tick_s = config.joints.tick_s
        self.config = config
        self._inputs = inputs = Inputs(config, limits)
        self.state, self.targets = inputs.state, inputs.targets
        self.obstacles, self.force = inputs.obstacles, inputs.force
        self.base = BaseGuard(config.base, limits, tick_s)
        self.efforts = EffortGuard(config.joints, limits)
        joints = EffortInterval(config.joints, limits, self.efforts)
        self.places = make_rules(config.workspace, shape, joints)
        self.critic: Critic | None = load_critic(config.critic, config.ladder)
        self.watchdog: Watchdog | None = None
        self.level = self.rules_level = ReflexLevel.HOLD
        self.cause = Cause(_HOLD, "start")
        self.ticks = 0
        self._slowed = self._reset = False
        self._shrink = TwistShrink(limits, tick_s)
        self._now = math.nan
        self._ladder = Ladder()
        self._forced = CLEAR
        self._events: list[ReflexEvent] = []
        self._event: ReflexEvent | None = None
        self._event_tick = -_QUIET_TICKS
        self._retreat_tick = -(1 << 30)
        self._caution = config.ladder.caution_ticks
        self._body: BodyState | None = None
        self._head, self._gripper_m = np.zeros(2), 0.0
        self._head_asked: Array | None = None
        self._zero, self._tip = np.zeros(limits.q_min.size), np.zeros(2)
        self._foreign: Array = np.zeros((2, limits.q_min.size))

    @property
    def slowed(self) -> bool:
        """Whether all speeds are lowered; an obstacle lowers only its own."""
        critic, watchdog = self.critic, self.watchdog
        return (
            self._slowed
            or (critic is not None and critic.level is _SLOW)
            or (watchdog is not None and watchdog.level is _SLOW)
        )

    @property
    def share(self) -> float:
        """What the critic leaves of the force of the arm's spring, up to 1."""
        return 1.0 if self.critic is None else self.critic.share

    def demand(self, cause: Cause) -> None:
        """Bring in a cause from outside for the next tick, such as an e-stop."""
        self._forced = worse(self._forced, cause)

    def reset(self) -> None:
        """Ask to leave STOP or ESTOP; granted in a tick with good inputs."""
        self._reset = True

    def set_scan(self, scan: LaserScan, lidar: int = 0) -> bool:
        """Offer a scan of a lidar; False if it was refused."""
        taken = self.obstacles.offer(scan, self._body, self._now, lidar)
        self.base.sees(*self.obstacles.sight)
        return taken

    def pop_events(self) -> list[ReflexEvent]:
        """Changes since the last call, oldest first."""
        events, self._events = self._events, []
        return events

    def judge(self, body: BodyState, now: float, *, contact: bool) -> ReflexLevel:
        """Find the level of this tick.

        Args:
            body: measured state; may be anything.
            now: present time on the clock of the stamps [s].
            contact: whether touching is intended.
        """
        self.ticks += 1
        forced, self._forced = self._forced, CLEAR
        causes = [forced, self._inputs.judge(body, now, contact=contact)]
        if self.state.valid:
            self._body = body
            causes.append(self.base.press(body.bumper))
        causes.append(self.base.cause)
        if self.ticks - self._retreat_tick < self._caution:
            causes.append(_CAUTION)
        if self.places is not None:  # as of the last tick
            causes.append(self.places.cause)
        worst = max(causes, key=_LEVEL_OF)  # the first among equals
        self._now = now
        self._climb(worst)
        self._settle(worst)
        return self.level

    def foresee(self, features: Array | None) -> ReflexLevel:
        """Let the critic judge the action of this tick, after `judge`, before `limit`.

        Without a call the critic takes the risk for unknown, which is danger.

        Args:
            features: see `models.reflex.intent`; None: nothing that it can judge moves.
        """
        if self.critic is not None:
            if features is None:
                self.critic.skip()
            else:
                self.critic.look(features)
            self._settle(CLEAR)
        return self.level

    def limit(
        self,
        effort: Array,
        twist: tuple[float, float],
        *,
        bias: Array,
        head: Array,
        gripper_m: float,
        tip: Array,
    ) -> BodyCommand:
        """The command that may be sent; call after `judge` in the same tick.

        Args:
            effort: proposed joint efforts (n,) [Nm], contiguous float64 like `bias`.
            twist: proposed forward [m/s] and turning speed [rad/s].
            bias: gravity and Coriolis effort (n,) [Nm], finite.
            head: pan and tilt (2,) [rad].
            gripper_m: opening [m].
            tip: end of the arm (2,) [m] in `base_link`.
        """
        body = self._body
        safe_effort = self._limit_effort(effort, bias)
        if self.places is not None:
            self.places.note(safe_effort)
        if self.critic is not None:
            self.critic.close()
            self._settle(CLEAR)
        v, w = twist if self.rules_level < _HOLD else (self._back_off(), 0.0)
        if not (abs(v) < _TWIST_MAX and abs(w) < _TWIST_MAX):
            v = w = 0.0
        base = self.base
        if body is not None and base.needs_look(v, w):
            points = self.obstacles.near(body.pose_odom_base, base.matters_m(tip))
            base.look(v, w, points, tip)
        share = self.config.base.slow_share if self._slowed else 1.0
        v, w = self._lower(*base.limit(v, w, share))
        if self.level < _STOP and body is not None:
            self._limit_rest(head, gripper_m)
        return BodyCommand(
            stamp=0.0 if body is None else body.stamp,
            effort=safe_effort,
            twist_base=np.array((v, w)),
            head=self._head,
            gripper_m=self._gripper_m,
        )

    def tick(
        self,
        body: BodyState,
        proposed: BodyCommand,
        *,
        now: float | None = None,
        bias: Array | None = None,
        contact: bool = False,
        features: Array | None = None,
    ) -> Verdict:
        """Check the command of a foreign controller.

        From HOLD upwards the proposed effort is replaced by joint damping on top of
        `bias` (gravity compensation), which only that controller can know.

        Args:
            body: measured state.
            proposed: command; its stamp counts as the time it was decided.
            now: present time [s]; the state's stamp when None.
            bias: gravity effort (n,) [Nm]; zero when None.
            contact: whether touching is intended.
            features: input of the critic; see `foresee`. If the critic is on, none at
                all is danger.
        """
        now = float(getattr(body, "stamp", math.nan) if now is None else now)
        bias = self._zero if bias is None else bias
        proposed = self._readable(proposed, now)
        level = self.judge(body, now, contact=contact)
        if features is not None:
            level = self.foresee(features)
        effort = proposed.effort
        if level >= _HOLD and self.state.valid:
            if self.rules_level < _HOLD:  # the rules would have had to look at it
                self._refuse_bad(effort)
            effort = bias - self.efforts.gain * body.dq
        if self.state.valid:  # they may be arrays of another type
            np.concatenate((effort, bias), out=self._foreign.reshape(-1))
            effort, bias = self._foreign
        command = self.limit(
            effort,
            tuple(proposed.twist_base.tolist()),
            bias=bias,
            head=proposed.head,
            gripper_m=proposed.gripper_m,
            tip=self._tip,
        )
        return Verdict(command=command, level=self.level, event=self._event)

    def _readable(self, proposed: BodyCommand, now: float) -> BodyCommand:
        """The command itself, or one that asks for nothing if it is malformed."""
        try:
            shapes = (proposed.effort.shape, proposed.twist_base.shape)
            good = shapes == (self._zero.shape, (2,)) and proposed.head.shape == (2,)
            parts = (proposed.effort, proposed.twist_base, proposed.head)
            good &= all(part.dtype.kind in "fiu" for part in parts)
            float(proposed.gripper_m)
            self.targets.note(float(proposed.stamp), now)
        except (AttributeError, TypeError, ValueError):
            good = False
        if good:
            return proposed
        self.demand(Cause(_HOLD, "command malformed"))
        return BodyCommand(
            stamp=now,
            effort=self._zero,
            twist_base=np.zeros(2),
            head=self._head,
            gripper_m=self._gripper_m,
        )

    def _climb(self, worst: Cause) -> None:
        """Move the ladder of the rules."""
        if worst is CLEAR and self._ladder.level == ladder.NOMINAL:
            self._event, self._reset, self._slowed = None, False, False
            return
        reset, self._reset = self._reset, False
        self._ladder = ladder.step(
            self._ladder, int(worst.level), reset, self.config.ladder
        )
        self._event = None
        own = self.places is not None and worst is self.places.cause
        if worst.level is _SLOW and worst is not self.base.cause and not own:
            self._slowed = True
        elif self._ladder.level != ladder.SLOW:
            self._slowed = False
        self.rules_level = _LEVELS[self._ladder.level]
        if self.rules_level is ReflexLevel.RETRACT:
            self._retreat_tick = self.ticks

    def _settle(self, worst: Cause) -> None:
        """The highest level of rules, critic and watchdog holds; log changes."""
        before, level = self.level, self.rules_level
        for adviser in (self.critic, self.watchdog):
            if adviser is not None and adviser.level > level:
                level, worst = adviser.level, worse(worst, adviser.cause)
        self.level = level
        if level is not before:
            name = worst.name if worst.level >= level else f"after {self.cause.name}"
            self.cause = worst._replace(name=name, level=level)
            self._log(self._now)
        elif worst.level is level and worst.name != self.cause.name:
            self.cause = worst
            if level and self.ticks - self._event_tick > _QUIET_TICKS:
                self._log(self._now)

    def _lower(self, v: float, w: float) -> tuple[float, float]:
        """What critic and watchdog leave of a twist; never of a way out of a bump."""
        critic, watchdog, share = self.critic, self.watchdog, 1.0
        if critic is None and watchdog is None:
            return v, w
        if critic is not None and critic.level is _SLOW:
            share = self.config.critic.slow_share
        if any(a is not None and a.level >= _HOLD for a in (critic, watchdog)):
            leaves = self.rules_level >= _HOLD and self._back_off()
            share = share if leaves else 0.0
        return self._shrink.limit(v, w, share)

    def _log(self, now: float) -> None:
        self._event_tick = self.ticks
        self._event = ReflexEvent(
            stamp=now,
            tick=self.ticks,
            level=self.level,
            cause=self.cause.name,
            value=float(self.cause.value),
            limit=float(self.cause.limit),
        )
        if len(self._events) < _EVENTS_MAX:
            self._events.append(self._event)

    def _limit_effort(self, effort: Array, bias: Array) -> Array:
        body = self._body
        if body is None or not self.state.valid:
            return self.efforts.settle(bias)
        if self.places is not None or effort.shape != self._zero.shape:
            if self._refuse_bad(effort):
                effort = bias
            if self.places is not None:
                drive = self.rules_level < _STOP
                effort = self.places.limit(effort, body, bias, drive=drive)
        sent = self.efforts.limit(effort, self.state.q, self.state.dq, bias)
        if self.efforts.refused:
            self.demand(_BAD_EFFORT)
        return sent

    def _refuse_bad(self, effort: Array) -> bool:
        """Whether the effort is unusable; then STOP follows in the next tick."""
        if effort.shape == self._zero.shape and square_sum(effort) < SQUARE_MAX:
            return False
        self.demand(_BAD_EFFORT)
        return True

    def _back_off(self) -> float:
        return self.base.back_off() if self.rules_level == _HOLD else 0.0

    def _limit_rest(self, head: Array, gripper_m: float) -> None:
        if head is self._head_asked and gripper_m == self._gripper_m:
            return
        self._head_asked = head
        pan, tilt = head.tolist()
        if math.isfinite(pan + tilt):
            bound = _HEAD_MAX_RAD
            pan, tilt = max(-bound, min(pan, bound)), max(-bound, min(tilt, bound))
            self._head = np.array((pan, tilt))
        if math.isfinite(gripper_m):
            self._gripper_m = max(0.0, float(gripper_m))
