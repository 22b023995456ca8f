"""After a STOP: the flight recorder's last seconds in a file, with the cause."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import numpy as np

from neural_brain.models.fast import FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.signals import ReflexLevel

KEPT = 20
AFTER_TICKS = 500
"""The file shows so much of what the stop did; the robot stands by then."""
PATTERN = "stop-*.npz"


class StopRecord:
    """Writes one file for each STOP or ESTOP, from a thread of its own.

    A file has the columns of `FlightRecorder`, `cause`, `value`, `limit` (of the rule
    that stopped the robot) and `stop_tick`: the row in which it did.

    Args:
        loop: its recorder is read.
        folder: of the files, made when it is needed; the newest 20 stay.
    """

    def __init__(self, loop: FastLoop, folder: Path) -> None:
        self.folder = folder
        self._loop = loop
        self._before = ReflexLevel.HOLD
        self._left = 0
        self._about: dict[str, Array] = {}
        self._writer: threading.Thread | None = None

    def look(self) -> None:
        """Call it after every tick of the loop."""
        level = self._loop.level
        if level >= ReflexLevel.STOP > self._before and not self._left:
            cause = self._loop.reflex.cause
            self._about = {
                "cause": np.array(f"{level.name}: {cause.name}"),
                "value": np.array(float(cause.value)),
                "limit": np.array(float(cause.limit)),
            }
            self._left = AFTER_TICKS
        elif self._left:
            self._left -= 1
            if not self._left:
                self._write(AFTER_TICKS)
        self._before = level

    def close(self) -> None:
        """Write what is due and wait for it; safe to call twice."""
        if self._left:
            done, self._left = AFTER_TICKS - self._left, 0
            self._write(done)
        if self._writer is not None:
            self._writer.join(5.0)
            self._writer = None

    def _write(self, ticks_since: int) -> None:
        rows = self._loop.dump()
        count = len(rows["stamp"])
        about = {**self._about, "stop_tick": np.array(count - 1 - ticks_since)}
        self._writer = threading.Thread(
            target=_save, args=(self.folder, {**rows, **about}), daemon=True
        )
        self._writer.start()


def _save(folder: Path, values: dict[str, Array]) -> None:
    """Write the file and delete the oldest; a full disk must not end the process."""
    moment = time.strftime("%Y%m%d-%H%M%S") + f"-{time.time_ns() // 1000 % 10**6:06d}"
    path = folder / f"stop-{moment}.npz"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, **values)
        for old in sorted(folder.glob(PATTERN))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        print(f"[fast_process] no record of the stop: {error}", file=sys.stderr)
        return
    print(f"[fast_process] {values['cause']}; recorded in {path}", flush=True)
