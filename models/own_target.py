"""Where the fast loop itself puts the hand: a hold or a retreat."""

from __future__ import annotations

import numpy as np

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
