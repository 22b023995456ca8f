"""Protects the base: lidar braking, stretched arm, bumper, speed and acceleration.

A round base keeps turning while an obstacle limits its speed. A rectangular one stays
on its arc: both are lowered by one share, as its corners sweep around it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.room import room_beside
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.clearance import (
    free_time,
    free_travel,
    free_turn,
    speed_for,
)
from neural_brain.models.reflex.config import BaseConfig
from neural_brain.models.signals import BodyLimits, ReflexLevel

_CUT = 0.02
_STANDS = 2e-3
_INSIDE_M = 5e-4  # the nearest point is inside the margin, so that it is not crossed
_OUTWARD = np.array([-1.0, 1.0, -1.0, 1.0])


class BaseGuard:
    """Limits the base's twist.

    Attributes:
        twist: last twist that was let through: forward [m/s], turning [rad/s].
        cause: why the twist was cut at the last look, CLEAR if it was not.
    """

    def __init__(self, config: BaseConfig, limits: BodyLimits, tick_s: float) -> None:
        self.twist = (0.0, 0.0)
        self.cause = CLEAR
        self._config = config
        self._radius_m = limits.radius_m + config.stop_margin_m
        self._v_max, self._w_max = (float(value) for value in limits.twist_max)
        self._brakes = [float(a) * config.brake_share for a in limits.accel_max]
        self._steps = [float(a) * tick_s for a in limits.accel_max]
        box = np.ascontiguousarray(limits.footprint, dtype=np.float64)
        self._box = box if box.size else None
        self._margins, self._rooms = np.full(4, config.stop_margin_m), np.zeros(4)
        self._far_m = far_m(config, limits)
        self._sight = math.inf, math.inf
        self._arm_at = limits.radius_m + config.arm_reach_m
        self._ahead = self._behind = self._left = self._right = math.inf
        self._look_in = 0
        self._asked = (0.0, 0.0)
        self._bumped = 0.0
        self._bumped_ticks = 0

    def sees(self, ahead_m: float, behind_m: float) -> None:
        """Let it be no faster than it can stop within the range of its lidars.

        Args:
            ahead_m: how far they see ahead; 0 = none looks there.
            behind_m: the same behind.
        """
        self._sight = self._within(ahead_m), self._within(behind_m)

    def needs_look(self, v: float, w: float) -> bool:
        """Whether the obstacles must be looked at anew for this proposal."""
        self._look_in -= 1
        return self._look_in <= 0 or (v, w) != self._asked

    def matters_m(self, tip: Array) -> float:
        """Distance [m] up to which a point can limit a speed: even the top speed."""
        reach_m = math.hypot(*tip.tolist()) + self._config.arm_margin_m
        return max(self._far_m, reach_m)

    def look(self, v: float, w: float, points: Array, tip: Array) -> None:
        """Work out the speeds that the obstacles allow.

        Args:
            v: proposed forward speed [m/s].
            w: proposed turning speed [rad/s].
            points: obstacles (k, 2) [m] in `base_link`, at least up to `matters_m`.
            tip: end of the arm (2,) [m] in `base_link`.
        """
        config = self._config
        self._look_in = config.refresh_ticks
        self._asked = (v, w)
        reach2 = float(tip[0]) ** 2 + float(tip[1]) ** 2
        stretched = reach2 > self._arm_at**2
        self._ahead, self._behind = self._sight
        self._left = self._right = math.inf
        if v == w == 0.0 and self.twist == (0.0, 0.0):
            return
        box = None if self._box is None else self._with_margins(points, self._box)
        for speed, turn in {(v, w), self.twist} if points.size else ():
            if box is not None:
                self._limit_arc(points, speed, turn, box)
            else:
                free_m = free_travel(points, speed, turn, self._radius_m)
                self._limit_drive(speed, self._speed(free_m, self._brakes[0]))
            if stretched and turn != 0.0:
                self._limit_turn(points, turn, tip)
        if stretched:
            self._ahead = min(self._ahead, config.arm_slow_m_s)

    def press(self, bumper: NDArray[np.bool_]) -> Cause:
        """Look at the bumper flags (k,); sector i is centred at i * 2 pi / k."""
        self._bumped_ticks += 1
        if True not in bumper.tolist():
            if self._bumped_ticks > self._config.bumper_block_ticks:
                self._bumped = 0.0
            return CLEAR
        angles = np.flatnonzero(bumper) * (2.0 * math.pi / bumper.size)
        if self._bumped == 0.0 or self._bumped_ticks > self._config.back_off_ticks:
            self._bumped_ticks = 0
        self._bumped = float(np.cos(angles).sum()) or 1e-9
        return Cause(ReflexLevel.HOLD, "bumper", float(bumper.sum()), 0.0)

    def back_off(self) -> float:
        """Forward speed [m/s] away from a pressed bumper, 0 when there is no need."""
        if self._bumped == 0.0 or self._bumped_ticks >= self._config.back_off_ticks:
            return 0.0
        if abs(self._bumped) < 0.3:
            return 0.0
        return -math.copysign(self._config.back_off_m_s, self._bumped)

    def limit(self, v: float, w: float, share: float) -> tuple[float, float]:
        """The twist that may be sent for a proposal (v [m/s], w [rad/s]).

        Args:
            v: forward speed.
            w: turning speed.
            share: of the speed limits that the present level allows.
        """
        v_max, w_max = self._v_max * share, self._w_max * share
        ahead, behind = min(self._ahead, v_max), min(self._behind, v_max)
        if self._bumped > 0.0:
            ahead = 0.0
        elif self._bumped < 0.0:
            behind = 0.0
        safe_v = min(max(v, -behind), ahead)
        safe_w = min(max(w, -min(self._right, w_max)), min(self._left, w_max))
        if (v, w) == (safe_v, safe_w) == self.twist:
            self.cause = CLEAR
            return self.twist
        self.cause = self._why(v, w, safe_v, safe_w)
        last_v, last_w = self.twist
        step_v, step_w = self._steps
        if self._box is not None and abs(safe_v) > abs(last_v):
            safe_v, safe_w = self._together(safe_v, safe_w)
        safe_v = min(max(safe_v, last_v - step_v), last_v + step_v)
        safe_w = min(max(safe_w, last_w - step_w), last_w + step_w)
        safe_v = min(max(safe_v, -self._v_max), self._v_max)
        safe_w = min(max(safe_w, -self._w_max), self._w_max)
        self.twist = (safe_v, safe_w)
        return self.twist

    def _together(self, v: float, w: float) -> tuple[float, float]:
        """A step towards a faster twist that keeps to its arc from rest on."""
        last_v, last_w = self.twist
        if abs(w) <= abs(last_w):
            return v, w
        step_v, step_w = self._steps
        if step_v * step_w == 0.0:
            return last_v, last_w
        share = max(abs(v - last_v) / step_v, abs(w - last_w) / step_w, 1.0)
        return last_v + (v - last_v) / share, last_w + (w - last_w) / share

    def _within(self, range_m: float) -> float:
        """Fastest speed where a lidar sees so far."""
        if range_m == 0.0:
            return self._config.blind_m_s
        return self._speed(max(range_m - self._radius_m, 0.0), self._brakes[0])

    def _speed(self, free: float, brake: float) -> float:
        """Speed by braking distance and time to collision, for a free way or angle."""
        if free == math.inf:
            return math.inf
        speed = speed_for(free, brake, self._config.latency_s)
        if self._config.approach_s > 0.0:
            speed = min(speed, free / self._config.approach_s)
        return speed

    def _with_margins(self, points: Array, box: Array) -> Array:
        """The rectangle, larger on each side by what it keeps free there.

        A base that stands where less than the margin is left keeps what is left, or no
        way would lead along a wall; one that moves never gives up what it has.
        """
        margin_m, margins, rooms = (
            self._config.stop_margin_m,
            self._margins,
            self._rooms,
        )
        room_beside(np.ascontiguousarray(points, np.float64), box, margin_m, rooms)
        rooms += _INSIDE_M
        if self._creeps(*self.twist):
            margins[:] = rooms
        np.maximum(margins, rooms, out=margins)
        np.minimum(margins, margin_m, out=margins)
        return box + _OUTWARD * margins

    def _creeps(self, v: float, w: float) -> bool:
        return abs(v) + abs(w) * self._radius_m < _STANDS

    def _limit_arc(self, points: Array, v: float, w: float, box: Array) -> None:
        """Speed and turn of a rectangular base, by the same share."""
        if self._creeps(v, w):
            return  # or what it was stopped for would bind what is asked next
        time_s = free_time(points, v, w, box)
        share = 1.0
        for speed, brake in zip((abs(v), abs(w)), self._brakes, strict=True):
            if speed > 0.0:
                share = min(share, self._speed(speed * time_s, brake) / speed)
        if share < 1.0:
            self._limit_drive(v, share * abs(v))
            self._limit_spin(w, share * abs(w))

    def _limit_turn(self, points: Array, w: float, tip: Array) -> None:
        angle = free_turn(points, w, tip, self._config.arm_margin_m)
        speed = speed_for(angle, self._brakes[1], self._config.latency_s)
        self._limit_spin(w, speed)

    def _limit_drive(self, v: float, speed: float) -> None:
        if v > 0.0:
            self._ahead = min(self._ahead, speed)
        elif v < 0.0:
            self._behind = min(self._behind, speed)

    def _limit_spin(self, w: float, speed: float) -> None:
        if w > 0.0:
            self._left = min(self._left, speed)
        elif w < 0.0:
            self._right = min(self._right, speed)

    def _why(self, v: float, w: float, safe_v: float, safe_w: float) -> Cause:
        """SLOW when an obstacle (not the plain speed limit) cuts the proposal."""
        if abs(v) - abs(safe_v) > _CUT:
            room = self._ahead if v > 0.0 else self._behind
            if room < self._v_max:
                seen = room < self._sight[int(v < 0.0)]
                name = "obstacle" if seen else "out of the lidar's sight"
                return Cause(ReflexLevel.SLOW, name, abs(v), room)
            if self._bumped != 0.0 and v * self._bumped > 0.0:
                return Cause(ReflexLevel.SLOW, "bumped there", abs(v), 0.0)
        if abs(w) - abs(safe_w) > _CUT:
            room = self._left if w > 0.0 else self._right
            if room < self._w_max:
                name = "arm beside obstacle" if self._box is None else "obstacle"
                return Cause(ReflexLevel.SLOW, name, abs(w), room)
        return CLEAR


def far_m(config: BaseConfig, limits: BodyLimits) -> float:
    """Distance [m] up to which a point can limit the base, even at its top speeds."""
    times = [config.approach_s]
    for speed, accel in zip(limits.twist_max, limits.accel_max, strict=True):
        brake = max(float(accel) * config.brake_share, 1e-9)
        times.append(0.5 * float(speed) / brake + config.latency_s)
    times_ = times if limits.footprint.size else times[:2]  # a disc turns on the spot
    reach_m = float(limits.twist_max[0]) * max(times_)
    return limits.radius_m + config.stop_margin_m + reach_m
