"""What the executive knows at one decision, with the costly parts computed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.geometry import Array
from neural_brain.models.maps.routes import equal_routes
from neural_brain.models.motion import TravelField, make_costmap, travel_field
from neural_brain.models.signals import Landmark, MapState, MotionStatus, Route, Toll


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
        self._key: tuple[int, int, int, tuple[Toll, ...]] | None = None
        self._routes: tuple[Route, ...] = ()
        self._field: TravelField | None = None

    def get(self, state: MapState, pose: Array) -> TravelField | None:
        """Cost of driving from a pose (3,) to anywhere."""
        spot = np.round(pose[:2] / 0.25).astype(int)
        key = (state.grid.version, int(spot[0]), int(spot[1]), state.tolls)
        if key != self._key or not equal_routes(state.routes, self._routes):
            costmap = make_costmap(
                state.grid,
                self.config.costmap,
                self.config.radius_m,
                routes=state.routes,
            )
            self._field = travel_field(costmap, pose[:2], snap_m=1.0, tolls=state.tolls)
            self._key, self._routes = key, state.routes
        return self._field


def landmark_words(landmark: Landmark) -> str:
    """A thing in words: "red mug", or "mug" when its colour is not known."""
    return f"{landmark.colour} {landmark.category}".strip()
