"""Tolls as rows of numbers in the file of a map, of this release and older ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neural_brain.models.maps.tolls import Charge
from neural_brain.models.signals import CLOSED_M, Toll


def tolls_to_plain(charges: Sequence[Charge]) -> list[list[float]]:
    """x, y, heading, half width, price, seen and slow of each; a 1 more of slopes."""
    rows = []
    for c in charges:
        t = c.toll
        place = [t.x_m, t.y_m, t.heading_rad, t.half_width_m]
        slope = [1.0] if c.slope else []
        rows.append([*place, t.price_m, float(c.seen), float(c.slow), *slope])
    return rows


def tolls_from_plain(rows: Sequence[Sequence[float]], most: int) -> list[Charge]:
    """Back from `tolls_to_plain`.

    Raises:
        ValueError: if a number is missing, not finite or absurd.
    """
    charges = []
    for row in list(rows)[:most]:
        x, y, heading, width, price, seen, slow, *more = (float(v) for v in row)
        if len(more) > 1:
            raise ValueError(f"a toll has {len(row)} numbers")
        if not np.all(np.isfinite([x, y, heading])):
            raise ValueError(f"a toll stands at {row[:3]}")
        if not (0.0 < width <= 100.0 and 0.0 <= price <= CLOSED_M):
            raise ValueError(f"a toll has width and price {row[3:5]}")
        toll = Toll(
            x_m=x, y_m=y, heading_rad=heading, half_width_m=width, price_m=price
        )
        charges.append(
            Charge(toll=toll, seen=bool(seen), slow=bool(slow), slope=more == [1.0])
        )
    return charges
