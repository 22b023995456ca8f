"""What a tick's inputs ask for, looked at with one call; see `reflex.Reflex.judge`."""

from __future__ import annotations

from typing import Any

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.age import AGE, look_at_age
from neural_brain.models.kernels.compiled import FLAG, MATRIX, VECTOR, entry, record
from neural_brain.models.kernels.inputs import GUARD, look_at_state, usable
from neural_brain.models.kernels.touch import TOUCH, feel

JUDGE = np.dtype(
    [
        ("state", GUARD),
        ("touch", TOUCH),
        ("target", AGE),
        ("scan", AGE),
        ("found", "i8", (4,)),
    ]
)


@entry(record(JUDGE), MATRIX, VECTOR, VECTOR, FLAG)
def judge_inputs(
    judges: Any, bounds: Array, read: Array, times: Array, contact: bool
) -> bool:
    """Whether nothing is wrong; else `found` tells of state, target, scan and touch.

    Args:
        judges: the memory (1,).
        bounds: see `judge_state`.
        read: the same.
        times: of the measurement and now (2,) [s].
        contact: whether touching is intended.
    """
    j, n = judges[0], bounds.shape[1]
    j.found[0] = look_at_state(j.state, bounds, read, times)
    j.found[1] = look_at_age(j.target, times[1])
    j.found[2] = look_at_age(j.scan, times[1])
    j.found[3] = 0
    if usable(j.found[0]):
        j.found[3] = feel(j.touch, read[3 * n : 3 * n + 6], contact)
    return not (j.found[0] or j.found[1] or j.found[2] or j.found[3])
