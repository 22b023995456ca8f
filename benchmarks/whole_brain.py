"""The whole brain at work in a process beside a measurement."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import count
from tempfile import TemporaryDirectory
from types import TracebackType

from neural_brain.models.errors import SimulationError

_START_S = 20.0


class WholeBrain:
    """`neural-brain demo` at real-time speed, home after home, until the block ends."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._seeds = count()
        self._demo: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def __enter__(self) -> WholeBrain:
        self._start()
        time.sleep(_START_S)
        return self

    def keep_running(self) -> None:
        """Begin the next home if one has ended.

        Raises:
            SimulationError: if it ended too soon for a home.
        """
        code = None if self._demo is None else self._demo.poll()
        if code is None:
            return
        if time.monotonic() - self._started < _START_S:
            raise SimulationError(
                f"`neural-brain demo` beside the measurement ended with {code}. Run "
                "`neural-brain doctor`, or measure with --alone."
            )
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "neural_brain", "demo", "--no-view"]
        command += ["--speed", "1", "--seed", str(next(self._seeds))]
        command += ["--to", self._folder.name]
        quiet = subprocess.DEVNULL
        self._started = time.monotonic()
        self._demo = subprocess.Popen(command, stdout=quiet, stderr=quiet)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._demo is not None:
            self._demo.terminate()
            try:
                self._demo.wait(10.0)
            except subprocess.TimeoutExpired:
                self._demo.kill()
                self._demo.wait()
        self._folder.cleanup()
