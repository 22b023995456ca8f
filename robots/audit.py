"""Counts commands that leave the brain outside a body's limits: an honest referee."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.signals import BodyCommand, BodyLimits

SLACK = 1e-6


class CommandAudit:
    """Checks every command against the body's limits, independently of the reflex.

    Args:
        limits: what the body allows.
        dt: control period [s].
    """

    def __init__(self, limits: BodyLimits, dt: float = 1e-3) -> None:
        n = len(limits.effort_max)
        effort = limits.effort_max + SLACK
        twist = limits.twist_max + SLACK
        step = limits.effort_rate_max * dt + SLACK
        # All that must hold of one command, in one row: efforts, twist, head, gripper,
        # effort steps. A NaN fails every comparison.
        open_ended = np.full(3, np.finfo(float).max)
        self._bound = np.concatenate([effort, twist, open_ended, step])
        self._row = np.zeros(2 * n + 5)
        self._n = n
        self._last: NDArray[np.float64] | None = None
        self.checked = 0
        self.violations: dict[str, int] = {}

    @property
    def total(self) -> int:
        """Number of violations so far."""
        return sum(self.violations.values())

    def check(self, command: BodyCommand) -> None:
        """Count this command's violations by kind."""
        self.checked += 1
        row, n = self._row, self._n
        row[:n] = command.effort
        row[n : n + 2] = command.twist_base
        row[n + 2 : n + 4] = command.head
        row[n + 4] = command.gripper_m
        row[n + 5 :] = 0.0 if self._last is None else command.effort - self._last
        inside = np.abs(row) <= self._bound
        if not inside.all():
            self._explain(inside)
        if np.isfinite(row[:n]).all():
            self._last = command.effort.copy()

    def _explain(self, inside: NDArray[np.bool_]) -> None:
        n = self._n
        if not np.isfinite(self._row).all():
            self._count("not finite")
            return
        parts = {
            "effort": inside[:n],
            "twist": inside[n : n + 2],
            "effort rate": inside[n + 5 :],
        }
        for kind, part in parts.items():
            if not part.all():
                self._count(kind)

    def _count(self, kind: str) -> None:
        self.violations[kind] = self.violations.get(kind, 0) + 1
