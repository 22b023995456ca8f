"""The target of an arm that shall stay where it is put, softly."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmMode, BodyState, MotionTarget


def rest_at(body: BodyState, T: Array, K: Array) -> MotionTarget:
    """The hand at T (4, 4) in `base_link` with stiffness K (6, 6), the base at rest."""
    return MotionTarget(
        stamp=body.stamp,
        twist_base=np.zeros(2),
        mode=ArmMode.CARTESIAN,
        q_target=body.q.copy(),
        T_base_ee=T,
        stiffness=K,
        wrench_ff=np.zeros(6),
        contact=False,
        head=np.zeros(2),
        gripper_m=0.0,
    )
