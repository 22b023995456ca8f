"""Searching: drive from view point to view point until nothing new can be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.expecting import expectation
from neural_brain.models.executive.frontier import (
    Ignorance,
    ViewPoint,
    best_view,
    hoped_gain,
    ignorance,
    view_gain,
    view_of_a_way,
)
from neural_brain.models.executive.places_known import the
from neural_brain.models.executive.situation import Situation
from neural_brain.models.geometry import Array
from neural_brain.models.maps.seen import SeenGrid
from neural_brain.models.signals import Goal, SubGoal, SubGoalKind

Issue = Callable[..., SubGoal]
Tell = Callable[[str, str], None]
_LITTLE_M2 = 0.3  # for which no drive goes on


@dataclass(frozen=True, kw_only=True)
class _Leg:
    """One step of the search: a drive to a view point, or a look around.

    `view` is the view point of a drive; `at` (2,) [m] that of the look that follows.
    """

    step: SubGoal
    view: ViewPoint | None
    since: float
    at: Array | None = None


class Search:
    """Goes on until `exhausted`; what was looked at is remembered between searches.

    Attributes:
        exhausted: everything that can be reached was seen, also from close by.
        far_done: the same but for the second search from close by.

    Args:
        config: rules.
        seen: what the camera has looked at, and what from close by; small things are
            missed from afar, so a search for one goes on from close by.
        issue: makes numbered sub-goals.
        tell: writes into the diary (kind, sentence).
    """

    def __init__(
        self,
        config: ExecutiveConfig,
        seen: tuple[SeenGrid, SeenGrid],
        issue: Issue,
        tell: Tell,
    ) -> None:
        self.config = config
        self._far, self._close = seen
        self.seen = self._far
        self.exhausted = False
        self.far_done = False
        self._issue, self._tell = issue, tell
        self._leg: _Leg | None = None
        self._banned: list[Array] = []
        self._checked_at = -np.inf
        self._looked_first = False

    def begin(self) -> None:
        """Start or resume; unreachable spots get another chance."""
        self.exhausted = self.far_done = False
        self.seen = self._far
        self._leg = None
        self._banned = []

    def step(self, situation: Situation, goal: Goal) -> SubGoal | None:
        """The sub-goal for now, or None when everything reachable was seen."""
        leg = self._leg
        if leg is None and not self._looked_first:
            self._looked_first = True
            return self._look_around(situation)
        if leg is None:
            return self._next(situation, goal)
        ended = situation.over(leg.step.id)
        if not ended:
            if self._spent(situation, leg, goal):
                return self._next(situation, goal)
            return leg.step
        if ended == "failed" and leg.view is not None:
            self._banned.append(leg.view.xy)
            reason = situation.status.reason if situation.status else ""
            self._tell("search", f"cannot get to a view point: {reason}")
            return self._next(situation, goal)
        around = leg.step.kind is SubGoalKind.LOOK and leg.step.point_map is None
        look = None if around else self._look(situation, leg)
        if look is not None:
            return look
        self._give_up_around(situation, leg)
        return self._next(situation, goal)

    def _next(self, situation: Situation, goal: Goal) -> SubGoal | None:
        field = situation.field
        if field is None:
            self._tell("search", "I stand in an obstacle and look around")
            return self._look_around(situation)
        layers = self._layers(situation)
        banned = np.array(self._banned).reshape(-1, 2)
        rules = self.config.search
        weight = expectation(situation, layers, goal, rules)
        view = best_view(layers, field, rules, banned, weight)
        view = view or view_of_a_way(layers, field, rules, banned, weight)
        if view is None and goal.category and self.seen is self._far:
            self.far_done = True
            self._tell("search", f"I look for the {goal.category} again, from closer")
            self.seen = self._close
            self._banned = []
            return self._next(situation, goal)
        if view is None:
            self.exhausted = True
            self._leg = None
            return None
        heading = np.arctan2(*(view.xy - situation.pose[:2])[::-1])
        step = self._issue(
            SubGoalKind.DRIVE,
            pose_map=np.array([view.xy[0], view.xy[1], heading]),
            tolerance_m=0.25,
            tolerance_rad=np.pi,
        )
        self._leg = _Leg(step=step, view=view, since=situation.t)
        x, y = view.xy
        room = situation.room_of(view.xy)
        self._tell(
            "search",
            f"I look from ({x:.1f}, {y:.1f}){f' in {the(room)}' if room else ''}: "
            f"{view.gain_m2:.1f} m2 not seen yet",
        )
        return step

    def _look_around(self, situation: Situation, at: Array | None = None) -> SubGoal:
        step = self._issue(SubGoalKind.LOOK)
        self._leg = _Leg(step=step, view=None, since=situation.t, at=at)
        return step

    def _spent(self, situation: Situation, leg: _Leg, goal: Goal) -> bool:
        """Whether the view point was seen meanwhile and promises little more."""
        if leg.view is None or situation.t - self._checked_at < 1.0:
            return False
        self._checked_at = situation.t
        if situation.field is None:
            return False
        layers = self._layers(situation, around=leg.view.xy)
        rules = self.config.search
        weight = expectation(situation, layers, goal, rules)
        gain, hoped = hoped_gain(leg.view.xy[None], layers, rules, weight)
        little = min(_LITTLE_M2, 0.5 * leg.view.gain_m2)
        spent = hoped[0] < rules.settle_for * leg.view.hoped_m2
        return bool(gain[0] < little or spent)

    def _look(self, situation: Situation, leg: _Leg) -> SubGoal | None:
        """Look where much is unseen from here: one way if that does, or all around."""
        at = leg.at if leg.view is None else leg.view.xy
        gain, spots = self._unseen_from(situation, at)
        promised = self.config.search.min_gain_m2
        if leg.view is not None:
            promised = min(promised, leg.view.gain_m2)
        if gain < 0.5 * promised:
            return None
        ways = spots - situation.pose[:2]
        angles = np.arctan2(ways[:, 1], ways[:, 0])
        mean = np.angle(np.exp(1j * angles).mean())
        off = np.abs(np.angle(np.exp(1j * (angles - mean))))
        if leg.view is None or np.quantile(off, 0.95) > self.config.search.glance_rad:
            return self._look_around(situation, at)
        away = float(np.hypot(ways[:, 0], ways[:, 1]).mean())
        x, y = situation.pose[:2] + away * np.array([np.cos(mean), np.sin(mean)])
        step = self._issue(SubGoalKind.LOOK, point_map=np.array([x, y, 0.4]))
        self._leg = _Leg(step=step, view=None, since=situation.t, at=at)
        return step

    def _unseen_from(
        self, situation: Situation, at: Array | None
    ) -> tuple[float, Array]:
        """Area [m2] and spots (n, 2) unseen from where the robot is, or from `at`.

        A view point counts although the robot stopped beside it: what it promised is
        looked for once, and given up then.
        """
        if situation.field is None:
            return 0.0, np.zeros((0, 2))
        layers = self._layers(situation)
        here = situation.pose[None, :2]
        points = here if at is None else np.vstack([here, at[None]])
        gain, spots = view_gain(points, layers, self.config.search)
        return float(gain.max()), np.vstack(spots)

    def _give_up_around(self, situation: Situation, leg: _Leg) -> None:
        """What is still unseen after looking from here cannot be seen from here."""
        at = leg.at if leg.view is None else leg.view.xy
        _, spots = self._unseen_from(situation, at)
        self.seen.give_up(spots)

    def _layers(self, situation: Situation, around: Array | None = None) -> Ignorance:
        field = situation.field
        if field is None:
            raise RuntimeError("no travel field")  # callers check
        grid, rules = situation.state.grid, self.config.search
        return ignorance(grid, field, self.seen, rules, around=around)
