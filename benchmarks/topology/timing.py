"""What a piece of work costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np


def timed(work: Callable[[], Any], times: int = 1) -> tuple[Any, float]:
    """The result and the least CPU time [s] of a few runs."""
    least = np.inf
    for _ in range(times):
        start = time.process_time()
        result = work()
        least = min(least, time.process_time() - start)
    return result, float(least)


def cpu_ms(work: Callable[[], object]) -> float:
    """Milliseconds of CPU that one run takes."""
    return 1e3 * timed(work)[1]
