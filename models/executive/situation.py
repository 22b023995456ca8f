"""What the executive knows at one decision, with the costly parts computed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import distance
from neural_brain.models.motion import (
    TravelField,
    areas_key,
    closed,
    make_costmap,
    travel_field,
    way_out,
)
from neural_brain.models.signals import Landmark, MapState, MotionStatus


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Time, map, the robot's pose (3,) in `map`, how motion goes, costs of driving."""

    t: float
    state: MapState
    pose: Array
    status: MotionStatus | None
    fields: FieldCache

    @property
    def field(self) -> TravelField | None:
        """Cost of driving anywhere; None when the robot stands in an obstacle."""
        return self.fields.get(self.state, self.pose)

    def over(self, sub_goal_id: int) -> str:
        """How sub-goal `id` ended: "done", "failed" or "" while it runs."""
        status = self.status
        if status is None or status.id != sub_goal_id or status.state == "running":
            return ""
        return status.state

    def room_of(self, point: Array) -> str:
        """Name of the room at a point (2,), "" if unknown: as of the nearest place."""
        if not self.state.places:
            return ""
        xy = np.array([place.xy for place in self.state.places])
        nearest = int(np.argmin(np.hypot(*(xy - point[:2]).T)))
        room = self.state.places[nearest].room
        names = {r.id: r.name for r in self.state.rooms}
        return names.get(room, "")


class FieldCache:
    """Plans again only when the map or the robot's place has changed.

    Args:
        config: radius and costmap.
    """

    def __init__(self, config: ExecutiveConfig) -> None:
        self.config = config
        self._key: tuple[object, ...] | None = None
        self._field: TravelField | None = None

    def get(self, state: MapState, pose: Array) -> TravelField | None:
        """Cost of driving from a pose (3,) to anywhere."""
        spot = np.round(pose[:2] / 0.25).astype(int)
        key = (state.grid.version, *spot.tolist(), areas_key(state.areas))
        if key != self._key:
            self._field = self._make(state, pose[:2])
            self._key = key
        return self._field

    def _make(self, state: MapState, here: Array) -> TravelField | None:
        """From inside a keep-out area the ways begin where the robot would leave it."""
        c, outlines = self.config, closed(state.areas)
        costmap = make_costmap(state.grid, c.costmap, c.radius_m, keep_out=outlines)
        if not any(distance(outline, here[None])[0] < 0.0 for outline in outlines):
            return travel_field(costmap, here, snap_m=1.0)
        bare = make_costmap(state.grid, c.costmap, c.radius_m)
        leaving = way_out(bare, costmap, here)
        return None if leaving is None else travel_field(costmap, leaving.exit)


def landmark_words(landmark: Landmark) -> str:
    """A thing in words: "red mug", or "mug" when its colour is not known."""
    return f"{landmark.colour} {landmark.category}".strip()
