"""Counts commands that leave the brain outside a body's limits: an honest referee."""

from __future__ import annotations

import numpy as np

from neural_brain.models.signals import BodyCommand, BodyLimits

SLACK = 1e-6


class CommandAudit:
    """Checks every command against the body's limits, independently of the reflex.

    Args:
        limits: what the body allows.
        dt: control period [s].
    """

    def __init__(self, limits: BodyLimits, dt: float = 1e-3) -> None:
        self._limits = limits
        self._dt = dt
        self._last: BodyCommand | None = None
        self.checked = 0
        self.violations: dict[str, int] = {}

    @property
    def total(self) -> int:
        """Number of violations so far."""
        return sum(self.violations.values())

    def check(self, command: BodyCommand) -> None:
        """Count this command's violations by kind."""
        limits = self._limits
        self.checked += 1
        if not self._finite(command):
            self._count("not finite")
            return
        if np.any(np.abs(command.effort) > limits.effort_max + SLACK):
            self._count("effort")
        if np.any(np.abs(command.twist_base) > limits.twist_max + SLACK):
            self._count("twist")
        last = self._last
        if last is not None:
            step = np.abs(command.effort - last.effort)
            if np.any(step > limits.effort_rate_max * self._dt + SLACK):
                self._count("effort rate")
        self._last = command

    def _finite(self, command: BodyCommand) -> bool:
        arrays = (command.effort, command.twist_base, command.head)
        return all(bool(np.all(np.isfinite(a))) for a in arrays) and bool(
            np.isfinite(command.gripper_m)
        )

    def _count(self, kind: str) -> None:
        self.violations[kind] = self.violations.get(kind, 0) + 1
