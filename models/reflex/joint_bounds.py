"""The bound on the effort of one joint that keeps its speed and position limits.

    bias + k (-v_low(q) - dq) <= effort <= bias + k (v_high(q) - dq)

where v_high(q) = min(v_max, sqrt(2 a (q_max - q))) is the speed from which the joint
can still stop before its limit, and k a damping gain. Joints push each other and their
efforts change no faster than they may, so what a joint is about to gain in `lead_s` at
its present acceleration is taken from v_low or v_high first, down to zero: braking
begins in time. `effort_guard.py` applies it as
the last word, `effort_interval.py` tells other rules what it will leave.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import last_word as row
from neural_brain.models.reflex.config import JointConfig
from neural_brain.models.signals import BodyLimits


def joint_rows(config: JointConfig, limits: BodyLimits) -> Array:
    """What the bound needs of each joint, see `kernels.last_word` (rows, n)."""
    rows = np.zeros((row.ROWS, limits.q_min.size))
    rows[row.LOW] = limits.q_min + config.margin_rad
    rows[row.HIGH] = limits.q_max - config.margin_rad
    rows[row.FASTEST] = config.speed_share * limits.dq_max
    rows[row.GAIN] = config.damping_per_rad * limits.effort_max
    rows[row.MOST] = limits.effort_max
    rows[row.STEP] = limits.effort_rate_max * config.tick_s
    return rows
