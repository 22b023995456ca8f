"""Direct delivery of signals between nodes that share a process.

Composed nodes hand their signals over as objects; only what somebody outside listens
to is encoded and sent through ROS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Deliver = Callable[[Any], None]


class LocalBus:
    """Topics within one process: publishing calls every listener at once."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Deliver]] = defaultdict(list)

    def listen(self, topic: str, deliver: Deliver) -> None:
        """Call `deliver` with every signal on `topic` from now on."""
        self._listeners[topic].append(deliver)

    def leave(self, topic: str, deliver: Deliver) -> None:
        """Undo `listen`."""
        if deliver in self._listeners[topic]:
            self._listeners[topic].remove(deliver)

    def publish(self, topic: str, signal: Any) -> None:
        """Hand `signal` to all listeners, in the order they came."""
        for deliver in tuple(self._listeners[topic]):
            deliver(signal)
