"""The bound on the effort of one joint that keeps its speed and position limits.

    bias + k (-v_low(q) - dq) <= effort <= bias + k (v_high(q) - dq)

where v_high(q) = min(v_max, sqrt(2 a (q_max - q))) is the speed from which the joint
can still stop before its limit, and k a damping gain. `effort_guard.py` applies it as
the last word, `effort_interval.py` tells other rules what it will leave.
"""

from __future__ import annotations

import math

from neural_brain.models.reflex.config import JointConfig
from neural_brain.models.signals import BodyLimits

Joint = tuple[float, float, float, float, float]
"""Of one joint: lowest and highest position [rad], top speed [rad/s] and its square,
damping gain [Nms/rad]."""


def joint_rows(config: JointConfig, limits: BodyLimits) -> list[Joint]:
    """What the bound needs of each joint."""
    speed = config.speed_share * limits.dq_max
    rows = zip(
        (limits.q_min + config.margin_rad).tolist(),
        (limits.q_max - config.margin_rad).tolist(),
        speed.tolist(),
        (speed**2).tolist(),
        (config.damping_per_rad * limits.effort_max).tolist(),
        strict=True,
    )
    return list(rows)


def bound_effort(
    joint: Joint, q: float, dq: float, bias: float, twice_brake: float
) -> tuple[float, float]:
    """Least and largest effort [Nm] of a joint.

    Args:
        joint: its limits.
        q: its position [rad].
        dq: its speed [rad/s].
        bias: gravity and Coriolis effort [Nm].
        twice_brake: two times the deceleration 2 a [rad/s2].
    """
    low, high, speed, _, gain = joint
    least = bias - gain * (_allowed_speed(twice_brake * (q - low), speed) + dq)
    most = bias + gain * (_allowed_speed(twice_brake * (high - q), speed) - dq)
    return least, most


def _allowed_speed(room: float, speed: float) -> float:
    """The allowed speed [rad/s] for 2 a (room to the limit) [rad2/s2].

    Beyond the limit it is negative: the joint is driven back.
    """
    if room >= speed * speed:
        return speed
    if room < 0.0:
        return -math.sqrt(-room) if room > -1.0 else -1.0
    return math.sqrt(room)
