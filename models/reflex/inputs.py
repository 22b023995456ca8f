"""Everything that comes in at a tick, judged with one call where its form is right."""

from __future__ import annotations

from neural_brain.models.kernels.inputs import GOOD
from neural_brain.models.kernels.judgement import JUDGE, judge_inputs
from neural_brain.models.kernels.memory import memory
from neural_brain.models.reflex.base_guard import far_m
from neural_brain.models.reflex.cause import CLEAR, Cause, worse
from neural_brain.models.reflex.config import ReflexConfig
from neural_brain.models.reflex.force import ForceReflex
from neural_brain.models.reflex.guards import MALFORMED, StateGuard, TargetGuard
from neural_brain.models.reflex.obstacles import Obstacles
from neural_brain.models.reflex.repeats import Repeats
from neural_brain.models.signals import BodyLimits, BodyState, ReflexLevel

_MOVING2 = 0.01


class Inputs:
    """Guards of state, target and scan, and the force reflex.

    Args:
        config: thresholds and times.
        limits: hard limits of the body.

    Attributes:
        state, targets, obstacles, force: these four; their memory lies side by side.
    """

    def __init__(self, config: ReflexConfig, limits: BodyLimits) -> None:
        tick_s, guards = config.joints.tick_s, config.guards
        self._memory = own = memory(JUDGE)
        self._found = own["found"][0]
        self.state = StateGuard(guards, limits, tick_s, own["state"])
        self.targets = TargetGuard(guards, limits, tick_s, own["target"])
        horizon_m = max(config.base.horizon_m, far_m(config.base, limits))
        self.obstacles = Obstacles(guards, horizon_m, tick_s, own["scan"])
        self.force = ForceReflex(config.force, tick_s, own["touch"])
        self._wrench = Repeats(guards.wrench_frozen_ticks)

    def judge(self, body: BodyState, now: float, *, contact: bool) -> Cause:
        """The worst cause of this tick's inputs, the first one among equals.

        Args:
            body: measured state; may be anything.
            now: present time on the clock of the stamps [s]; the same.
            contact: whether touching is intended.
        """
        state = self.state
        if state.take(body, now) == MALFORMED:
            self._memory["scan"]["ticks"] += 1
            self._memory["target"]["ticks"] += 1
            return state.conclude(MALFORMED)
        read, times = state.read, state.times
        if judge_inputs(self._memory, state.bounds, read, times, bool(contact)):
            worst = state.conclude(GOOD)
        else:
            body_found, target, scan, touch = self._found.tolist()
            worst = worse(state.conclude(body_found), self.targets.cause(target))
            worst = worse(worst, self.obstacles.cause(scan))
            worst = worse(worst, self.force.cause(touch, contact=contact))
        return worse(worst, self._feel()) if self._wrench.most else worst

    def _feel(self) -> Cause:
        """A wrench that stands still is no measurement; all zero, it is no sensor."""
        dq, wrench, own = self.state.dq, self.state.wrench, self._wrench
        moving = bool(dq.dot(dq) > _MOVING2 and wrench.any())
        if not own.see(wrench, moving=moving):
            return CLEAR
        return Cause(ReflexLevel.HOLD, "wrench frozen", own.count, own.most)
