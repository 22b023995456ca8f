"""Which recognised places agree with each other (Mangelson et al., ICRA 2018).

Two loops and the ways between their ends make a circle; if both are right, going round
it leads back to the start, up to what the ways are unsure of. A loop that bends the map
is only believed in company.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.pose_graph import Edge
from neural_brain.models.maps.spread import Spreads, chained, turned_back

LIMIT = 11.3  # chi2, 3 degrees of freedom, 99 %


def agree(a: Edge, b: Edge, from_first: Spreads, from_second: Spreads) -> bool:
    """Whether two loops make a circle that closes.

    Args:
        a: a loop.
        b: another one.
        from_first: ways from `a.first`.
        from_second: ways from `a.second`.
    """
    try:
        way_first = _way(from_first, b.first)
        way_second = _way(from_second, b.second)
    except ValueError:
        return False
    pose, covariance = a.pose, a.covariance
    back = Edge(
        first=b.second,
        second=b.first,
        pose=inverse2(b.pose),
        covariance=turned_back(b.covariance, b.pose),
    )
    home = Edge(
        first=b.first,
        second=a.first,
        pose=inverse2(way_first.pose),
        covariance=turned_back(way_first.covariance, way_first.pose),
    )
    for step in (way_second, back, home):
        covariance = chained(covariance, pose, step)
        pose = compose2(pose, step.pose)
    return mahalanobis(pose, covariance) <= LIMIT


def mahalanobis(error: Array, covariance: Array) -> float:
    """Squared length of an error (3,) in units of its spread (3, 3)."""
    return float(error @ np.linalg.solve(covariance, error))


def largest_clique(joined: NDArray[np.bool_], must: int) -> list[int]:
    """The largest set around one index in which all are joined with all.

    Args:
        joined: symmetric (n, n); n is small.
        must: index that must be in the set.
    """
    best: list[int] = []

    def grow(chosen: list[int], left: Sequence[int]) -> None:
        nonlocal best
        if len(chosen) > len(best):
            best = list(chosen)
        for k, one in enumerate(left):
            if len(chosen) + len(left) - k <= len(best):
                return
            grow([*chosen, one], [o for o in left[k + 1 :] if joined[one, o]])

    grow([must], [k for k in range(len(joined)) if k != must and joined[must, k]])
    return sorted(best)


def _way(spreads: Spreads, to: int) -> Edge:
    pose, covariance = spreads.relative(to)
    return Edge(first=-1, second=to, pose=pose, covariance=covariance)
