"""What was tried in vain for one goal, and what is left to try."""

from __future__ import annotations

from neural_brain.models.categories import FURNITURE
from neural_brain.models.executive.candidates import (
    ANY,
    CLOSE,
    EXACT,
    LIKELY,
    candidates,
)
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.search import Search
from neural_brain.models.executive.situation import Situation
from neural_brain.models.signals import Goal, Landmark

AGAIN_S = 10.0  # until a thing is tried again that seemed out of reach


class Tried:
    """Things by number, with the reasons why they were left.

    Attributes:
        reason: why the last one was left, "" if none was.
    """

    def __init__(self) -> None:
        self.reason = ""
        self._failed: set[int] = set()
        self._renamed: set[int] = set()
        self._again: dict[int, float] = {}

    def leave(self, thing: Landmark, reason: str, *, renamed: bool = False) -> None:
        """Do not try a thing any more.

        A thing that was `renamed`, whose name or colour turned out to be another one,
        is still the likeliest when nothing fits exactly.
        """
        self.reason = reason
        self._failed.add(thing.id)
        if renamed:
            self._renamed.add(thing.id)
        else:
            self._renamed.discard(thing.id)

    def retry(self, thing: Landmark, t: float) -> None:
        """Try it again some time after t [s]: the map may know a way to it then."""
        self._again[thing.id] = t + AGAIN_S

    def fitting(
        self, goal: Goal, situation: Situation, config: ExecutiveConfig, search: Search
    ) -> list[Landmark]:
        """What to try: the more was searched in vain, the less it has to fit."""
        for number in [k for k, t in self._again.items() if t <= situation.t]:
            del self._again[number]
            self._failed.discard(number)
        levels = [EXACT]
        levels += [LIKELY] if search.far_done or search.exhausted else []
        large = goal.category in FURNITURE  # not missed from afar
        levels += [CLOSE] if search.far_done and large else []
        levels += [ANY] if search.exhausted else []
        for misfit in levels:
            out = self._failed - (self._renamed if misfit > EXACT else set())
            fitting = candidates(goal, situation, config, failed=out, misfit=misfit)
            if fitting:
                return fitting
        return []
