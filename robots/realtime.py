"""Ask the system for steady timing, and say what it granted."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from dataclasses import dataclass

MCL_CURRENT, MCL_FUTURE = 1, 2
PR_SET_TIMERSLACK = 29
PRIORITY = 60


@dataclass(frozen=True, kw_only=True)
class Grants:
    """What the system granted.

    Attributes:
        fifo: real-time scheduling.
        core: the processor that is ours, None if any.
        locked: all memory stays in RAM.
        punctual: the kernel does not delay our wake-ups to bundle them (50 us).
        frozen: no garbage collection.
    """

    fifo: bool
    core: int | None
    locked: bool
    punctual: bool
    frozen: bool

    def sentence(self) -> str:
        """For the log."""
        parts = (
            ("SCHED_FIFO", self.fifo),
            ("own processor", self.core is not None),
            ("locked memory", self.locked),
            ("punctual timers", self.punctual),
            ("frozen garbage collector", self.frozen),
        )
        return ", ".join(f"{what}: {'yes' if got else 'no'}" for what, got in parts)


def ask_for_realtime(*, fifo: bool, core: int | None = None) -> Grants:
    """Request priority, locked memory and no garbage collection; go on without.

    Call it from the thread that ticks, after everything is built.

    Args:
        fifo: also ask for real-time scheduling (needs CAP_SYS_NICE).
        core: stay on this processor, which the system should leave to us
            (`isolcpus`); None: on any.
    """
    granted = False
    if fifo:
        try:
            policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK  # children do not get it
            os.sched_setscheduler(0, policy, os.sched_param(PRIORITY))
            granted = True
        except (OSError, AttributeError):
            granted = False
    gc.collect()
    gc.freeze()
    gc.disable()
    return Grants(
        fifo=granted,
        core=_pin(core),
        locked=_call_libc("mlockall", MCL_CURRENT | MCL_FUTURE),
        punctual=_call_libc("prctl", PR_SET_TIMERSLACK, ctypes.c_ulong(1)),
        frozen=True,
    )


def _pin(core: int | None) -> int | None:
    if core is None:
        return None
    try:
        os.sched_setaffinity(0, {core})
    except (OSError, AttributeError):
        return None
    return core


def _call_libc(name: str, *arguments: object) -> bool:
    """Whether a function of the C library exists and says that it worked."""
    try:
        return bool(getattr(ctypes.CDLL(None), name)(*arguments) == 0)
    except (OSError, AttributeError):
        return False


class Pace:
    """An absolute grid of deadlines with a record of how well they are kept.

    The grid begins with the first `wait`. A tick is kept when it begins before the next
    one is due. After a long pause (`slip_s`) the grid is moved instead of running many
    ticks at once; each period without a tick is one missed.

    Args:
        period_s: time between ticks [s].
        window: ticks over which the success rate is taken.
        slip_s: lateness beyond which the grid moves [s].
        spin_s: the last part of a wait [s] is spent awake. That hides how long the
            system takes to wake us, and costs that share of a processor.

    Attributes:
        missed: periods without a tick that was kept. slips: moves of the grid.
        success: 1 less the periods missed in the last full window or in the present
            one, whichever are more, as a share of the window; at least 0.
    """

    def __init__(
        self,
        period_s: float,
        window: int = 1000,
        slip_s: float = 0.05,
        *,
        spin_s: float = 0.0,
    ) -> None:
        self.period_s = period_s
        self.missed = 0
        self.slips = 0
        self.success = 1.0
        self._window, self._slip_s, self._spin_s = window, slip_s, spin_s
        self._missed_now = self._ticks_now = 0
        self._due: float | None = None

    def wait(self) -> None:
        """Sleep until the next tick is due; never catches up more than `slip_s`."""
        if self._due is None:  # how long the start took does not matter
            self._due = time.monotonic()
        self._due += self.period_s
        left = self._due - time.monotonic()
        missed = 0
        if left > 0.0:
            self._sleep(left, self._due)
        elif left < -self._slip_s:
            self.slips += 1
            self._due -= left
            missed = max(1, int(-left / self.period_s))
        self._count(missed or time.monotonic() - self._due > self.period_s)

    def _sleep(self, left_s: float, due: float) -> None:
        if left_s > self._spin_s:
            time.sleep(left_s - self._spin_s)
        if self._spin_s > 0.0:
            while time.monotonic() < due:
                pass

    def _count(self, missed: int) -> None:
        self.missed += missed
        self._missed_now += missed
        self._ticks_now += 1
        share = max(0.0, 1.0 - self._missed_now / self._window)
        if self._ticks_now == self._window:
            self.success = share
            self._missed_now = self._ticks_now = 0
        else:  # this window cannot come out better
            self.success = min(self.success, share)
