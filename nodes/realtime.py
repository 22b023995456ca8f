"""Ask the system for steady timing, and say what it granted."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from dataclasses import dataclass

MCL_CURRENT, MCL_FUTURE = 1, 2
PRIORITY = 60


@dataclass(frozen=True, kw_only=True)
class Grants:
    """What was granted: real-time scheduling, locked memory, no garbage collection."""

    fifo: bool
    locked: bool
    frozen: bool

    def sentence(self) -> str:
        """For the log."""
        parts = (
            ("SCHED_FIFO", self.fifo),
            ("locked memory", self.locked),
            ("frozen garbage collector", self.frozen),
        )
        return ", ".join(f"{what}: {'yes' if got else 'no'}" for what, got in parts)


def ask_for_realtime(*, fifo: bool) -> Grants:
    """Request priority, locked memory and no garbage collection; go on without.

    Args:
        fifo: also ask for real-time scheduling (needs CAP_SYS_NICE).
    """
    granted = False
    if fifo:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
            granted = True
        except (OSError, AttributeError):
            granted = False
    gc.collect()
    gc.freeze()
    gc.disable()
    return Grants(fifo=granted, locked=_lock_memory(), frozen=True)


def _lock_memory() -> bool:
    try:
        return ctypes.CDLL(None).mlockall(MCL_CURRENT | MCL_FUTURE) == 0
    except (OSError, AttributeError):
        return False


class Pace:
    """An absolute grid of deadlines with a record of how well they are kept.

    A tick is kept when it begins before the next one is due. After a long pause
    (`slip_s`) the grid is moved instead of running many ticks at once.

    Args:
        period_s: time between ticks [s].
        window: ticks over which the success rate is taken.
        slip_s: lateness beyond which the grid moves [s].
    """

    def __init__(
        self, period_s: float, window: int = 1000, slip_s: float = 0.05
    ) -> None:
        self.period_s = period_s
        self.missed = 0
        self.slips = 0
        self.success = 1.0
        self._window, self._slip_s = window, slip_s
        self._missed_now = self._ticks_now = 0
        self._due = time.monotonic()

    def wait(self) -> None:
        """Sleep until the next tick is due; never catches up more than `slip_s`."""
        self._due += self.period_s
        left = self._due - time.monotonic()
        if left > 0.0:
            time.sleep(left)
        elif left < -self._slip_s:
            self.slips += 1
            self._due -= left
        late = time.monotonic() - self._due > self.period_s
        self._count(late or left < -self._slip_s)

    def _count(self, late: bool) -> None:
        self.missed += late
        self._missed_now += late
        self._ticks_now += 1
        if self._ticks_now == self._window:
            self.success = 1.0 - self._missed_now / self._window
            self._missed_now = self._ticks_now = 0
