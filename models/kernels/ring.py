"""A row of the flight recorder, written with one call; see `models.flight_recorder`."""

from __future__ import annotations

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import MATRIX, VECTOR, compiled, entry

NEXT, STAMP, LEVEL, V, W, V_ASKED, W_ASKED = range(7)
"""Row that is written next, and the numbers of a tick that are no arrays."""


@compiled
def _put(row: Array, start: int, values: Array) -> int:
    """Copy values into a row; where the next ones go."""
    for i in range(values.size):
        row[start + i] = values[i]
    return start + values.size


@entry(MATRIX, VECTOR, VECTOR, VECTOR, VECTOR)
def write_row(rows: Array, head: Array, read: Array, sent: Array, asked: Array) -> None:
    """Overwrite the oldest row.

    Args:
        rows: the ring (ticks, width).
        head: see above (7,).
        read: measured numbers, see `reflex.guards.StateGuard`.
        sent: efforts (n,) [Nm].
        asked: efforts (n,) [Nm] that were proposed.

    Raises:
        ValueError: if they do not fill a row.
    """
    if head.size - 1 + read.size + sent.size + asked.size != rows.shape[1]:
        raise ValueError("What is recorded does not fill a row.")
    row = rows[int(head[NEXT])]
    at = _put(row, 0, head[STAMP : LEVEL + 1])
    at = _put(row, at, read)
    at = _put(row, at, sent)
    at = _put(row, at, head[V : W + 1])
    at = _put(row, at, asked)
    _put(row, at, head[V_ASKED:])
    head[NEXT] += 1.0
    if head[NEXT] >= rows.shape[0]:
        head[NEXT] = 0.0
