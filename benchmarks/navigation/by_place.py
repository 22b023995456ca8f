"""A robot that knows of things only at which place of its topological map they are."""

from __future__ import annotations

import numpy as np

from neural_brain.models.executive import Executive
from neural_brain.models.executive.candidates import candidates
from neural_brain.models.executive.pursuit import Pursuit
from neural_brain.models.executive.situation import Situation
from neural_brain.models.signals import Goal, MapState, SubGoal, SubGoalKind

Places = dict[tuple[str, str], list[int]]
"""Numbers of the places at which things of a category and colour were."""
SNAP_M = 1.0


def places_of(state: MapState | None, before: Places) -> Places:
    """Where things are, as numbers of the nearest places; what is old stays."""
    if state is None or not state.places:
        return before
    xy = np.array([place.xy for place in state.places])
    found: Places = {}
    for thing in state.landmarks:
        apart = np.hypot(*(xy - thing.center_map[:2]).T)
        place = state.places[int(np.argmin(apart))].id
        known = found.setdefault((thing.category, thing.colour), [])
        if place not in known:
            known.append(place)
    return {**before, **found}


class PlaceKnower(Executive):
    """An executive that goes to the place of a thing first, and looks around there."""

    known: Places = {}  # noqa: RUF012 - exchanged as a whole, never changed

    def _pursuit_of(self, goal: Goal) -> Pursuit:
        pursuit = ToPlace(goal, self.config, self._search, self._issue, self._tell)
        pursuit.views = self._views
        pursuit.left = [
            place
            for (category, colour), places in self.known.items()
            if category == goal.category and goal.colour in ("", colour)
            for place in places
        ]
        return pursuit


class ToPlace(Pursuit):
    """Visit the places where a thing was, the nearest first, until it is in view."""

    left: list[int]

    def step(self, situation: Situation) -> SubGoal | None:
        """The sub-goal for now; None when the goal has ended (`outcome`)."""
        if self.left and candidates(self.goal, situation, self.config):
            self.left, self._step = [], None
        if self._started is None:
            self._started = situation.t
            self.search.begin()
        step = self._step
        if self.left and step is not None:
            ended = situation.over(step.id)
            if not ended:
                return step
            if ended == "done" and step.kind is SubGoalKind.DRIVE:
                self._step = self._issue(SubGoalKind.LOOK)
                return self._step
            self.left, self._step = self.left[1:], None
        while self.left:
            drive = self._to_nearest(situation)
            if drive is not None:
                self._step = drive
                return drive
        return super().step(situation)

    def _to_nearest(self, situation: Situation) -> SubGoal | None:
        """A drive to the nearest place that is left; it comes first afterwards."""
        here, travel = situation.pose[:2], situation.field
        xy = {p.id: p.xy for p in situation.state.places if p.id in self.left}
        self.left = sorted(xy, key=lambda place: float(np.hypot(*(xy[place] - here))))
        if not self.left:
            return None
        spot = None
        if travel is not None:
            spot = travel.nearest_reachable(xy[self.left[0]], SNAP_M)
        if spot is None:
            self.left = self.left[1:]
            return None
        heading = np.arctan2(*(spot - here)[::-1])
        self._tell("plan", f"I go to place {self.left[0]}, where one was")
        return self._issue(
            SubGoalKind.DRIVE,
            pose_map=np.array([*spot, heading]),
            tolerance_m=0.3,
            tolerance_rad=np.pi,
        )
