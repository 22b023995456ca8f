"""Flight recorder: the last seconds of states and commands, to explain a STOP."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyCommand


class FlightRecorder:
    """A ring of rows that is allocated once.

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
        }
        self._columns: dict[str, slice] = {}
        start = 0
        for name, width in widths.items():
            self._columns[name] = slice(start, start + width)
            start += width
        self._rows: Array = np.full((ticks, start), np.nan)
        self._head: Array = np.zeros(2)
        self._next = 0
        self.count = 0

    def record(self, read: Array, command: BodyCommand, level: int) -> None:
        """Add one tick; the oldest row is overwritten.

        Args:
            read: measured numbers, see `reflex.guards.StateGuard`.
            command: what is sent.
            level: of the reflex.
        """
        head = self._head
        head[0], head[1] = command.stamp, level
        parts = (head, read, command.effort, command.twist_base)
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
