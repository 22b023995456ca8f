"""One-way passages that people have named, as tolls that no plan crosses."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from neural_brain.models.geometry import Array, inverse2, transform2, wrap
from neural_brain.models.maps.outlines import disc
from neural_brain.models.signals import CLOSED_M, Area, AreaKind, Toll

HALF_WIDTH_M = 0.6  # of a door that a person has named with the robot in it


def one_way_area(name: str, pose: Array, changed: float = 0.0) -> Area:
    """A passage that is driven only the way that a pose (3,) in it faces."""
    return Area(
        name=name,
        kind=AreaKind.ONE_WAY,
        outline=disc(pose[:2], HALF_WIDTH_M),
        pose_map=np.array(pose, dtype=np.float64),
        changed=changed,
    )


def one_way_tolls(areas: Iterable[Area]) -> tuple[Toll, ...]:
    """A line across each, as wide as its outline, closed against its direction."""
    tolls = []
    for area in areas:
        pose = area.pose_map
        if area.kind is AreaKind.ONE_WAY and pose is not None:
            aside = transform2(inverse2(pose), area.outline)[:, 1]
            toll = Toll(
                x_m=float(pose[0]),
                y_m=float(pose[1]),
                heading_rad=wrap(float(pose[2]) + np.pi),
                half_width_m=float(np.abs(aside).max()),
                price_m=CLOSED_M,
            )
            tolls.append(toll)
    return tuple(tolls)
