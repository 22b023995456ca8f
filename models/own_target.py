"""Where the fast loop itself puts the hand: a hold or a retreat."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmMode, MotionTarget


def own_target(n: int, linear: float, angular: float) -> MotionTarget:
    """A target for n joints, whose joints and pose are written into later.

    Args:
        n: number of joints.
        linear: stiffness of the hand [N/m].
        angular: rotational one [Nm/rad].
    """
    return MotionTarget(
        stamp=0.0,
        twist_base=np.zeros(2),
        mode=ArmMode.CARTESIAN,
        q_target=np.zeros(n),
        T_base_ee=np.eye(4),
        stiffness=np.diag([linear] * 3 + [angular] * 3),
        wrench_ff=np.zeros(6),
        contact=False,
        head=np.zeros(2),
        gripper_m=0.0,
    )


def softer(rest: Array, other: Array) -> Array:
    """Of `rest`, a diagonal stiffness (6, 6), what is nowhere stiffer than `other`.

    Axis by axis where the other one is diagonal, too; else all axes get the share that
    is right for the softest direction.
    """
    most, own = rest.diagonal(), other.diagonal()
    if not (other - np.diag(own)).any():
        return np.diag(np.maximum(np.minimum(most, own), 0.0))
    root = np.sqrt(most)
    shares = np.linalg.eigvalsh(0.5 * (other + other.T) / np.outer(root, root))
    return rest * min(max(float(shares[0]), 0.0), 1.0)
