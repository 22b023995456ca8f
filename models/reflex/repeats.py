"""A sensor that repeats itself bit by bit while something moves is frozen."""

from __future__ import annotations

from neural_brain.models.geometry import Array


class Repeats:
    """Counts how often the same numbers come while they should change.

    Args:
        most: so many repetitions are one too many; 0: none ever is.
    """

    def __init__(self, most: int) -> None:
        self.count, self.most = 0, most
        self._last = b""

    def see(self, values: Array, *, moving: bool) -> bool:
        """Whether the sensor is frozen; at rest it is as it was before.

        Args:
            values: what it measured now.
            moving: whether that should differ from what it measured before.
        """
        if not self.most:
            return False
        bits = values.tobytes()
        if bits != self._last:
            self.count, self._last = 0, bits
        elif moving:
            self.count += 1
        return self.count >= self.most
