"""For how long the robot has not known where it is."""

from __future__ import annotations


class Lost:
    """Says when to stand still for it: while the robot is lost, but not for ever.

    Args:
        wait_s: after so long it goes on all the same [s].
    """

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._since: float | None = None

    def waits(self, t: float, localised: bool) -> bool:
        """Whether to wait now.

        Args:
            t: now [s].
            localised: whether the robot knows where it is.
        """
        if localised:
            self._since = None
            return False
        if self._since is None:
            self._since = t
        return t - self._since <= self._wait_s
