"""Flight recorder: what was measured, proposed and sent, to explain a STOP."""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.kernels import ring
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
        self._head: Array = np.array([0.0, *[np.nan] * 6])
        self._nothing: Array = np.full(joints, np.nan)
        self._asked = self._nothing
        self.count = 0

    def propose(self, effort: Array, twist: tuple[float, float]) -> None:
        """What the reflex is about to judge; NaN for efforts of a wrong shape.

        The efforts are read when `record` is called; they must stay as they are.
        """
        fits = effort.shape == self._nothing.shape
        self._asked = effort if fits else self._nothing
        self._head[ring.V_ASKED], self._head[ring.W_ASKED] = twist

    def record(self, read: Array, command: BodyCommand, level: int) -> None:
        """Add one tick with what was proposed in it; the oldest row is overwritten.

        Args:
            read: measured numbers, see `reflex.guards.StateGuard`.
            command: what is sent.
            level: of the reflex.
        """
        head = self._head
        head[ring.STAMP], head[ring.LEVEL] = command.stamp, level
        head[ring.V], head[ring.W] = command.twist_base.tolist()
        ring.write_row(self._rows, head, read, command.effort, self._asked)
        self.count += 1

    def dump(self) -> dict[str, Array]:
        """Copies of all columns, oldest row first: name -> (ticks, width)."""
        if self.count < len(self._rows):
            rows = self._rows[: self.count]
        else:
            rows = np.roll(self._rows, -int(self._head[ring.NEXT]), axis=0)
        return {name: rows[:, part].copy() for name, part in self._columns.items()}
