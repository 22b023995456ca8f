"""One array (rows, n) for everything of the impedance that has a value a joint."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array

(
    Q,  # measured [rad]
    DQ,  # measured [rad/s]
    BIAS,  # gravity and Coriolis [Nm]
    ANCHOR_Q,  # [rad]
    ANCHOR_DQ,  # [rad/s]
    ANCHOR_TARGET,  # [rad]
    ANCHOR_STEP,  # [rad]
    ANCHOR_SPEED,  # fastest [rad/s]
    STIFFNESS,  # joint mode [Nm/rad]
    CLIP,  # largest spring [Nm]
    DAMPING,  # [Nms/rad]
    FOLLOWED,  # smoothed velocity of the anchor [rad/s]
    POSTURE_STIFFNESS,
    POSTURE_CLIP,
    POSTURE_DAMPING,
    LOW,  # where the soft stops begin [rad]
    HIGH,
    STOP_STIFFNESS,  # [Nm/rad]
    EFFORT_MAX,  # [Nm]
    EFFORT_STEP,  # largest change a tick [Nm]
    EFFORT_LAST,  # [Nm]
    EFFORT,  # of this tick [Nm]
    POSTURE,  # wished in the null space [Nm]
    Q_MIN,  # [rad]
    Q_MAX,  # [rad]
    TASK,  # six rows: from effort to task wrench
) = range(26)
WORK = TASK + 6  # n + 6 rows of memory


def joint_rows(n: int) -> Array:
    """All rows for n joints."""
    return np.zeros((WORK + n + 6, n))
