"""Going to a room, a dock or another named place, and out of a keep-out area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.executive.attempt import room_spot
from neural_brain.models.executive.places_known import areas_called, floor_words, the
from neural_brain.models.executive.search import Issue, Tell
from neural_brain.models.executive.situation import Situation
from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import distance
from neural_brain.models.motion import closed
from neural_brain.models.signals import Goal, SubGoal, SubGoalKind

TRIES = 3
PARK_M, PARK_RAD = 0.08, 0.1  # how exactly the robot stands where people have put it
PATIENCE_S = 5.0  # until a keep-out area that was just named must be on the map


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a visit ended, in words."""

    success: bool
    text: str


class Visit:
    """One goal that is a place.

    Args:
        goal: has a `room`; or is "leave".
        issue: makes numbered sub-goals.
        tell: writes into the diary (kind, sentence).
    """

    def __init__(self, goal: Goal, issue: Issue, tell: Tell) -> None:
        self.goal = goal
        self._issue, self._tell = issue, tell
        self._step: SubGoal | None = None
        self._since: float | None = None
        self._failures = 0
        self._parks = False

    def step(self, situation: Situation) -> SubGoal | Ended | None:
        """The sub-goal for now, how it ended, or None if the place is not known."""
        if self._since is None:
            self._since = situation.t
        if self._step is not None:
            ended = situation.over(self._step.id)
            if not ended:
                return self._step
            if ended == "done":
                return Ended(success=True, text=self._arrived())
            reason = situation.status.reason if situation.status else ""
            self._tell("replan", f"could not get to {self._place}: {reason}")
            self._failures += 1
            self._step = None
            if self._failures > TRIES:
                text = f"I could not get to {self._place}: {reason}"
                return Ended(success=False, text=text)
        if self.goal.action == "leave":
            return self._leave(situation)
        return self._go(situation)

    @property
    def _place(self) -> str:
        return "the way out" if self.goal.action == "leave" else the(self.goal.room)

    def _go(self, situation: Situation) -> SubGoal | None:
        parked = self._park(situation)
        self._parks = parked is not None
        spot = room_spot(situation, self.goal.room) if parked is None else parked
        if spot is None:
            return None
        self._tell("plan", f"I know {self._place} and drive there")
        if parked is not None:
            self._step = self._drive(parked, PARK_M, PARK_RAD)
        else:
            heading = np.arctan2(*(spot - situation.pose[:2])[::-1])
            self._step = self._drive(np.append(spot, heading), 0.3, np.pi)
        return self._step

    def _park(self, situation: Situation) -> Array | None:
        """The pose (3,) of the nearest dock or lift of that name that has one."""
        poses = [
            area.pose_map
            for area in areas_called(self.goal.room, situation.state.areas)
            if area.pose_map is not None
        ]
        here = situation.pose[:2]
        return min(poses, key=lambda p: float(np.hypot(*(p[:2] - here))), default=None)

    def _leave(self, situation: Situation) -> SubGoal | Ended:
        here, areas = situation.pose[None, :2], situation.state.areas
        if not any(distance(o, here)[0] < 0.0 for o in closed(areas)):
            late = situation.t - (self._since or 0.0) > PATIENCE_S
            if late or any(area.name == self.goal.room for area in areas):
                return Ended(success=True, text=self._arrived())
            return self._issue(SubGoalKind.WAIT)
        if situation.field is None:
            return Ended(success=False, text="I find no way out: carry me")
        spot = situation.field.start
        heading = np.arctan2(*(spot - situation.pose[:2])[::-1])
        self._tell("plan", "I leave by the shortest way")
        self._step = self._drive(np.append(spot, heading), 0.1, np.pi)
        return self._step

    def _drive(self, pose: Array, tolerance_m: float, tolerance_rad: float) -> SubGoal:
        return self._issue(
            SubGoalKind.DRIVE,
            pose_map=pose,
            tolerance_m=tolerance_m,
            tolerance_rad=tolerance_rad,
        )

    def _arrived(self) -> str:
        where = the(self.goal.room)
        if self.goal.action == "leave":
            return f"I am out of {where}"
        if self.goal.ride:
            floor = floor_words(self.goal.ride)
            return (
                f"I am at {where}; take me to the {floor} and say "
                f"'you are on the {floor} now'"
            )
        return f"I am {'at' if self._parks else 'in'} {where}"
