"""How the ball moves under its six actions: measured constants, one step of 0.25 s.

Walking is a first-order lag whose rise and fall differ; turning depends on this and
the previous action only. `calibrate.py` measures the constants again. Walls are not
part of it: what touches one moves less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array

NOOP, FORWARD, LEFT, RIGHT, FORWARD_LEFT, FORWARD_RIGHT = range(6)
WALK = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 1.0])
TURN = np.array([0.0, 0.0, 1.0, -1.0, 1.0, -1.0])

STEP_S = 0.25
STRIDE_M = 0.4995  # of a step at full speed
RADIUS_M = 0.2  # of the ball
TOUCH_M = 0.775  # of a target's centre: 0.6 m sphere in the floor, 0.2 m ball on it
RISE, FALL = 0.77, 0.657  # share of the missing speed that a step adds, takes
RISE_WAY, FALL_WAY = 0.564, 0.594  # share of a stride that the missing speed costs
# Turn [deg] and direction of the way (share of the turn), by the previous turn times
# this one: the same way, from rest, against; and after the turn has ended.
SAME_DEG, REST_DEG, AGAINST_DEG, ENDED_DEG = 18.42, 14.25, 10.65, 2.95
SAME_WAY, REST_WAY, AGAINST_WAY, ENDED_WAY = 0.5, 0.39, 0.26, 0.77


@dataclass(frozen=True, kw_only=True)
class Motion:
    """Poses (n, 3) [m, m, rad], speeds (n,) as shares of the full one, last turns."""

    pose: Array
    speed: Array
    turn: Array

    @classmethod
    def at(cls, pose: Array, count: int = 1) -> Motion:
        """Copies of one ball at rest."""
        return cls(
            pose=np.repeat(np.asarray(pose, dtype=np.float64)[None], count, axis=0),
            speed=np.zeros(count),
            turn=np.zeros(count),
        )


def predict(motion: Motion, action: NDArray[np.int64]) -> Motion:
    """One step on a free floor.

    Args:
        motion: n balls.
        action: (n,), one for each.
    """
    walk, turn = WALK[action], TURN[action]
    change = walk - motion.speed
    rising = change > 0.0
    way = STRIDE_M * (walk - change * np.where(rising, RISE_WAY, FALL_WAY))
    speed = motion.speed + change * np.where(rising, RISE, FALL)
    angle, share = _turned(motion.turn, turn)
    heading = motion.pose[:, 2] + share * angle
    pose = np.stack(
        [
            motion.pose[:, 0] + way * np.cos(heading),
            motion.pose[:, 1] + way * np.sin(heading),
            motion.pose[:, 2] + angle,
        ],
        axis=1,
    )
    return Motion(pose=pose, speed=speed, turn=turn)


def _turned(before: Array, now: Array) -> tuple[Array, Array]:
    """Angle (n,) [rad] of a step, and the share of it at which the way points."""
    both = before * now
    turning = now != 0.0
    degrees = np.where(
        turning,
        now * np.select([both > 0, both < 0], [SAME_DEG, AGAINST_DEG], REST_DEG),
        before * ENDED_DEG,
    )
    share = np.where(
        turning,
        np.select([both > 0, both < 0], [SAME_WAY, AGAINST_WAY], REST_WAY),
        ENDED_WAY,
    )
    return np.deg2rad(degrees), share
