"""Named areas while driving: never into a keep-out area, slowly through slow ones.

The planner keeps out of them on the map; this guard looks at every command, so that
steering errors, recoveries and old plans do not lead in either. It measures to the
outlines themselves and needs no map.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.geometry import Array, transform2
from neural_brain.models.maps.outlines import distance
from neural_brain.models.motion.leaving import WayOut
from neural_brain.models.motion.scan_guard import arc_centers
from neural_brain.models.signals import Area, AreaKind

HORIZON_M = 1.5
STEPS = 31
DEEPER_M = 1e-3  # a footprint that overlaps may not overlap by more than this more


class AreaGuard:
    """What the areas of the map allow where the robot is.

    Args:
        radius_m: radius of the base [m].

    Attributes:
        way_out: how a robot leaves that is inside, while it does; it may not go
            farther from the end of that way than it is.
    """

    def __init__(self, radius_m: float) -> None:
        self.radius_m = radius_m
        self.way_out: WayOut | None = None
        self._areas: tuple[Area, ...] = ()
        self._closed: tuple[Array, ...] = ()
        self._slow: tuple[Area, ...] = ()
        self._pose = np.zeros(3)

    def update(self, areas: tuple[Area, ...], pose_map_base: Array) -> None:
        """Take the areas of the map and where the robot is (3,)."""
        self._pose = pose_map_base
        if areas is not self._areas:
            self._areas = areas
            self._closed = closed(areas)
            slow = (a for a in areas if a.kind is AreaKind.SLOW)
            self._slow = tuple(a for a in slow if len(a.outline) >= 3)

    @property
    def areas(self) -> tuple[Area, ...]:
        """The areas as they were given."""
        return self._areas

    @property
    def closed(self) -> tuple[Array, ...]:
        """Outlines (n, 2) [m] of the keep-out areas."""
        return self._closed

    @property
    def inside(self) -> bool:
        """Whether the middle of the base is in a keep-out area."""
        here = self._pose[None, :2]
        return any(distance(outline, here)[0] < 0.0 for outline in self._closed)

    def forbids(self, point: Array) -> bool:
        """Whether a base in the middle of a point (2,) [m] would overlap one."""
        spot = np.asarray(point)[None, :2]
        return any(distance(o, spot)[0] < self.radius_m for o in self._closed)

    def free_way(self, v: float, w: float) -> float:
        """Way [m] along the arc of speeds v [m/s], w [rad/s] to a keep-out area.

        A base that overlaps one already may only move off it, one that is inside only
        along its way out.
        """
        if not self._closed or abs(v) < 1e-6:
            return HORIZON_M
        if not np.all(np.isfinite(self._pose)):
            return 0.0
        s = np.linspace(0.0, HORIZON_M, STEPS)
        ahead = transform2(self._pose, arc_centers(v, w, s[1:]))
        centers = np.vstack([self._pose[None, :2], ahead])
        hit = np.zeros(STEPS, bool)
        within = False
        for outline in self._closed:
            apart = distance(outline, centers)
            if apart[0] < 0.0:
                within = True
                continue
            hit |= apart < min(self.radius_m, float(apart[0]) - DEEPER_M)
        if within:
            hit |= self._deeper(centers)
        return float(s[np.argmax(hit)] - s[1]) if hit.any() else HORIZON_M

    def speed_limit(self, brake_m_s2: float) -> float:
        """Speed [m/s] that slow areas allow here; low enough to brake before them."""
        limit = np.inf
        for area in self._slow:
            apart = float(distance(area.outline, self._pose[None, :2])[0])
            room = max(0.0, apart - self.radius_m)
            fast = np.sqrt(area.speed_m_s**2 + 2.0 * brake_m_s2 * room)
            limit = min(limit, float(fast))
        return limit

    def _deeper(self, centers: Array) -> Array:
        """Where along an arc (n, 2) the base is farther from the exit than now."""
        if self.way_out is None:
            return np.ones(len(centers), bool)
        left = self.way_out.left_m(centers)
        return np.asarray(left > left[0] + self.way_out.slack_m)


def closed(areas: tuple[Area, ...]) -> tuple[Array, ...]:
    """Outlines (n, 2) [m] of the keep-out areas."""
    outlines = (a.outline for a in areas if a.kind is AreaKind.KEEP_OUT)
    return tuple(outline for outline in outlines if len(outline) >= 3)


def areas_key(areas: tuple[Area, ...]) -> tuple[tuple[str, str, float], ...]:
    """Differs whenever keep-out areas differ; the same for a copy of them."""
    return tuple(
        (area.name, str(len(area.outline)), float(area.outline.sum()))
        for area in areas
        if area.kind is AreaKind.KEEP_OUT
    )
