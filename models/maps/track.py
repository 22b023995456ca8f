"""What is remembered of one landmark while its evidence grows and fades."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from neural_brain.models.geometry import Array
from neural_brain.models.signals import Landmark

OTHER_SHARE = 0.05  # names with less evidence are not passed on


class Watcher(Protocol):
    """Who wants to know of changes."""

    def touch(self, key: int) -> None:
        """Something of that key has changed."""


@dataclass(kw_only=True)
class Track:
    """What is known of one landmark; the mutable form behind `Landmark`."""

    id: int
    center: Array
    covariance: Array
    size: Array
    categories: dict[str, float]
    colours: dict[str, float]
    log_odds: float
    count: int
    first_seen: float
    last_seen: float
    near: float
    far: float
    last_miss: float = -np.inf
    told: bool = False
    rivals: dict[int, int] = field(default_factory=dict)
    anchor: int = 0  # keyframe from which it was seen last
    seen_from: Array | None = None

    def watch(self, watcher: Watcher, key: int) -> None:
        """Tell a watcher whenever an attribute is set, by the key that it gave."""
        self.__dict__["_watcher"] = (watcher, key)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value
        if (watched := self.__dict__.get("_watcher")) is not None:
            watched[0].touch(watched[1])

    @property
    def category(self) -> str:
        """Category with the most evidence."""
        return max(self.categories, key=lambda name: self.categories[name])

    @property
    def colour(self) -> str:
        """Colour with the most evidence, "" if none was seen."""
        return max(self.colours, key=lambda name: self.colours[name], default="")

    @property
    def confidence(self) -> float:
        """Belief in 0..1 that it is there and is what it is called."""
        exists = 1.0 / (1.0 + np.exp(-self.log_odds))
        total = sum(self.categories.values())
        return float(exists * self.categories[self.category] / max(total, 1e-9))

    @property
    def exists(self) -> float:
        """Belief in 0..1 that something is there."""
        return float(1.0 / (1.0 + np.exp(-self.log_odds)))

    def public(self) -> Landmark:
        """The message for other modules."""
        return Landmark(
            id=self.id,
            category=self.category,
            colour=self.colour,
            center_map=self.center.copy(),
            covariance=self.covariance.copy(),
            size=self.size.copy(),
            confidence=self.confidence,
            count=self.count,
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            others=_rest(self.categories, self.category),
            other_colours=_rest(self.colours, self.colour),
            seen_from=None if self.seen_from is None else self.seen_from.copy(),
        )


def _rest(evidence: dict[str, float], best: str) -> tuple[tuple[str, float], ...]:
    """All names but the best that have a share of the evidence, with it."""
    total = max(sum(evidence.values()), 1e-9)
    shares = ((name, x / total) for name, x in evidence.items())
    return tuple((n, s) for n, s in sorted(shares) if n != best and s > OTHER_SHARE)


def evidence(confidence: float) -> float:
    """Log odds of a confidence, at least a little, at most 3."""
    p = min(max(confidence, 0.05), 0.95)
    return float(np.clip(np.log(p / (1.0 - p)), 0.1, 3.0))
