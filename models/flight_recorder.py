"""Flight recorder: what was measured, proposed and sent, to explain a STOP."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyCommand


class FlightRecorder:
    """A ring of rows that is allocated once.

    Columns: `stamp` [s] of the last usable state and `level` (1); measured `q`, `dq`,
    `effort_measured` (n), `wrench_ee` (6), `twist_measured` (2) and `pose_odom_base`
    (3), whatever is wrong with them, NaN where there was no state; `effort` (n) and
    `twist_base` (2) as they were sent; `effort_proposed` (n) and `twist_proposed` (2)
    as they came to the reflex.

    Args:
        joints: number of arm joints n.
        ticks: rows that are kept.
    """

    def __init__(self, joints: int, ticks: int) -> None:
        widths = {
            "stamp": 1,
            "level": 1,
            "q": joints,
            "dq": joints,
            "effort_measured": joints,
            "wrench_ee": 6,
            "twist_measured": 2,
            "pose_odom_base": 3,
            "effort": joints,
            "twist_base": 2,
            "effort_proposed": joints,
            "twist_proposed": 2,
        }
        self._columns: dict[str, slice] = {}
        start = 0
        for name, width in widths.items():
            self._columns[name] = slice(start, start + width)
            start += width
        self._rows: Array = np.full((ticks, start), np.nan)
        self._head: Array = np.zeros(2)
        self._proposed: Array = np.full(joints + 2, np.nan)
        self._effort, self._twist = self._proposed[:joints], self._proposed[joints:]
        self._next = 0
        self.count = 0

    def propose(self, effort: Array, twist: tuple[float, float]) -> None:
        """What the reflex is about to judge; NaN for efforts of a wrong shape."""
        self._effort[:] = effort if effort.shape == self._effort.shape else np.nan
        self._twist[0], self._twist[1] = twist

    def record(self, read: Array, command: BodyCommand, level: int) -> None:
        """Add one tick with what was proposed in it; the oldest row is overwritten.

        Args:
            read: measured numbers, see `reflex.guards.StateGuard`.
            command: what is sent.
            level: of the reflex.
        """
        head = self._head
        head[0], head[1] = command.stamp, level
        parts = (head, read, command.effort, command.twist_base, self._proposed)
        np.concatenate(parts, out=self._rows[self._next])
        self.count += 1
        self._next = self._next + 1 if self._next + 1 < len(self._rows) else 0

    def dump(self) -> dict[str, Array]:
        """Copies of all columns, oldest row first: name -> (ticks, width)."""
        if self.count < len(self._rows):
            rows = self._rows[: self._next]
        else:
            rows = np.roll(self._rows, -self._next, axis=0)
        return {name: rows[:, part].copy() for name, part in self._columns.items()}
