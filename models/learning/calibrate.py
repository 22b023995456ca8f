"""Limits of the safety critic from held-out episodes, by split-conformal prediction.

If new episodes are exchangeable with the held-out ones, a dangerous one stays below
`alarm_limit` with a chance of at most the share that was asked for, and a usual one
exceeds `usual_limit` with at most that chance (Vovk et al. 2005; Angelopoulos and
Bates 2021, arXiv:2107.07511). The unit is the episode: ticks of one episode are alike.
"""

from __future__ import annotations

import math

import numpy as np

from neural_brain.models.geometry import Array


def alarm_limit(scores: Array, missed_share: float) -> float:
    """Limit that dangerous episodes exceed, all but a share of them.

    Args:
        scores: highest risk of each dangerous held-out episode (n,), before the damage.
        missed_share: share of new ones that may stay below.

    Returns:
        The limit; 0, so that everything is danger, when n is too small to promise it.
    """
    rank = math.floor(missed_share * (len(scores) + 1))
    if rank < 1:
        return 0.0
    return float(np.nextafter(np.sort(scores)[rank - 1], -math.inf))


def usual_limit(scores: Array, alarm_share: float) -> float:
    """Limit that usual episodes stay below, all but a share of them.

    Args:
        scores: highest strangeness of each usual held-out episode (n,).
        alarm_share: share of new ones that may exceed it.

    Returns:
        The limit; the largest score when n is too small to promise the share.
    """
    rank = math.ceil((1.0 - alarm_share) * (len(scores) + 1))
    return float(np.sort(scores)[min(rank, len(scores)) - 1])


def prototypes(points: Array, count: int, rng: np.random.Generator) -> Array:
    """Centres (count, d) of points (n, d): Lloyd's k-means, twenty rounds."""
    centres = points[rng.choice(len(points), min(count, len(points)), replace=False)]
    for _ in range(20):
        far = ((points[:, None] - centres[None]) ** 2).sum(axis=2)
        nearest = far.argmin(axis=1)
        for k in range(len(centres)):
            mine = points[nearest == k]
            if len(mine):
                centres[k] = mine.mean(axis=0)
    return np.asarray(centres)
