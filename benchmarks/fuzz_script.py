"""Random sequences of bad input, with ordinary motion between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.benchmarks.fuzz_line import KINDS, POISON

GOOD_TICKS = (3, 13)
WEIGHTS = {
    "good": 0.68, "push": 0.02, "wall": 0.04, "state": 0.05, "stamp": 0.02,
    "target": 0.10, "flood": 0.05, "junk": 0.01, "person": 0.03,
}  # fmt: skip
"""How often each kind of event comes; motion without a disturbance is most of it."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One disturbance and for how many ticks it lasts; see `fuzz_line.disturb`."""

    kind: str
    name: int
    index: int
    poison: float
    ticks: int


def script(rng: np.random.Generator) -> list[Event]:
    """A random sequence of 3 to 10 events."""
    return [_event(rng) for _ in range(int(rng.integers(3, 11)))]


def _event(rng: np.random.Generator) -> Event:
    kind = KINDS[rng.choice(len(KINDS), p=[WEIGHTS[name] for name in KINDS])]
    least, most = GOOD_TICKS if kind == "good" else (1, 8)
    return Event(
        kind=kind,
        name=int(rng.integers(6)),
        index=int(rng.integers(36)),
        poison=POISON[rng.integers(len(POISON))],
        ticks=int(rng.integers(least, most + 1)),
    )
