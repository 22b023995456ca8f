"""Going to a pose: one that was said, or where the robot was when its last goal began.

"Face north" is a pose, too: where the robot stands, turned to the compass of the map.

The way is planned on the map, which knows the routes that were driven and their tolls.
A pose that the map does not reach yet is explored for, until it does.
"""

from __future__ import annotations

import math
import re

import numpy as np

from neural_brain.models.errors import GoalError
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.directions import COMPASS_WORDS, compass_rad
from neural_brain.models.executive.going_back import Beginnings, carried
from neural_brain.models.executive.outcome import GoalOutcome
from neural_brain.models.executive.search import Issue, Search, Tell
from neural_brain.models.executive.situation import Situation
from neural_brain.models.geometry import Array, wrap
from neural_brain.models.maps.correction import Correction
from neural_brain.models.signals import Goal, SubGoal, SubGoalKind

TRIES = 3
SNAP_M = 0.5  # the spot may have been taken since
POSE_M, POSE_RAD = 0.1, 0.1  # how exactly a pose that was said is reached
BACK_M = 0.3
FARTHEST_M = 1000.0  # no home is larger
_NUMBER = r"([-+]?[0-9]+(?:\.[0-9]*)?)"
_POSE = re.compile(
    rf"(?:please )?(?:go|drive|move) to \(?{_NUMBER}(?: m)?[, ] ?{_NUMBER}(?: m)?\)?"
    rf"(?:,? (?:facing |heading )?{_NUMBER} ?(?:deg|degrees|°)?|"
    rf",? (?:facing|heading) (?:the )?({'|'.join(reversed(COMPASS_WORDS))}))?\)?[.!]?",
    re.IGNORECASE,
)


def pose_goal(pose: Array) -> Goal:
    """The goal to stand at a pose (3,) in `map` [m, m, rad]; without heading, NaN.

    Raises:
        GoalError: if it is not finite or farther away than any home is large.
    """
    pose = np.asarray(pose, dtype=np.float64)
    near = pose.shape == (3,) and np.isfinite(pose[:2]).all()
    if not near or math.isinf(pose[2]) or np.abs(pose[:2]).max() > FARTHEST_M:
        raise GoalError(
            f"pose = {pose.tolist()}; expected x and y within {FARTHEST_M:g} m of the "
            "map's origin and a heading in radians (NaN for any). Correct it."
        )
    x, y, yaw = pose.tolist()
    facing = "" if math.isnan(yaw) else f" facing {math.degrees(wrap(yaw)):.0f} degrees"
    return Goal(words=f"go to ({x:.2f}, {y:.2f}){facing}", action="go", pose_map=pose)


def pose_in_words(words: str) -> Goal | None:
    """The goal of "go to 1.5, -2" or "go to (1.5, -2) facing 90"; None for others.

    Raises:
        GoalError: as `pose_goal`.
    """
    found = _POSE.fullmatch(" ".join(words.split()))
    if found is None:
        return None
    x, y, heading, compass = found.groups()
    yaw = math.nan if heading is None else math.radians(float(heading))
    yaw = yaw if compass is None else compass_rad(COMPASS_WORDS[compass.lower()])
    return pose_goal(np.array([float(x), float(y), yaw]))


def facing_goal(action: str) -> Goal:
    """The goal of an action of `face_phrases`; its place is where the robot is then."""
    yaw = compass_rad(action.removeprefix("face "))
    return Goal(words=action, action="go", pose_map=np.array([np.nan, np.nan, yaw]))


