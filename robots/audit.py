"""Counts commands that leave the brain outside a body's limits: an honest referee."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.signals import BodyCommand, BodyLimits

SLACK = 1e-6
_BLOCK = 512


class CommandAudit:
    """Checks every command against the body's limits, independently of the reflex.

    Commands are copied at once and judged in blocks, which costs a tick little.

    Args:
        limits: what the body allows.
        dt: control period [s].

    Attributes:
        checked: commands so far.
    """

    def __init__(self, limits: BodyLimits, dt: float = 1e-3) -> None:
        n = len(limits.effort_max)
        self._effort = limits.effort_max + SLACK
        self._twist = limits.twist_max + SLACK
        self._step = limits.effort_rate_max * dt + SLACK
        self._n = n
        self._rows = np.zeros((_BLOCK, n + 5))
        self._used = 0
        self._last = np.full(n, np.nan)
        self.checked = 0
        self._violations: dict[str, int] = {}

    @property
    def total(self) -> int:
        """Number of violations so far."""
        return sum(self.violations.values())

    @property
    def violations(self) -> dict[str, int]:
        """Number of commands by what was wrong with them."""
        self._judge()
        return self._violations

    def check(self, command: BodyCommand) -> None:
        """Take one command."""
        self.checked += 1
        row, n = self._rows[self._used], self._n
        row[:n] = command.effort
        row[n : n + 2] = command.twist_base
        row[n + 2 : n + 4] = command.head
        row[n + 4] = command.gripper_m
        self._used += 1
        if self._used == _BLOCK:
            self._judge()

    def _judge(self) -> None:
        """Count the violations of the commands taken since the last time."""
        rows, n = self._rows[: self._used], self._n
        self._used = 0
        finite = np.isfinite(rows).all(axis=1)
        effort, twist = rows[:, :n], rows[:, n : n + 2]
        steps = np.abs(effort - self._before(effort))
        wrong = {
            "effort": np.abs(effort) > self._effort,
            "twist": np.abs(twist) > self._twist,
            "effort rate": steps > self._step,
        }
        self._count("not finite", int(np.count_nonzero(~finite)))
        for kind, parts in wrong.items():
            self._count(kind, int(np.count_nonzero(parts.any(axis=1) & finite)))

    def _before(self, effort: NDArray[np.float64]) -> NDArray[np.float64]:
        """The finite effort before each one (k, n); NaN where there was none."""
        rows = np.vstack([self._last, effort])
        known = np.isfinite(rows).all(axis=1)
        newest = np.maximum.accumulate(np.where(known, np.arange(len(rows)), 0))
        self._last = rows[newest[-1]].copy()
        return rows[newest[:-1]]

    def _count(self, kind: str, number: int) -> None:
        if number:
            self._violations[kind] = self._violations.get(kind, 0) + number
