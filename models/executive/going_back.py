"""Going back: to where the robot was when it began its last goal, and further back.

Said again, it leads to where the goal before began, so that a way can be retraced.
The map's plans lead there, which know the routes that were driven and their tolls.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.outcome import GoalOutcome
from neural_brain.models.executive.search import Issue, Tell
from neural_brain.models.executive.situation import Situation
from neural_brain.models.geometry import Array
from neural_brain.models.maps.correction import Correction
from neural_brain.models.signals import Goal, SubGoal, SubGoalKind

MOST = 20  # goals whose beginnings are remembered
HERE_M = 0.6  # one need not go back to where one is
TRIES = 3
SNAP_M = 0.5  # the spot may have been taken since


class Beginnings:
    """Where the last goals began, (2,) [m] in `map`, the newest last."""

    def __init__(self) -> None:
        self._spots: list[Array] = []

    def note(self, pose: Array) -> None:
        """A goal begins at a pose (3,)."""
        if np.all(np.isfinite(pose)):
            self._spots = [*self._spots, np.array(pose[:2])][-MOST:]

    def move(self, correction: Correction) -> None:
        """Carry the spots along when the map was mended."""
        self._spots = list(correction.move(np.array(self._spots).reshape(-1, 2)))

    def take(self, pose: Array) -> Array | None:
        """The newest one that is not here; it is forgotten with all after it."""
        while self._spots:
            spot = self._spots.pop()
            if np.hypot(*(spot - pose[:2])) > HERE_M:
                return spot
        return None


class GoBack:
    """One goal to go back, with the same interface as `Pursuit`.

    Args:
        goal: the words.
        config: patience and tolerances.
        beginnings: where to.
        issue: makes numbered sub-goals.
        tell: writes into the diary (kind, sentence).
    """

    searching = touching = False

    def __init__(
        self,
        goal: Goal,
        config: ExecutiveConfig,
        beginnings: Beginnings,
        issue: Issue,
        tell: Tell,
    ) -> None:
        self.goal = goal
        self.config = config
        self.outcome: GoalOutcome | None = None
        self._beginnings = beginnings
        self._issue, self._tell = issue, tell
        self._spot: Array | None = None
        self._step: SubGoal | None = None
        self._tries = 0
        self._started = 0.0

    def step(self, situation: Situation) -> SubGoal | None:
        """The sub-goal for now; None when the goal has ended (`outcome`)."""
        if self._spot is None:
            self._started = situation.t
            self._spot = self._beginnings.take(situation.pose)
            if self._spot is None:
                return self._end(situation, False, "I know no place to go back to")
            x, y = self._spot
            self._tell("plan", f"I go back to ({x:.1f}, {y:.1f}), where I came from")
        if situation.t - self._started > self.config.max_goal_s:
            text = f"I stopped after {self.config.max_goal_s:.0f} s"
            return self._end(situation, False, text)
        ended = "" if self._step is None else situation.over(self._step.id)
        if ended == "done":
            return self._end(situation, True, "I am back where I came from")
        if self._step is not None and not ended:
            return self._step
        reason = situation.status.reason if ended and situation.status else ""
        return self._drive(situation, self._spot, reason)

    def move(self, correction: Correction) -> None:
        """Carry the spot along when the map was mended, and plan the way anew."""
        if self._spot is not None:
            self._spot = correction.move(self._spot[None])[0]
            self._step, self._tries = None, 0

    def _drive(self, situation: Situation, spot: Array, reason: str) -> SubGoal | None:
        travel = situation.field
        free = None if travel is None else travel.nearest_reachable(spot, SNAP_M)
        if free is None:
            reason = reason or "no way there"
        if free is None or self._tries >= TRIES:
            return self._end(situation, False, f"I could not go back: {reason}")
        if reason:
            self._tell("replan", f"that failed ({reason}); I try again")
        self._tries += 1
        heading = np.arctan2(*(free - situation.pose[:2])[::-1])
        self._step = self._issue(
            SubGoalKind.DRIVE,
            pose_map=np.array([free[0], free[1], heading]),
            tolerance_m=0.3,
            tolerance_rad=np.pi,
        )
        return self._step

    def _end(self, situation: Situation, success: bool, text: str) -> SubGoal | None:
        self.outcome = GoalOutcome(
            goal=self.goal, success=success, text=text, stamp=situation.t
        )
        return None