class GoTo:
    """One goal to stand somewhere, with the same interface as `Pursuit`.

    Args:
        goal: the words, and `pose_map`; without one the robot goes back.
        config: patience.
        search: explores; a way back needs none.
        issue: makes numbered sub-goals.
        tell: writes into the diary (kind, sentence).

    Attributes:
        beginnings: where the last goals began, for going back.
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
        self.goal, self.config, self.search = goal, config, search
        self.searching = False
        self.outcome: GoalOutcome | None = None
        self.beginnings = Beginnings()
        self._issue, self._tell = issue, tell
        self._back = goal.pose_map is None
        self._turns = goal.pose_map is not None and bool(np.isnan(goal.pose_map[0]))
        self._pose: Array | None = None
        self._step: SubGoal | None = None
        self._tries = 0
        self._started = 0.0

    def step(self, situation: Situation) -> SubGoal | None:
        """The sub-goal for now; None when the goal has ended (`outcome`)."""
        if self._pose is None:
            self._started = situation.t
            back = self._back
            pose = self.beginnings.take(situation.pose) if back else self.goal.pose_map
            self._pose = pose
            if self._pose is None:
                return self._end(situation, False, "I know no place to go back to")
            if self._turns:
                self._pose = np.array([*situation.pose[:2], self._pose[2]])
            self._tell("plan", self._plan(self._pose))
            self.search.begin()
        if situation.t - self._started > self.config.max_goal_s:
            text = f"I stopped after {self.config.max_goal_s:.0f} s"
            return self._end(situation, False, text)
        ended = "" if self._step is None else situation.over(self._step.id)
        if ended == "done":
            there = "back where I came from" if self._back else "there"
            text = f"I {self.goal.words}" if self._turns else f"I am {there}"
            return self._end(situation, True, text)
        if self._step is not None and not ended:
            return self._step
        reason = situation.status.reason if ended and situation.status else ""
        return self._drive(situation, self._pose, reason)

    def move(self, correction: Correction) -> None:
        """Carry the pose along when the map was mended, and plan the way anew."""
        if self._pose is not None:
            moved = carried(self._pose, correction)
            north = self._turns  # the compass stays
            self._pose = np.array([*moved[:2], (self._pose if north else moved)[2]])
            self._step, self._tries = None, 0

    def _plan(self, pose: Array) -> str:
        if not self._back:
            return f"I {self.goal.words}"
        return f"I go back to ({pose[0]:.1f}, {pose[1]:.1f}), where I came from"

    def _drive(self, situation: Situation, pose: Array, reason: str) -> SubGoal | None:
        free = pose[:2] if self._turns else _spot(situation, pose[:2])
        if free is None and not self._back:
            step = self._explore(situation)
            if step is not None:
                return step
        if free is None:
            reason = reason or "no way there"
        if free is None or self._tries >= TRIES:
            doing = "go back" if self._back else "get there"
            doing = self.goal.words if self._turns else doing
            return self._end(situation, False, f"I could not {doing}: {reason}")
        if reason:
            self._tell("replan", f"that failed ({reason}); I try again")
        self._tries += 1
        self.searching = False
        given = math.isfinite(pose[2])
        on_arrival = float(np.arctan2(*(free - situation.pose[:2])[::-1]))
        heading = float(pose[2]) if given else on_arrival
        self._step = self._issue(
            SubGoalKind.DRIVE,
            pose_map=np.array([free[0], free[1], heading]),
            tolerance_m=BACK_M if self._back or self._turns else POSE_M,
            tolerance_rad=POSE_RAD if given else np.pi,
        )
        return self._step

    def _explore(self, situation: Situation) -> SubGoal | None:
        """Look for a way there; None when there is nothing left to look at."""
        if not self.searching:
            self.searching = True
            self._tell("search", "I know no way there yet and look for one")
        return self.search.step(situation, self.goal)

    def _end(self, situation: Situation, success: bool, text: str) -> SubGoal | None:
        self.outcome = GoalOutcome(
            goal=self.goal, success=success, text=text, stamp=situation.t
        )
        self.searching = False
        return None


def _spot(situation: Situation, spot: Array) -> Array | None:
    """The spot (2,) itself if the base can stand there, else one beside it, or None."""
    travel = situation.field
    if travel is None:
        return None
    stands = travel.costmap.clearance_at(spot[None])[0] > 0.0
    if stands and np.isfinite(travel.cost_to(spot[None])[0]):
        return spot
    return travel.nearest_reachable(spot, SNAP_M)
