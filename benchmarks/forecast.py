"""How well a number that is known at every tick tells danger ahead of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from neural_brain.benchmarks.push_data import Push
from neural_brain.benchmarks.push_steps import ticks_to_danger
from neural_brain.models.geometry import Array

REACTION_TICKS = 3
"""What is told later than that helps nobody, and is not counted."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Ticks in contact.

    Attributes:
        scores: what was foretold (n,).
        follows: whether danger came within the lead (n,).
        episode: number of the push (n,).
    """

    scores: Array
    follows: Array
    episode: Array


def forecast(
    found: Sequence[Push], score: Callable[[Array], Array], lead_ms: int
) -> Forecast:
    """Scores of all ticks in which something was felt and nothing had happened yet."""
    parts: list[tuple[Array, Array, Array]] = []
    for number, push in enumerate(found):
        left = ticks_to_danger(push.force_n)
        asked = push.acting & (left > REACTION_TICKS)
        if asked.any():
            rows = np.asarray(score(push.wished[asked]))
            parts.append((rows, left[asked] <= lead_ms, np.full(len(rows), number)))
    scores, follows, episode = (np.concatenate(p) for p in zip(*parts, strict=True))
    return Forecast(scores=scores, follows=follows, episode=episode)


def auroc(found: Forecast) -> float:
    """Chance that a tick before danger scores higher than one before none."""
    hot = int(found.follows.sum())
    cold = len(found.follows) - hot
    if not hot or not cold:
        return 0.5
    ranks = rankdata(found.scores)
    return float((ranks[found.follows].sum() - hot * (hot + 1) / 2) / (hot * cold))


def precision(found: Forecast) -> float:
    """Average precision: mean share of right alarms over all limits that alarm."""
    order = np.argsort(-found.scores, kind="stable")
    right = found.follows[order]
    if not right.any():
        return 0.0
    shares = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(shares[right].mean())
