"""What driving has taught about the ways of a home: tolls, slopes and routes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, transform2, wrap
from neural_brain.models.maps.climbs import ClimbConfig, Climbs
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.places import PlaceGraph
from neural_brain.models.maps.routes import (
    RouteBook,
    routes_from_plain,
    routes_to_plain,
)
from neural_brain.models.maps.stretches import SlowConfig, Stopwatch
from neural_brain.models.maps.toll_rows import tolls_from_plain, tolls_to_plain
from neural_brain.models.maps.tolls import (
    SAME_M,
    Charge,
    TollBook,
    TollConfig,
    crossing_prices,
)
from neural_brain.models.signals import BodyState, GridView, MotionStatus, Toll

CREEP_M = 0.5  # before the goal the base is slow on purpose
STEP_M, JUMP_M = 0.1, 1.0  # between the points of a trail; more is no driving
PAUSE_S = 0.15  # between two looks at where the robot is


@dataclass(frozen=True, kw_only=True)
class ExperienceConfig:
    """What is learned from driving."""

    tolls: TollConfig = field(default_factory=TollConfig)
    slow: SlowConfig = field(default_factory=SlowConfig)
    climb: ClimbConfig = field(default_factory=ClimbConfig)
    routes: int = param(32, "routes kept, 0 = none", low=0, high=1000)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Experience:
    """Learns from how motion goes; `note` it often, `update` with the topology."""

    def __init__(self, config: ExperienceConfig) -> None:
        self.config = config
        self.tolls = TollBook(config.tolls)
        self.routes = RouteBook(config.routes)
        self._watch = Stopwatch(config.slow)
        self._climbs = Climbs(config.climb)
        self._trail: list[Array] = []
        self._began = self._noted_at = -np.inf
        self._drive: int | None = None
        self._stuck: list[Array] = []
        self._updated_at: float | None = None

    def messages(self) -> tuple[Toll, ...]:
        """Tolls of failed and of slow drives, and of slopes."""
        return self.tolls.messages()

    def note(
        self,
        t: float,
        pose: Array,
        status: MotionStatus,
        grid: GridView,
        body: BodyState | None = None,
    ) -> None:
        """How motion goes.

        Args:
            t: now [s].
            pose: pose_map_base (3,) of a robot that knows where it is.
            status: of motion.
            grid: occupancy.
            body: what its IMU feels, to know slopes.
        """
        if not np.all(np.isfinite(pose)):
            return
        if body is not None:
            self._climbs.drive(pose, body, grid, self.tolls)
        driving = status.state == "running" and len(status.path_map) >= 2
        if status.id != self._drive:
            self._drive, self._stuck, self._trail = status.id, [], []
        stuck = status.stuck_at
        if stuck is not None and not (
            self._stuck and np.array_equal(stuck, self._stuck[-1])
        ):
            self._get_stuck(np.array(stuck), grid)
        if driving and t - self._noted_at >= PAUSE_S:
            self._noted_at = t
            self._follow(t, pose)
            slow = self._watch.drive(t, pose, grid)
            if slow is not None and _length(status.path_map) > CREEP_M:
                self.tolls.add(slow)
        elif not driving:
            self._watch.begin()
            if status.state == "done" and self._trail:
                self.routes.add(np.array(self._trail), t - self._began)
            self._trail = []

    def _get_stuck(self, stuck: Array, grid: GridView) -> None:
        """The first time a little backing up may help; the second it is the passage."""
        if any(np.hypot(*(stuck - old)[:2]) < SAME_M for old in self._stuck):
            self.tolls.fail(stuck, grid)
        self._stuck.append(stuck)
        self._watch.begin()

    def update(self, t: float, grid: GridView, graph: PlaceGraph) -> None:
        """Let tolls fade, lift those of things that went away, tell the graph."""
        before = t if self._updated_at is None else self._updated_at
        self._updated_at = t
        self.tolls.fade(t - before)
        self.tolls.look(grid)
        added: dict[tuple[int, int], float] = {}
        tolls = self.tolls.messages()
        if tolls and graph.costs:
            keys = list(graph.costs)
            start, end = (np.array([graph.xy[key[k]] for key in keys]) for k in (0, 1))
            pays = crossing_prices(tolls, start, end)
            for k in np.flatnonzero(pays):
                added[keys[k]] = float(pays[k])
        graph.set_penalties(added)

    def move(self, correction: Correction) -> None:
        """Carry everything along when the map was mended."""
        self._watch.begin()
        self._climbs.begin()
        self._trail = []
        self.routes.move(correction.move)
        charges = []
        for charge in self.tolls.charges:
            toll = charge.toll
            at = np.array([toll.x_m, toll.y_m])
            change = correction.change_of(0, at)
            charges.append(_moved(charge, change))
        self.tolls.charges = charges

    def absorb(self, other: Experience, pose: Array) -> None:
        """Add what another robot learned; `pose` (3,) is its frame in ours."""
        for charge in other.tolls.charges:
            moved = _moved(charge, pose)
            if not self.tolls.knows(moved):
                self.tolls.add(moved)
        self.routes.absorb(other.routes, lambda way: transform2(pose, way))

    def adopt(self, other: Experience) -> None:
        """Go on with the tolls and routes of another one, in the same frame."""
        self.tolls.charges = list(other.tolls.charges)
        self.routes.routes = other.routes.routes

    def to_plain(self) -> dict[str, Any]:
        """Everything as JSON-able data."""
        return {
            "tolls": tolls_to_plain(self.tolls.charges),
            "routes": routes_to_plain(self.routes.routes),
        }

    def from_plain(self, data: dict[str, Any]) -> None:
        """Back from `to_plain`; maps of older releases have none.

        Raises:
            MapFileError: if a value is missing, of the wrong kind or absurd.
        """
        known = data.get("experience", {})
        try:
            most = self.config.tolls.count
            self.tolls.charges = tolls_from_plain(known.get("tolls", []), most)
            items = known.get("routes", [])
            self.routes.routes = routes_from_plain(items, self.config.routes)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MapFileError(
                f"The map's list of tolls or routes is damaged ({error!r}). "
                "Restore an earlier generation, or begin a new map."
            ) from error

    def _follow(self, t: float, pose: Array) -> None:
        here = np.array(pose[:2])
        if not self._trail:
            self._trail, self._began = [here], t
            return
        step = float(np.hypot(*(here - self._trail[-1])))
        if step > JUMP_M:  # it was elsewhere all the time
            self._trail, self._began = [here], t
        elif step >= STEP_M:
            self.tolls.drove(self._trail[-1], here)
            self._trail.append(here)


def _moved(charge: Charge, change: Array) -> Charge:
    toll = charge.toll
    x, y = transform2(change, np.array([[toll.x_m, toll.y_m]]))[0].tolist()
    heading = wrap(toll.heading_rad + float(change[2]))
    return replace(charge, toll=replace(toll, x_m=x, y_m=y, heading_rad=heading))


def _length(way: Array) -> float:
    return float(np.hypot(*np.diff(np.reshape(way, (-1, 2)), axis=0).T).sum())
