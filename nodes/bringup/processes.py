"""Child processes that end with their parent, in order and in time."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

INTERRUPT_S = 5.0
TERMINATE_S = 2.0
POLL_S = 0.02
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """One program; in its own session, so that Ctrl-C reaches only its parent."""

    def __init__(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self._process = subprocess.Popen(
            self.argv,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self.pid = self._process.pid

    @property
    def code(self) -> int | None:
        """Exit code, or None while it runs (negative = killed by that signal)."""
        return self._process.poll()

    def send(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.code is None:
            self._process.send_signal(number)


def stop_all(children: Sequence[Child]) -> None:
    """Interrupt, then terminate, then kill; returns when all have ended."""
    steps = ((signal.SIGINT, INTERRUPT_S), (signal.SIGTERM, TERMINATE_S))
    for number, patience in steps:
        for child in reversed(children):
            child.send(number)
        if _wait(children, patience):
            return
    for child in children:
        child.send(signal.SIGKILL)
    _wait(children, TERMINATE_S)


def _wait(children: Sequence[Child], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while any(child.code is None for child in children):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
