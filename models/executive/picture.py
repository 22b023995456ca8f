"""Pursuing a picture: go to where it was taken, or explore until that is recognised.

Places that the map proposes are visited in the order of how sure and how near they are
(as BSC-Nav does, arXiv 2508.17198: 0.8 of confidence, 0.2 of nearness). What the camera
sees on the way is compared with the picture all the time; a place counts as reached
only when what is seen from there agrees with the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.errors import GoalError
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.outcome import GoalOutcome
from neural_brain.models.executive.search import Issue, Search, Tell
from neural_brain.models.executive.situation import Situation
from neural_brain.models.geometry import Array, compose2, wrap
from neural_brain.models.maps import fit_views
from neural_brain.models.signals import (
    Goal,
    Picture,
    SceneView,
    SubGoal,
    SubGoalKind,
)

WANTS = ("place", "thing")
SURE_SPOTS = 7  # of a lead: the place is known
SEEN_SPOTS = 10  # seen from anywhere: this may be the place
CONFIRMED_SPOTS = 6  # seen from the place itself
MANY_SPOTS = 20
CONFIDENCE, NEARNESS = 0.8, 0.2
THERE_M, THERE_RAD = 0.4, 0.3  # so near to the place of the picture is there
SAME_M, SAME_RAD = 0.6, 0.5
FREE_M = 0.8  # to free floor beside a place
AHEAD_M, LEVEL_M = 1.5, 0.7  # where to look along the heading of the picture
JUST_S = 1.5
VISITS = 8
MENDS = 2  # times that a place is mended by what is seen on arrival


@dataclass(frozen=True)
class _Sighting:
    """The picture was recognised: pose of its camera in `map` (3,), how, when."""

    pose: Array
    spots: int
    stamp: float


def picture_goal(picture: Picture) -> Goal:
    """The goal that a picture stands for.

    A wanted thing is looked for where the picture was taken, if that is known for sure;
    else anything of that kind and colour will do.

    Raises:
        GoalError: for another wish, or if no thing was recognised in the picture.
    """
    if picture.want not in WANTS:
        raise GoalError(
            f"want = {picture.want!r}; expected one of {', '.join(WANTS)}. Choose one "
            "of these."
        )
    known = bool(picture.places) and picture.places[0].lead >= SURE_SPOTS
    if picture.want == "place" or known:
        words = "go to where this picture was taken"
        return Goal(words=words, action="go", picture=picture)
    if not picture.category:
        raise GoalError(
            "I do not know the place of this picture, and no thing in its middle; "
            "expected a thing that I know, seen whole. Show it larger, or name it."
        )
    name = f"{picture.colour} {picture.category}".strip()
    words = f"find the {name} of this picture"
    return Goal(
        words=words, action="find", category=picture.category, colour=picture.colour
    )


class PicturePursuit:
    """One picture from the first decision to the outcome; arguments as `Pursuit`.

    Raises:
        GoalError: if the goal has no picture.
    """

    touching = False

    def __init__(
        self,
        goal: Goal,
        config: ExecutiveConfig,
        search: Search,
        issue: Issue,
        tell: Tell,
    ) -> None:
        if goal.picture is None:
            raise GoalError(f"The goal {goal.words!r} has no picture. Give it one.")
        self.goal, self.picture = goal, goal.picture
        self.config, self.search = config, search
        self.searching = False
        self.outcome: GoalOutcome | None = None
        self._issue, self._tell = issue, tell
        self._started: float | None = None
        self._step: SubGoal | None = None
        self._at: Array | None = None
        self._arrived = -np.inf
        self._mends = 0
        self._failed: list[Array] = []
        self._sightings: list[_Sighting] = []
        self._newest: _Sighting | None = None

    def see(self, view: SceneView, pose_map_base: Array, stamp: float) -> None:
        """Compare what is seen from pose_map_base (3,) with the picture."""
        if not len(view.points):
            return
        fit = fit_views(view, self.picture.view)
        if fit is None or fit.spots < CONFIRMED_SPOTS:
            return
        pose = compose2(pose_map_base, fit.pose)
        self._newest = _Sighting(pose, fit.spots, stamp)
        if fit.spots >= SEEN_SPOTS and not self._is_failed(pose):
            self._sightings.append(self._newest)

    def step(self, situation: Situation) -> SubGoal | None:
        """The sub-goal for now; None when the goal has ended (`outcome`)."""
        if self._started is None:
            self._started = situation.t
            self.search.begin()
        if situation.t - self._started > self.config.max_goal_s:
            text = f"I stopped after {self.config.max_goal_s:.0f} s"
            return self._end(situation, False, text)
        if self._at is None:
            return self._choose(situation)
        return self._visit(situation, self._at)

    def _choose(self, situation: Situation) -> SubGoal | None:
        """The best place that is left, or explore."""
        place = self._best(situation, self.search.exhausted)
        if place is None or len(self._failed) >= VISITS:
            return self._explore(situation)
        self.searching, self._mends = False, 0
        x, y = place[:2]
        self._tell("plan", f"this may have been taken at ({x:.1f}, {y:.1f})")
        return self._drive(situation, place)

    def _best(self, situation: Situation, anywhere: bool) -> Array | None:
        """The place (3,) to visit next; with `anywhere` also what only looks alike."""
        known = [(p.pose_map, p.spots) for p in self.picture.places]
        known += [(s.pose, s.spots) for s in self._sightings]
        known = [
            (pose, spots)
            for pose, spots in known
            if (spots or anywhere) and not self._is_failed(pose)
        ]
        if not known:
            return None
        away = np.array([np.hypot(*(p - situation.pose)[:2]) for p, _ in known])
        sure = np.minimum([spots / MANY_SPOTS for _, spots in known], 1.0)
        worth = CONFIDENCE * sure + NEARNESS * (1.0 - away / max(away.max(), 1e-6))
        return known[int(np.argmax(worth))][0]

    def _drive(self, situation: Situation, place: Array) -> SubGoal | None:
        travel = situation.field
        free = None if travel is None else travel.nearest_reachable(place[:2], FREE_M)
        if free is None:
            return self._leave(situation, place, "I cannot get there")
        self._at, self._arrived = place, np.inf
        self._step = self._issue(
            SubGoalKind.DRIVE,
            pose_map=np.array([free[0], free[1], place[2]]),
            tolerance_m=0.2,
            tolerance_rad=0.2,
        )
        return self._step

    def _visit(self, situation: Situation, place: Array) -> SubGoal | None:
        """Drive to a place, look the way of the picture, believe what is seen."""
        step = self._step
        ended = "" if step is None else situation.over(step.id)
        if step is not None and not ended:
            return step
        if step is not None and step.kind is SubGoalKind.DRIVE:
            if ended == "failed":
                reason = situation.status.reason if situation.status else ""
                return self._leave(situation, place, reason)
            self._arrived = situation.t
            ahead = AHEAD_M * np.array([np.cos(place[2]), np.sin(place[2])])
            point = np.array([*(situation.pose[:2] + ahead), LEVEL_M])
            self._step = self._issue(SubGoalKind.LOOK, point_map=point)
            return self._step
        return self._judge(situation, place)

    def _judge(self, situation: Situation, place: Array) -> SubGoal | None:
        """After looking: is it here, elsewhere nearby, or not at all?"""
        seen = self._newest
        looked = self._step is not None and self._step.point_map is None
        if seen is not None and seen.stamp >= self._arrived - JUST_S:
            if _near(seen.pose, situation.pose, THERE_M, THERE_RAD):
                text = f"I am where the picture was taken ({seen.spots} spots agree)"
                return self._end(situation, True, text)
            if self._mends < MENDS:
                self._mends += 1
                return self._drive(situation, seen.pose)
            if _near(seen.pose, situation.pose, FREE_M, SAME_RAD):
                text = "I am as near to where the picture was taken as I can get"
                return self._end(situation, True, text)
        if not looked:
            self._step = self._issue(SubGoalKind.LOOK)
            return self._step
        return self._leave(situation, place, "it does not look like the picture here")

    def _leave(self, situation: Situation, place: Array, reason: str) -> SubGoal | None:
        self._tell("replan", f"I leave this place: {reason}")
        self._failed.append(np.array(place))
        self._sightings = [s for s in self._sightings if not self._is_failed(s.pose)]
        self._at = self._step = None
        return self._choose(situation)

    def _explore(self, situation: Situation) -> SubGoal | None:
        if not self.searching:
            self.searching = True
            self._tell("search", "I do not know this place yet and look for it")
        before = self.search.exhausted
        step = self.search.step(situation, self.goal)
        if step is None and not before and len(self._failed) < VISITS:
            return self._choose(situation)  # also what only looks alike
        if step is not None:
            return step
        text = "I saw everything that I can reach and nothing like the picture"
        return self._end(situation, False, text)

    def _is_failed(self, pose: Array) -> bool:
        return any(_near(pose, other, SAME_M, SAME_RAD) for other in self._failed)

    def _end(self, situation: Situation, success: bool, text: str) -> SubGoal | None:
        self.outcome = GoalOutcome(
            goal=self.goal, success=success, text=text, stamp=situation.t
        )
        self.searching = False
        return None


def _near(a: Array, b: Array, within_m: float, within_rad: float) -> bool:
    close = np.hypot(*(a - b)[:2]) < within_m
    return bool(close and abs(wrap(float(a[2] - b[2]))) < within_rad)
