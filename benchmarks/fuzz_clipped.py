"""What the fast loop is compared with under bad input: clipped joint control."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from neural_brain.benchmarks.fuzz_arm import Arm, Moving
from neural_brain.benchmarks.fuzz_line import DT, LIMITS
from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyCommand, BodyState, MotionTarget
from neural_brain.sim.robots import panda


class Clipped:
    """A PD controller of the joints whose outputs are clipped to the limits.

    It moves an arm of its own, which begins where that of a line is, and stays where it
    is once that is out of its limits. Gravity is
    compensated with the true posture, so that nothing but the rest is compared.

    Attributes:
        arm: what it moves. last: its last command, None before the first.
    """

    def __init__(self, line: Moving) -> None:
        self.arm = Arm(line.life, line.arm.q, line.arm.dq, owner="plain")
        self.last: BodyCommand | None = None

    def tick(self, body: Any, target: MotionTarget, honest: BodyState) -> BodyCommand:
        """A command for a state and a target; both are believed.

        Args:
            body: what the loop got, of its own arm; anything at all.
            target: what is asked for.
            honest: what the loop would have got undisturbed.
        """
        own = replace(honest, q=self.arm.q, dq=self.arm.dq)
        seen = body
        if body is honest:
            seen = own
        elif isinstance(body, BodyState):
            seen = replace(
                body,
                q=np.where(body.q == honest.q, own.q, body.q),
                dq=np.where(body.dq == honest.dq, own.dq, body.dq),
            )
        if isinstance(seen, BodyState):
            self.last = self._answer(seen, target)
        elif self.last is None:
            self.last = self._answer(own, target)
        left = self.arm.faults - {"joint speed"}
        if not left and np.isfinite(self.last.effort.sum()):
            self.arm.step(self.last.effort, seen, own)
        return self.last

    def _answer(self, body: BodyState, target: MotionTarget) -> BodyCommand:
        with np.errstate(all="ignore"):
            effort = 200.0 * (target.q_target - body.q) - 20.0 * body.dq
            effort = _clip(effort + self.arm.bias, panda.EFFORT_MAX)
            twist = _clip(target.twist_base, LIMITS.twist_max)
            if self.last is not None:
                before, last = self.last.effort, self.last.twist_base
                effort = before + _clip(effort - before, panda.EFFORT_RATE_MAX * DT)
                twist = last + _clip(twist - last, LIMITS.accel_max * DT)
        return BodyCommand(
            stamp=body.stamp,
            effort=effort,
            twist_base=twist,
            head=target.head,
            gripper_m=target.gripper_m,
        )


def _clip(values: Array, most: Array) -> Array:
    """Values within plus and minus `most`; what is not a number stays so."""
    return np.asarray(np.minimum(np.maximum(values, -most), most))
