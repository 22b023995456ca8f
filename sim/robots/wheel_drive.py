"""Driver of the differential base: twist to wheel speeds with bounded acceleration."""

from __future__ import annotations

import mujoco

from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyLimits
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.base import HALF_TRACK_M, WHEEL_RADIUS_M
from neural_brain.sim.robots.index import RobotIndex

BRAKE_FACTOR = 2.0  # braking may be this much harder than speeding up


class WheelDrive:
    """Ramps the commanded twist; `update` runs once a tick."""

    def __init__(
        self, data: mujoco.MjData, index: RobotIndex, limits: BodyLimits
    ) -> None:
        self._wheels = index.wheel_ctrl
        self._ctrl = data.ctrl
        self._max = [float(v) for v in limits.twist_max]
        self._step = [float(a) * TICK_S for a in limits.accel_max]
        self._target = [0.0, 0.0]
        self._now = [0.0, 0.0]

    @property
    def twist(self) -> tuple[float, float]:
        """What the wheels are told now: forward [m/s] and turning speed [rad/s]."""
        forward, turn = self._now
        return forward, turn

    def halt(self) -> None:
        """Stand still at once: something is in the way."""
        self._now = [0.0, 0.0]

    def command(self, twist: Array) -> bool:
        """Set the wanted twist (2,) [m/s, rad/s]; true if it had to be clipped."""
        clipped = False
        for axis, limit in enumerate(self._max):
            wanted = float(twist[axis])
            self._target[axis] = min(max(wanted, -limit), limit)
            clipped |= abs(wanted) > limit + 1e-9
        return clipped

    def stop(self) -> None:
        """Want to stand still."""
        self._target = [0.0, 0.0]

    def update(self) -> None:
        """Move one tick's ramp towards the target and set the wheel servos."""
        if self._now == self._target or not self._wheels.size:
            return
        for axis, step in enumerate(self._step):
            now, target = self._now[axis], self._target[axis]
            braking = abs(target) < abs(now) or target * now < 0.0
            limit = step * BRAKE_FACTOR if braking else step
            self._now[axis] = now + min(max(target - now, -limit), limit)
        forward, turn = self._now
        left, right = self._wheels.tolist()
        self._ctrl[left] = (forward - turn * HALF_TRACK_M) / WHEEL_RADIUS_M
        self._ctrl[right] = (forward + turn * HALF_TRACK_M) / WHEEL_RADIUS_M
