"""Where the robot is: odometry corrected by scan matching, and knowing when lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.matching import Match, ScanMatcher, crossing
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.odometry import OdometryHistory
from neural_brain.models.maps.relocaliser import Relocaliser, same_place
from neural_brain.models.maps.tilt import has_imu
from neural_brain.models.signals import BodyState


@dataclass(frozen=True, kw_only=True)
class LocaliserConfig:
    """How odometry and scans are weighed against each other."""

    drift_m_per_m: float = param(0.08, "odometry, along", low=0.0, high=1.0)
    drift_rad_per_rad: float = param(0.08, "odometry, turning", low=0.0, high=1.0)
    drift_rad_per_m: float = param(0.03, "odometry, veering", low=0.0, high=1.0)
    floor_m: float = param(0.01, "least spread of the prior", low=1e-4, high=1.0)
    floor_rad: float = param(0.005, "least spread of the prior", low=1e-4, high=1.0)
    slip_rad_s: float = param(0.2, "gyro and wheels disagree", low=0.01, high=5.0)
    agree: float = param(0.55, "a scan fits from here on", low=0.1, high=1.0)
    agree_found: float = param(0.85, "to be found, it must fit so", low=0.1, high=1.0)
    crossing_found: float = param(0.15, "and cross so few walls", low=0.0, high=1.0)
    agree_sure: float = param(0.93, "a scan that fits so well", low=0.1, high=1.0)
    crossing_sure: float = param(
        0.3, "may cross so many: what stood there was moved", low=0.0, high=1.0
    )
    known: float = param(0.15, "share of the scan to judge by", low=0.0, high=1.0)
    lost_after: int = param(6, "misfits in a row until lost", low=1, high=100)
    found_after: int = param(3, "fits in a row until found", low=1, high=100)
    jump_m: float = param(1.5, "odometry jump = reset", low=0.1, high=100.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


RIVAL = 0.05  # a second place must fit worse by so much
HINT_M = 1.5  # a hint is no farther off than this, if it is right


class Localiser:
    """Keeps `pose_map_odom` (REP 105) and its covariance.

    Attributes:
        pose_map_odom: correction (3,).
        covariance: spread (3, 3) of pose_map_base at the last scan.
        localised: false when the scans disagree with the map.
        agreement: fit of the last matched scan, 0..1.
        searches: vain searches over the whole map since it was last localised.
        by_search: whether a search over the whole map found the robot.
        hint: correction (3,) that what is seen suggests to a lost robot, or None.
    """

    def __init__(self, config: LocaliserConfig, matcher: ScanMatcher) -> None:
        self.config = config
        self.matcher = matcher
        self.history = OdometryHistory()
        self.relocaliser = Relocaliser()
        self.pose_map_odom = np.zeros(3)
        self.covariance = np.diag([1e-4, 1e-4, 1e-4])
        self.localised = True
        self.agreement = 1.0
        self.searches = 0
        self.by_search = False
        self.hint: Array | None = None
        self._matched_odom: Array | None = None
        self._slip = 0.0
        self._misfits = 0
        self._fits = 0
        self._recalled: Array | None = None
        self._told = True

    def recall(self, pose_map_odom: Array, pose_map_base: Array) -> None:
        """Continue in an old map: not localised until scans confirm the pose.

        The robot is looked for where it last was, first as if odometry went on, then
        as if it restarted at zero, then everywhere.
        """
        self.pose_map_odom = np.array(pose_map_odom, dtype=np.float64)
        self.localised = self._told = self.by_search = False
        self.searches = self._fits = self._misfits = 0
        self.relocaliser.reset()
        self._recalled = np.array(pose_map_base, dtype=np.float64)

    def begin_anew(self) -> None:
        """The robot's pose becomes the origin of a new map."""
        newest = self.history.newest
        odom = np.zeros(3) if newest is None else newest[1]
        self.pose_map_odom = inverse2(odom)
        self.covariance = np.diag([1e-4, 1e-4, 1e-4])
        self.localised, self.agreement, self.searches = True, 1.0, 0
        self._told = True
        self._misfits = self._fits = 0
        self.by_search = False
        self._matched_odom = self._recalled = None
        self.relocaliser.reset()

    def feel(self, body: BodyState) -> None:
        """Remember odometry; watch for slip and for a reset of the odometry."""
        before = self.history.newest
        if before is not None and before[0] == body.stamp:
            return
        if not self.history.add(body.stamp, body.pose_odom_base) or before is None:
            return
        stamp, pose = before
        jump = np.hypot(*(body.pose_odom_base[:2] - pose[:2]))
        if jump > self.config.jump_m * max(1.0, body.stamp - stamp):
            base = compose2(self.pose_map_odom, pose)
            self.pose_map_odom = compose2(base, inverse2(body.pose_odom_base))
            self.history = OdometryHistory()
            self.history.add(body.stamp, body.pose_odom_base)
            self._matched_odom = None
        turn = float(body.gyro[2]) - float(body.twist_base[1]) if has_imu(body) else 0.0
        if np.isfinite(turn) and abs(turn) > self.config.slip_rad_s:
            self._slip += abs(turn) * min(body.stamp - stamp, 0.2)

    def news(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Kind, sentence and data when the robot was found or lost since last asked."""
        if self.localised == self._told:
            return
        self._told = self.localised
        fit = round(self.agreement, 2)
        if self.localised:
            text = f"found myself on the map (fit {fit})"
            yield "relocalised", text, {"agreement": fit}
        else:
            text = f"lost: the scans disagree with the map (fit {fit})"
            yield "lost", text, {"agreement": fit}

    def pose_at(self, stamp: float) -> Array | None:
        """pose_map_base (3,) at a stamp [s], from odometry and correction."""
        odom = self.history.at(stamp)
        return None if odom is None else compose2(self.pose_map_odom, odom)

    def odometry_at(self, stamp: float) -> Array | None:
        """Odometry (3,) at a stamp [s], None if the history does not cover it."""
        return self.history.at(stamp) if self.history.covers(stamp) else None

    def moved(self, stamp: float) -> tuple[float, float]:
        """Way [m] and turn [rad] by odometry since the last match."""
        odom = self.history.at(stamp)
        if odom is None or self._matched_odom is None:
            return np.inf, np.inf
        delta = compose2(inverse2(self._matched_odom), odom)
        return float(np.hypot(delta[0], delta[1])), abs(float(delta[2]))

    def spread(self, way_m: float, turn_rad: float) -> Array:
        """Standard deviation (3,) [m, m, rad] of odometry over a way and a turn."""
        c = self.config
        along = c.floor_m + c.drift_m_per_m * way_m
        yaw = c.floor_rad + c.drift_rad_per_rad * turn_rad + c.drift_rad_per_m * way_m
        return np.array([along, along, yaw])

    def covariance_at(self, stamp: float) -> Array:
        """Spread (3, 3) of pose_map_base now: of the last scan and of the way since."""
        way, turn = self.moved(stamp)
        if not np.isfinite(way):
            return self.covariance.copy()
        return self.covariance + self._drift(way, turn)

    def move(self, change: Array) -> None:
        """The map around the robot was moved by a pose (3,); the robot with it.

        The robot stays where it is relative to the map around it: odometry and what
        control sees of the surroundings go on without a jump.
        """
        self.pose_map_odom = compose2(change, self.pose_map_odom)

    def correct(self, grid: OccupancyGrid, points: Array, stamp: float) -> bool:
        """Match one scan (points (n, 2) in `base_link`); True if it may be mapped."""
        odom = self.history.at(stamp)
        if odom is None:
            return False
        if self._recalled is not None:
            self._try_recalled(grid, points, odom)
        guess = compose2(self.pose_map_odom, odom)
        match = self.matcher.match(grid, points, guess, self._sigma(stamp))
        if match is None or match.known < self.config.known:
            self.covariance = self.covariance_at(stamp)
            self._matched_odom = odom
            if not self.localised:  # the guess may be beside the map
                self._seek(grid, points, odom)
            return self.localised
        self.agreement = match.agreement
        fits = match.agreement >= self.config.agree
        if fits and not self.localised:
            fits = self._surely(grid, points, match)
        if fits:
            self._accept(match, odom)
        self._judge(fits)
        if not self.localised and not fits:
            self._seek(grid, points, odom)
        return self.localised and fits

    def _accept(self, match: Match, odom: Array) -> None:
        self.pose_map_odom = compose2(match.pose_map_base, inverse2(odom))
        self.covariance = match.covariance
        self._matched_odom = odom
        self._slip = 0.0

    def _judge(self, fits: bool) -> None:
        self._fits = self._fits + 1 if fits else 0
        self._misfits = 0 if fits else self._misfits + 1
        if self.localised and self._misfits >= self.config.lost_after:
            self.localised = False
            self.covariance = np.diag([1.0, 1.0, 1.0])
        elif not self.localised and self._fits >= self.config.found_after:
            self.localised = True
            self.searches = 0
            self.hint = None
            self.relocaliser.reset()

    def _seek(self, grid: OccupancyGrid, points: Array, odom: Array) -> None:
        """Try the hint, then a slice of the search over the whole map.

        What the search finds far from the hint looks alike to the lidar alone.
        """
        seen = None if self.hint is None else compose2(self.hint, odom)
        if seen is not None and self._found(grid, points, odom, [seen]):
            return
        if self.relocaliser.step(grid, points) is None:
            return
        places = self.relocaliser.places
        if seen is not None:
            places = [place for place in places if not _apart(place, seen)]
        if places and not self._found(grid, points, odom, places):
            self.searches += 1

    def _found(
        self, grid: OccupancyGrid, points: Array, odom: Array, places: list[Array]
    ) -> bool:
        """Jump to the one of some poses (3,) at which the scan fits without doubt.

        All but the first have to fit as a sure scan does, and through no more walls
        than any: who looks in more places finds more that look alike.
        """
        sigma = np.array([0.5, 0.5, 0.2])
        fitting: list[Match] = []
        first: Match | None = None
        for place in places:
            match = self.matcher.match(grid, points, place, sigma)
            if match is not None and self._surely(grid, points, match):
                fitting.append(match)
                first = match if place is places[0] else first
        best = clearly_best(fitting)
        if best is None:
            return False
        if best is not first and not self._very_surely(grid, points, best):
            return False
        self._accept(best, odom)
        self._fits = 1
        self.by_search = True
        return True

    def _surely(self, grid: OccupancyGrid, points: Array, match: Match) -> bool:
        """A stricter test for a robot that does not know where it is.

        Where things were moved, beams cross places at which they stood; so a scan
        that fits very well may cross more.
        """
        c = self.config
        if match.agreement < c.agree_found or match.known < 0.5:
            return False
        sure = match.agreement >= c.agree_sure
        most = c.crossing_sure if sure else c.crossing_found
        return crossing(grid, points, match.pose_map_base) <= most

    def _very_surely(self, grid: OccupancyGrid, points: Array, match: Match) -> bool:
        through = crossing(grid, points, match.pose_map_base)
        sure = match.agreement >= self.config.agree_sure
        return sure and through <= self.config.crossing_found

    def _try_recalled(self, grid: OccupancyGrid, points: Array, odom: Array) -> None:
        """Choose between odometry that went on and odometry that restarted."""
        restarted = compose2(self._recalled, inverse2(odom))  # type: ignore[arg-type]
        self._recalled = None
        scores = [
            self.matcher.score(grid, points, compose2(candidate, odom))
            for candidate in (self.pose_map_odom, restarted)
        ]
        if scores[1] > scores[0]:
            self.pose_map_odom = restarted

    def _drift(self, way_m: float, turn_rad: float) -> Array:
        """Covariance (3, 3) that odometry gathers over a way and a turn."""
        c = self.config
        floor = np.array([c.floor_m, c.floor_m, c.floor_rad])
        return np.diag(np.square(self.spread(way_m, turn_rad) - floor))

    def _sigma(self, stamp: float) -> Array:
        """Standard deviation (3,) of the odometry since the last match."""
        way, turn = self.moved(stamp)
        if not np.isfinite(way):
            return np.array([0.3, 0.3, 0.15])
        sigma = self.spread(way, turn)
        sigma[2] += self._slip
        return sigma * (1.0 + self._misfits) + self._slip * np.array([0.3, 0.3, 0.0])


def clearly_best(fitting: Sequence[Match]) -> Match | None:
    """The match that fits best; None if none does or another place fits as well."""
    if not fitting:
        return None
    best = max(fitting, key=lambda match: match.agreement)
    for other in fitting:
        as_well = other.agreement > best.agreement - RIVAL
        if as_well and not same_place(other.pose_map_base, best.pose_map_base):
            return None
    return best


def _apart(found: Array, seen: Array) -> bool:
    return bool(np.hypot(*(found - seen)[:2]) > HINT_M)
