"""What one goal was worth: success, SPL, SoftSPL; PPL for ordered goals.

Definitions: Anderson et al. 2018 (SPL), Habitat (SoftSPL), MultiON (progress, PPL).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_M = 0.1
"""A shortest way counts as at least this long, so that 0 / 0 does not occur."""


@dataclass(frozen=True, kw_only=True)
class GoalResult:
    """How one goal ended.

    Attributes:
        home: seed of the home.
        words: what was said.
        kind: group of goals it belongs to, such as "moved".
        index: number of the goal within its part, from 0.
        success: the robot said that it is there, and it is (see `Referee.arrived`).
        claimed: the robot said so.
        shortest_m: geodesic length from where the goal was given [m].
        driven_m: true way of the base [m].
        left_m: geodesic length from the end to the nearest success spot [m].
        away_m: straight distance from the end to the nearest right thing's edge [m].
        time_s: simulated time [s].
        outcome: the robot's own sentence.
        why: why it failed, "" for a success (see `reason.py`).
        chain_m: of ordered goals, the shortest way through this one and all before [m].
        door_closed: id of the door that is closed since the day before, if one is.
    """

    home: int
    words: str
    kind: str
    index: int
    success: bool
    claimed: bool
    shortest_m: float
    driven_m: float
    left_m: float
    away_m: float
    time_s: float
    outcome: str
    why: str = ""
    chain_m: float = 0.0
    door_closed: int | None = None

    @property
    def spl(self) -> float:
        """Success weighted by path length, 0..1."""
        return float(self.success) * efficiency(self.shortest_m, self.driven_m)

    @property
    def soft_spl(self) -> float:
        """Progress towards the goal weighted by path length, 0..1."""
        progress = 1.0 - self.left_m / max(self.shortest_m, LEAST_M)
        return max(0.0, progress) * efficiency(self.shortest_m, self.driven_m)


def efficiency(shortest_m: float, driven_m: float) -> float:
    """Shortest way over driven way, at most 1."""
    shortest_m = max(shortest_m, LEAST_M)
    return shortest_m / max(shortest_m, driven_m)


def rates(results: Sequence[GoalResult]) -> tuple[float, float, float]:
    """Success rate, SPL and SoftSPL of goals.

    Raises:
        ValueError: if there are none, or SPL exceeds the success rate: then the path
            or the shortest way was measured wrongly.
    """
    if not results:
        raise ValueError("rates of no goals; give at least one result.")
    success = float(np.mean([r.success for r in results]))
    spl = float(np.mean([r.spl for r in results]))
    soft = float(np.mean([r.soft_spl for r in results]))
    if spl > success + 1e-12:
        raise ValueError(
            f"SPL {spl:.4f} > success rate {success:.4f}, which is impossible; look at "
            "how the ways are measured."
        )
    return success, spl, soft


def ordered(results: Sequence[GoalResult], count: int) -> dict[str, float]:
    """MultiON's four numbers for the first `count` goals, found in their order.

    Args:
        results: of the goals in their order; it may end with the first failure.
        count: number of goals m.

    Returns:
        "success" (all found), "progress" (share found), "SPL" and "PPL" (progress
        weighted by the way to the last goal that was found).
    """
    tried = list(results[:count])
    found = 0
    while found < len(tried) and tried[found].success:
        found += 1
    driven = float(sum(result.driven_m for result in tried))
    success = float(found == count)
    part = efficiency(tried[found - 1].chain_m, driven) if found else 0.0
    return {
        "success": success,
        "progress": found / count,
        "SPL": success * part,
        "PPL": found / count * part,
    }
