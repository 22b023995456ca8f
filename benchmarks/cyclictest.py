"""What the machine alone is late by, according to `cyclictest` of the rt-tests."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np

from neural_brain.models.errors import SimulationError
from neural_brain.models.geometry import Array

_PRIORITY = 60
_LONGEST_US = 20_000
_BIN = re.compile(r"^(\d+)\s+(\d+)$", re.MULTILINE)
_OVER = re.compile(r"^# Histogram Overflows:\s*(\d+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Cyclictest:
    """The installed program; `fifo`: with real-time priority."""

    program: str
    version: str
    fifo: bool

    @classmethod
    def find(cls, *, fifo: bool) -> Cyclictest | None:
        """The program of this machine, None if there is none."""
        program = shutil.which("cyclictest")
        if program is None:
            return None
        said = subprocess.run(
            [program, "--help"], capture_output=True, text=True, check=False
        )
        words = (said.stdout + said.stderr).split("\n", 1)[0].strip()
        return cls(program=program, version=words, fifo=fifo)

    def lateness(self, cycles: int) -> Array:
        """Lateness [us] of so many wake-ups, 1 ms apart, sorted.

        Raises:
            SimulationError: if the program fails, with what it said.
        """
        command = [self.program, "--default-system", "-q", "-m", "-t1", "-i1000"]
        command += [f"-l{cycles}", f"-h{_LONGEST_US}"]
        command += [f"-p{_PRIORITY}"] if self.fifo else ["--policy=other"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SimulationError(
                f"{' '.join(command)} ended with {done.returncode}: "
                f"{(done.stderr or done.stdout).strip()[-300:]}. Run it by hand, or "
                "remove it from PATH to go without."
            )
        return histogram(done.stdout)


def histogram(text: str) -> Array:
    """The values [us] that cyclictest's histogram counts, sorted.

    What is beyond its end counts as its end.
    """
    counted = [(int(us), int(n)) for us, n in _BIN.findall(text)]
    over = _OVER.search(text)
    counted.append((_LONGEST_US, int(over[1]) if over else 0))
    values, numbers = np.array(counted).T
    return np.repeat(values.astype(float), numbers)
