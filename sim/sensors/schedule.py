"""When a slow sensor measures, and when what it measured arrives."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from neural_brain.sim.physics import TICK_S

T = TypeVar("T")


class Schedule(Generic[T]):
    """Measures at a fixed rate, delivers after a delay, loses some messages.

    Args:
        measure: takes one measurement now.
        rate_hz: measurements a second.
        delay_s: time from measurement to delivery [s].
        dropout: probability that a message is lost.
        phase: where in the period the first measurement is, 0..1.
        generator: seeded source of randomness for losses.
    """

    def __init__(
        self,
        measure: Callable[[], T],
        *,
        rate_hz: float,
        delay_s: float,
        dropout: float,
        phase: float,
        generator: np.random.Generator,
    ) -> None:
        self._measure = measure
        self._period = max(1, round(1.0 / (rate_hz * TICK_S)))
        self._delay = round(delay_s / TICK_S)
        self._dropout = dropout
        self._generator = generator
        self._next = round(phase * self._period)
        self._pending: deque[tuple[int, T]] = deque()

    def poll(self, tick: int) -> T | None:
        """The newest message that arrived by this tick, or None."""
        if tick >= self._next:
            self._next = tick + self._period
            if self._generator.random() >= self._dropout:
                self._pending.append((tick + self._delay, self._measure()))
        if not self._pending or self._pending[0][0] > tick:
            return None
        message = None
        while self._pending and self._pending[0][0] <= tick:
            message = self._pending.popleft()[1]
        return message
