"""The wire of a fast sensor: its own rate, a delay, lost messages."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from neural_brain.models.config import param
from neural_brain.sim.physics import TICK_S

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class LineConfig:
    """Rate, delay and losses; part of every fast sensor's configuration."""

    rate_hz: float = param(1000.0, "measurements a second", low=1.0, high=1000.0)
    delay_s: float = param(0.0, "measurement to delivery", low=0.0, high=1.0)
    dropout: float = param(0.0, "share of lost measurements", low=0.0, high=1.0)


class SensorLine(Generic[T]):
    """Carries values from a sensor to the robot; in between the last one stays.

    Args:
        config: rate, delay and losses.
        generator: seeded source of randomness for losses.
    """

    def __init__(self, config: LineConfig, generator: np.random.Generator) -> None:
        self._period = max(1, round(1.0 / (config.rate_hz * TICK_S)))
        self._delay = round(config.delay_s / TICK_S)
        self._dropout = config.dropout
        self._generator = generator
        self._waiting: deque[tuple[int, T]] = deque()
        self._last: T | None = None
        self.ideal = self._period == 1 and self._delay == 0 and self._dropout == 0.0

    def carry(self, tick: int, value: T) -> T:
        """Put in what is measured at this tick; returns what has arrived by now."""
        if self.ideal:
            return value
        if self._last is None:
            self._last = value
        if tick % self._period == 0 and self._generator.random() >= self._dropout:
            self._waiting.append((tick + self._delay, value))
        while self._waiting and self._waiting[0][0] <= tick:
            self._last = self._waiting.popleft()[1]
        return self._last
