"""Targets of controllers that are not the brain: speeds of the base, joints of the arm.

They come on two topics at two rates; the fast loop gets one target made of both.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmMode, BodyState, MotionTarget, ReflexLevel

CLOCK_RESET_S = 1.0


class ForeignTargets:
    """What was asked of base and arm last, and since when nothing is.

    A part that is silent stands while the other one goes on: no speed for the base, the
    posture that it has just then for the arm. When both are silent no target is made
    any more, and the reflex holds because the last one is stale.

    Args:
        silent_s: a part whose newest command is so much older than the other's is
            silent [s].
    """

    def __init__(self, silent_s: float) -> None:
        self._silent_s = silent_s
        self._twist: tuple[float, Array] = (-math.inf, np.zeros(2))
        self._joints: tuple[float, Array] = (-math.inf, np.zeros(0))
        self._posture: Array | None = None
        self._led = False

    def drive(self, stamp: float, twist: Array) -> None:
        """The base is asked for a speed (2,) [m/s, rad/s]."""
        self._twist = (stamp, twist)
        if self._joints[0] > stamp + CLOCK_RESET_S:
            self._joints = (-math.inf, np.zeros(0))

    def reach(self, stamp: float, q: Array) -> None:
        """The arm is asked for joint positions (n,) [rad]."""
        self._joints = (stamp, q)
        if self._twist[0] > stamp + CLOCK_RESET_S:
            self._twist = (-math.inf, np.zeros(2))

    def target(self, body: BodyState, level: float) -> MotionTarget:
        """The target of both parts; call after `drive` or `reach`.

        A posture that is read anew from the joints with every command would follow an
        arm that sinks, or that someone leans on.

        Args:
            body: the newest state.
            level: of the reflex.
        """
        stamp = max(self._twist[0], self._joints[0])
        oldest = stamp - self._silent_s
        led = self._joints[0] >= oldest
        if led:
            self._posture = self._joints[1]
        elif self._posture is None or self._led or level >= ReflexLevel.HOLD:
            self._posture = body.q.copy()
        self._led = led
        twist = self._twist[1] if self._twist[0] >= oldest else np.zeros(2)
        return standing_target(body, stamp, twist, self._posture)


def standing_target(
    body: BodyState, stamp: float, twist: Array, posture: Array
) -> MotionTarget:
    """Drive with `twist` (2,), keep the arm's joints at `posture` (n,) [rad]."""
    return MotionTarget(
        stamp=stamp,
        twist_base=twist,
        mode=ArmMode.JOINT,
        q_target=posture,
        T_base_ee=np.eye(4),
        stiffness=np.diag([300.0] * 3 + [30.0] * 3),
        wrench_ff=np.zeros(6),
        contact=False,
        head=body.head.copy(),
        gripper_m=body.gripper_m,
    )
