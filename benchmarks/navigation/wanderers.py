"""Baselines that remember nothing at all: a random walk, and one that only reacts.

Both choose from the newest scan and the newest frame alone. The map under them is used
for steering one short leg, and is wiped with every goal.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from neural_brain.models.executive import Executive
from neural_brain.models.executive.pursuit import Pursuit
from neural_brain.models.executive.search import Search
from neural_brain.models.executive.situation import Situation
from neural_brain.models.geometry import Array, compose2, transform2
from neural_brain.models.maps.scan_points import scan_points
from neural_brain.models.signals import (
    Goal,
    LaserScan,
    Percepts,
    SubGoal,
    SubGoalKind,
)

WAYS = np.radians(np.arange(0.0, 360.0, 15.0))
RIGHT_FIRST = np.radians(np.arange(-90.0, 181.0, 15.0))
FAR_M, BODY_M, HALF_M = 4.0, 0.35, 0.32  # range of a leg, base with margin, corridor
STEP_M, LONGEST_M = 0.8, 3.0
BEFORE_M, CLAIM_M = 0.6, 0.8  # where it stops before a thing; so near it is there
JUST_S, SAME_M = 2.0, 0.5
LEGS = 6  # between two looks around


@dataclass(frozen=True)
class _Seen:
    """The wanted thing in one frame: centre (2,) in `map`, half its width, when."""

    xy: Array
    half_m: float
    stamp: float


class Wander(Pursuit):
    """One goal without a memory: legs along directions that a scan shows to be free."""

    approaches = False
    scan: LaserScan | None = None

    def __init__(self, goal: Goal, of: Wanderer, search: Search) -> None:
        super().__init__(goal, of.config, search, of._issue, of._tell)
        self._random = np.random.default_rng(crc32(goal.words.encode()))
        self._thing: _Seen | None = None
        self._tried: list[Array] = []
        self._legs = 0

    def step(self, situation: Situation) -> SubGoal | None:
        """The sub-goal for now; None when the goal has ended (`outcome`)."""
        if self._started is None:
            self._started = situation.t
        if situation.t - self._started > self.config.max_goal_s:
            text = f"I stopped after {self.config.max_goal_s:.0f} s"
            return self._end(situation, False, text)
        thing = self._thing
        if thing is not None and situation.t - thing.stamp < JUST_S:
            away = float(np.hypot(*(thing.xy - situation.pose[:2]))) - thing.half_m
            if away < CLAIM_M:
                return self._end(situation, True, f"I see the {self.goal.category}")
        if self._step is not None and not situation.over(self._step.id):
            return self._step
        self._step = self._approach_seen(situation) or self._leg(situation)
        return self._step

    def see(self, percepts: Percepts, pose_map_base: Array) -> None:
        """Take a frame that was seen from pose_map_base (3,)."""
        for found in percepts.objects:
            colour = not self.goal.colour or found.colour == self.goal.colour
            if found.category != self.goal.category or not colour:
                continue
            xy = transform2(pose_map_base, found.center_base[None, :2])[0]
            known = [np.hypot(*(xy - spot)) < SAME_M for spot in self._tried]
            if not any(known):
                new = self._thing is None
                half = 0.5 * float(found.size[:2].max())
                self._thing = _Seen(xy, half, percepts.stamp)
                if new and self.approaches:
                    self._step = None

    def choose(self, rooms: Array, heading: float) -> tuple[float, float]:
        """Direction [rad] and length [m] of the next leg.

        Args:
            rooms: how far the base can drive (24,) [m] along `WAYS`, from its heading.
            heading: of the base [rad].
        """
        open_ways = np.flatnonzero(rooms >= STEP_M)
        if not len(open_ways):
            open_ways = np.array([int(np.argmax(rooms))])
        k = int(self._random.choice(open_ways))
        longest = max(STEP_M, min(float(rooms[k]), LONGEST_M))
        return heading + WAYS[k], float(self._random.uniform(STEP_M, longest))

    def _approach_seen(self, situation: Situation) -> SubGoal | None:
        """Drive before the thing in view, once."""
        if not self.approaches or self._thing is None:
            return None
        thing, self._thing = self._thing, None
        self._tried.append(thing.xy)
        way = thing.xy - situation.pose[:2]
        length = float(np.hypot(*way))
        ahead = max(0.0, length - thing.half_m - BEFORE_M)
        return self._drive(situation, float(np.arctan2(way[1], way[0])), ahead, 0.15)

    def _leg(self, situation: Situation) -> SubGoal:
        self._legs += 1
        if self.scan is None or self._legs % LEGS == 1:
            return self._issue(SubGoalKind.LOOK)
        way, length = self.choose(rooms_around(self.scan), float(situation.pose[2]))
        return self._drive(situation, way, length, 0.25)

    def _drive(
        self, situation: Situation, way: float, length: float, tolerance_m: float
    ) -> SubGoal:
        end = situation.pose[:2] + length * np.array([np.cos(way), np.sin(way)])
        return self._issue(
            SubGoalKind.DRIVE,
            pose_map=np.array([*end, way]),
            tolerance_m=tolerance_m,
            tolerance_rad=0.4,
        )


class React(Wander):
    """Drives to the thing that it sees; else along walls on its right.

    Pledge's rule leaves the wall of an island: when the turns along it cancel out, it
    goes straight on until the next wall.
    """

    approaches = True
    _along_wall = False
    _turned = 0.0

    def choose(self, rooms: Array, heading: float) -> tuple[float, float]:
        """Straight on, or the first open way from the right."""
        if not self._along_wall and rooms[0] >= STEP_M:
            return heading, STEP_M
        if not self._along_wall:
            self._along_wall, self._turned = True, 0.0
        places = np.round(np.degrees(RIGHT_FIRST) / 15.0).astype(int) % len(WAYS)
        fits = rooms[places] >= STEP_M
        k = int(np.argmax(fits)) if fits.any() else int(np.argmax(rooms[places]))
        self._turned += float(RIGHT_FIRST[k])
        self._along_wall = self._turned > 0.0
        return heading + float(RIGHT_FIRST[k]), STEP_M


class Wanderer(Executive):
    """An executive whose goals are pursued by `Wander`; `sense` takes every scan."""

    kind: type[Wander] = Wander

    def sense(self, scan: LaserScan) -> None:
        """Take the newest scan."""
        if isinstance(self._pursuit, Wander):
            self._pursuit.scan = scan

    def observe(self, percepts: Percepts, pose_map_base: Array) -> None:
        """Take what one frame showed."""
        if isinstance(self._pursuit, Wander) and self._state is not None:
            odom = self._state.pose_map_odom
            self._pursuit.see(percepts, compose2(odom, percepts.pose_odom_base))

    def _pursuit_of(self, goal: Goal) -> Wander:
        return self.kind(goal, self, self._search)


class Reactor(Wanderer):
    """The same with `React`."""

    kind = React


def rooms_around(scan: LaserScan) -> Array:
    """How far the base can drive (24,) [m] along `WAYS`, by one scan."""
    hits = scan_points(
        scan, max_range_m=FAR_M, margin_m=0.0, clear_range_m=FAR_M
    ).hits.reshape(-1, 2)
    c, s = np.cos(WAYS)[:, None], np.sin(WAYS)[:, None]
    along, across = c * hits[:, 0] + s * hits[:, 1], c * hits[:, 1] - s * hits[:, 0]
    ahead = np.where((np.abs(across) < HALF_M) & (along > 0.0), along, FAR_M)
    return np.asarray(np.min(ahead, axis=1, initial=FAR_M) - BODY_M)
