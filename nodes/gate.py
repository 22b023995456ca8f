"""The gate that every subscription passes: a message becomes a value or a count.

Order of the checks: size budget, stamp valid, not too old, not from the future, frame
known, fields consistent and finite (by the conversion), stamps monotone. Nothing that
arrives can raise past the gate; what is refused is counted by reason and shown on
`/diagnostics`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from neural_brain.models.config import param, validate
from neural_brain.nodes.codec import SignalError

T = TypeVar("T")
CLOCK_RESET_S = 0.5


class Refusal(Exception):
    """Raised by a conversion to say why a message is not used; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class GateConfig:
    """What a subscription accepts."""

    max_age_s: float = param(0.5, "oldest accepted stamp", low=0.0, high=3600.0)
    max_future_s: float = param(0.1, "clock difference allowed", low=0.0, high=10.0)
    max_items: int = param(
        4_000_000, "longest array of a message", low=1, high=50_000_000
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Gate(Generic[T]):
    """Turns messages of one topic into checked values.

    Args:
        convert: makes a value of a message; raises (a `Refusal`) for a bad one.
        now: the node's ROS time [s].
        config: ages and sizes allowed.
        frames: names of frames that are accepted; empty = any (and no header needed).
        stamped: whether the message has a header whose stamp is checked.
    """

    def __init__(
        self,
        convert: Callable[[Any], T],
        now: Callable[[], float],
        config: GateConfig | None = None,
        *,
        frames: tuple[str, ...] = (),
        stamped: bool = True,
    ) -> None:
        self._convert = convert
        self._now = now
        self._config = config or GateConfig()
        self._frames = frames
        self._stamped = stamped
        self._last_stamp = -math.inf
        self._last_now = -math.inf
        self.accepted = 0
        self.refused: Counter[str] = Counter()

    def admit(self, message: Any) -> T | None:
        """The value of a message, or None (counted) if it must not be used."""
        try:
            check_size(message, self._config.max_items)
            stamp = self._check_header(message) if self._stamped else None
            value = self._convert(message)
            if stamp is not None:
                self._last_stamp = stamp
        except (Refusal, SignalError) as refusal:
            self.refused[refusal.reason] += 1
            return None
        except Exception as error:  # nothing that arrives may end the node
            self.refused[f"malformed ({type(error).__name__})"] += 1
            return None
        self.accepted += 1
        return value

    def _check_header(self, message: Any) -> float:
        stamp = stamp_seconds(message.header.stamp)
        now = self._now()
        if now < self._last_now - CLOCK_RESET_S:  # the clock was set back
            self._last_stamp = -math.inf
        self._last_now = now
        if stamp < now - self._config.max_age_s:
            raise Refusal("too old")
        if stamp > now + self._config.max_future_s:
            raise Refusal("from the future")
        if self._frames and message.header.frame_id not in self._frames:
            raise Refusal("unknown frame")
        if stamp < self._last_stamp:
            raise Refusal("out of order")
        if stamp == self._last_stamp:
            raise Refusal("duplicate")
        return stamp


def stamp_seconds(stamp: Any) -> float:
    """A builtin_interfaces/Time in seconds.

    Raises:
        Refusal: if it is zero, negative or no valid time.
    """
    if stamp.sec < 0 or not 0 <= stamp.nanosec < 1_000_000_000:
        raise Refusal("bad stamp")
    if stamp.sec == 0 and stamp.nanosec == 0:
        raise Refusal("zero stamp")
    return stamp.sec + stamp.nanosec * 1e-9


def check_size(message: Any, max_items: int) -> None:
    """Refuse a message with an array or text of more than `max_items` items."""
    for name in message.get_fields_and_field_types():
        value = getattr(message, name)
        if hasattr(value, "__len__") and len(value) > max_items:
            raise Refusal("too large")


def finite(*numbers: float) -> tuple[float, ...]:
    """The numbers as floats.

    Raises:
        Refusal: if one of them is NaN or infinite.
    """
    values = tuple(float(number) for number in numbers)
    if not all(map(math.isfinite, values)):
        raise Refusal("not finite")
    return values
