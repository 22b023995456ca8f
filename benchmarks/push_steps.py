"""What the critic learns from pushes: steps, and how long until danger."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neural_brain.benchmarks.impact_rig import SETTLE_TICKS
from neural_brain.benchmarks.push_data import Push
from neural_brain.models.geometry import Array
from neural_brain.models.learning import RiskData
from neural_brain.models.reflex.recovery import with_action

STRIDE = 5
DISCOUNT = 0.98
"""Of the risk, a tick: it looks some 50 ms ahead."""
DANGER_N = 25.0
"""What is forecast: the force that the rules begin to act at, well below the limit.
Near misses are far more frequent than violations, and preventing them prevents both."""


def ticks_to_danger(force_n: Array) -> Array:
    """From every tick to the next above the danger (t,): 0 in it, infinite if none."""
    n = len(force_n)
    left, ahead = np.full(n, np.inf), np.inf
    for tick in range(n - 1, -1, -1):
        ahead = 0.0 if force_n[tick] > DANGER_N else ahead + 1.0
        left[tick] = ahead
    return left


def steps_of(pushes: Sequence[Push]) -> RiskData:
    """Transitions over five ticks of all episodes, as one run.

    The action of the next state is the one that is wished for there, with the share and
    the retreat that were executed before: what is judged is to go on like this.
    """
    rows: list[tuple[Array, Array, Array, Array]] = []
    for push in pushes:
        n = len(push.force_n)
        left = ticks_to_danger(push.force_n)
        start = np.flatnonzero(push.acting & (left > 0))
        start = start[start >= SETTLE_TICKS]
        after = start + STRIDE
        hit = left[start] < STRIDE
        keep = hit | (after < n)
        start, after, hit = start[keep], np.minimum(after[keep], n - 1), hit[keep]
        share, back = push.share[start], push.back[start]
        cost = np.where(hit, DISCOUNT ** np.minimum(left[start], 1e3), 0.0)
        rows.append(
            (
                with_action(push.wished[start], share, back),
                cost,
                np.where(hit, 0.0, DISCOUNT**STRIDE),
                with_action(push.wished[after], share, back),
            )
        )
    x, cost, discount, after_x = (
        np.concatenate(part) for part in zip(*rows, strict=True)
    )
    return RiskData(
        inputs=x[None],
        costs=cost[None],
        discounts=discount[None],
        next_inputs=after_x[None],
    )
