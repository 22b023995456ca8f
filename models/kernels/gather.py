"""The arrays of a message, one after another in one; see `reflex.layout`."""

from __future__ import annotations

from typing import Any

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import (
    SIZES,
    VECTOR,
    compiled,
    entry,
    given,
)


@compiled
def _append(out: Array, start: int, values: Array, size: int) -> int:
    """Where the next values go; -1 if these have another size, or come after such."""
    if start < 0 or values.size != size:
        return -1
    for i in range(size):
        out[start + i] = values[i]
    return start + size


@compiled
def _fill(out: Array, start: int, vectors: Any, sizes: Any) -> bool:
    for k in range(len(vectors)):
        start = _append(out, start, vectors[k], sizes[k])
    return start == out.size


@entry(VECTOR, given(1, 6), SIZES)
def gather_state(out: Array, vectors: Any, sizes: Any) -> bool:
    """Whether six vectors have these sizes; they are in `out` then."""
    return _fill(out, 0, vectors, sizes)


@entry(VECTOR, given(2, 2), given(1, 4), SIZES)
def gather_target(out: Array, matrices: Any, vectors: Any, sizes: Any) -> bool:
    """The same for a pose (4, 4), a stiffness (6, 6) and four vectors."""
    pose, stiffness = matrices
    if pose.shape != (4, 4) or stiffness.shape != (6, 6):
        return False
    start = _append(out, 0, pose.reshape(16), 16)
    start = _append(out, start, stiffness.reshape(36), 36)
    return _fill(out, start, vectors, sizes)
