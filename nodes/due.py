"""Rates in the time of the body: simulated or real, it does not matter which."""

from __future__ import annotations


class Due:
    """Says when it is time again.

    Args:
        rate_hz: how often.
    """

    def __init__(self, rate_hz: float) -> None:
        self._period_s = 1.0 / rate_hz
        self._next: float | None = None

    def at(self, t: float) -> bool:
        """Whether the time has come at `t` [s]; keeps a steady grid, never bunches."""
        set_back = self._next is not None and t < self._next - 2.0 * self._period_s
        if self._next is None or set_back:
            self._next = t
        if t < self._next - 1e-9:
            return False
        self._next = max(self._next + self._period_s, t)
        return True
