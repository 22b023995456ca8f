"""Pursuing one goal: find the thing, stand before it, look, touch, or try the next.

Every turn is told in words; a pursuit ends with a sentence, never silently.
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.categories import BY_SURFACE, FURNITURE
from neural_brain.models.executive.approaching import (
    JUST_S,
    better_place,
    is_there,
    nearer_place,
    place_to_stand,
)
from neural_brain.models.executive.attempt import (
    Attempt,
    above,
    fresh,
    is_other,
    touch_in,
)
from neural_brain.models.executive.before import EARLIER
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.lexicon import LAST
from neural_brain.models.executive.outcome import GoalOutcome, success_words
from neural_brain.models.executive.places_known import the
from neural_brain.models.executive.search import Issue, Search, Tell
from neural_brain.models.executive.sightings import Sightings
from neural_brain.models.executive.situation import Situation, landmark_words, some
from neural_brain.models.executive.standoff import distances
from neural_brain.models.executive.touching import Touch
from neural_brain.models.executive.tried import Tried
from neural_brain.models.executive.visiting import Ended, Visit
from neural_brain.models.geometry import Array
from neural_brain.models.maps.relations import describe
from neural_brain.models.signals import Goal, Landmark, SubGoal, SubGoalKind

MOVES = 2  # times that a place to stand is mended for one approach
LOOKS = 2  # before a thing is said not to be seen from here
VISITS = 2  # places from which a thing is looked for that shall only be found


class Pursuit:
    """One goal from its first decision to its outcome.

    Args:
        goal: what is wanted.
        config: rules.
        search: finds what is not known yet.
        issue: makes numbered sub-goals.
        tell: writes into the diary (kind, sentence).

    Attributes:
        views: from where things were seen.
    """

    def __init__(
        self,
        goal: Goal,
        config: ExecutiveConfig,
        search: Search,
        issue: Issue,
        tell: Tell,
    ) -> None:
        self.goal = goal
        self.config = config
        self.search = search
        self.searching = False
        self.views = Sightings()
        self.outcome: GoalOutcome | None = None
        self._issue, self._tell = issue, tell
        self._started: float | None = None
        self._step: SubGoal | None = None
        self._attempt: Attempt | None = None
        self._tried = Tried()
        self._verified = False
        self._visit = Visit(goal, issue, tell)

    def step(self, situation: Situation) -> SubGoal | None:
        """The sub-goal for now; None when the goal has ended (`outcome`)."""
        if self._started is None:
            self._started = situation.t
            self.search.begin()
        explore = self.goal.action == "explore"
        limit = self.config.max_explore_s if explore else self.config.max_goal_s
        if situation.t - self._started > limit and not self.touching:
            return self._end(situation, explore, f"I stopped after {limit:.0f} s")
        if explore:
            return self._explore(situation)
        if not self.goal.category:
            return self._go_to_place(situation)
        return self._reach_thing(situation)

    @property
    def touching(self) -> bool:
        """Whether the arm is at work."""
        return self._step is not None and self._step.kind is SubGoalKind.PRESS

    def _explore(self, situation: Situation) -> SubGoal | None:
        self.searching = True
        step = self.search.step(situation, self.goal)
        if step is not None:
            return step
        known = len(situation.state.landmarks)
        rooms = len(situation.state.rooms)
        text = f"I have seen everything that I can reach: {rooms} rooms, {known} things"
        return self._end(situation, True, text)

    def _go_to_place(self, situation: Situation) -> SubGoal | None:
        step = self._visit.step(situation)
        if step is None:
            return self._keep_searching(situation, f"no {self.goal.room}")
        self.searching = False
        if isinstance(step, Ended):
            return self._end(situation, step.success, step.text)
        return step

    def _reach_thing(self, situation: Situation) -> SubGoal | None:
        if self._attempt is None:
            return self._choose(situation)
        if self._step is None:
            return self._approach(situation)
        ended = situation.over(self._step.id)
        if not ended:
            return self._drive_on(situation)
        reason = situation.status.reason if situation.status else ""
        if ended == "failed":
            return self._another_way(situation, reason)
        if self._step.kind is SubGoalKind.DRIVE:
            return self._verify(situation)
        if self._step.kind is SubGoalKind.LOOK:
            return self._act(situation)
        return self._succeed(situation)

    def _drive_on(self, situation: Situation) -> SubGoal | None:
        """While a step runs: end it where it is no longer needed, or mend its aim."""
        attempt, step = self._attempt, self._step
        drives = step is not None and step.kind is SubGoalKind.DRIVE
        if not self._visits or attempt is None or not drives:
            return step
        attempt.thing = fresh(situation, attempt.thing) or attempt.thing
        self.views.looks.thing = attempt.thing
        if self._misnamed:
            return self._drop(situation, self._misnamed)
        if is_there(situation, attempt, self.goal, self.views, self.config.standoff):
            return self._succeed(situation)
        pose = better_place(situation, attempt, self.views, self.config.standoff)
        if pose is None:
            return step
        attempt.pose = pose
        self._tell("replan", "I see a better place to stand before it")
        return self._drive(attempt, pose)

    def _choose(self, situation: Situation) -> SubGoal | None:
        """Take the best thing that is known, or search on."""
        fitting = self._fitting(situation)
        if not fitting:
            return self._keep_searching(situation, f"no {self._thing()}")
        thing = fitting[0]
        self.searching = False
        self._attempt = Attempt(thing=thing, chosen=thing)
        self.views.looks.begin(thing, self.goal.category)
        where = describe(situation.pose, thing.center_map)
        knew = "saw" if self.goal.which in EARLIER else "know"
        room = situation.room_of(thing.center_map[:2])
        self._tell(
            "plan",
            f"I {knew} {some(thing)}{f' in {the(room)}' if room else ''}, "
            f"{where}, and go there",
        )
        return self._approach(situation)

    def _fitting(self, situation: Situation) -> list[Landmark]:
        return self._tried.fitting(self.goal, situation, self.config, self.search)

    def _keep_searching(self, situation: Situation, missing: str) -> SubGoal | None:
        if not self.searching:
            self.searching = True
            self._tell("search", f"I know {missing} yet and look for it")
        far_done = self.search.far_done
        step = self.search.step(situation, self.goal)
        done = step is None or far_done is not self.search.far_done
        if done and self.goal.category and self._fitting(situation):
            return self._choose(situation)
        if step is not None:
            return step
        text = f"I searched everything that I can reach and saw {missing}"
        if self._tried.reason:
            failure = "did not find" if self._visits else "could not reach"
            text = f"I {failure} it: {self._tried.reason}"
        return self._end(situation, False, text)

    def _approach(self, situation: Situation) -> SubGoal | None:
        attempt, travel = self._attempt, situation.field
        if attempt is None or travel is None:
            self._attempt = None
            return self._keep_searching(situation, f"no {self._thing()}")
        attempt.thing = fresh(situation, attempt.thing) or attempt.thing
        pose = place_to_stand(
            situation, attempt, self.views, self.config.standoff, visit=self._visits
        )
        if pose is None or len(attempt.poses) >= self._most_places:
            nowhere = "there is no place to stand before it"
            if situation.closed_at(attempt.thing.center_map[:2]):
                nowhere = "it is where I must stay out"
            else:
                self._tried.retry(attempt.thing, situation.t)
            return self._drop(situation, attempt.reason or nowhere)
        attempt.pose, attempt.look_at, attempt.moves = pose, None, 0
        attempt.looks, attempt.reviewed_s = 0, situation.t
        self._verified = False
        return self._drive(attempt, pose)

    def _drive(self, attempt: Attempt, pose: Array) -> SubGoal:
        self._step = self._issue(
            SubGoalKind.DRIVE,
            pose_map=pose,
            point_map=attempt.thing.center_map if self._visits else None,
            tolerance_m=0.15 if self._visits else self.config.drive_tolerance_m,
            tolerance_rad=0.2 if self._visits else self.config.drive_tolerance_rad,
        )
        return self._step

    def _verify(self, situation: Situation) -> SubGoal | None:
        """Look at the thing from close by; the map corrects or removes it meanwhile."""
        attempt = self._attempt
        if attempt is None:
            return self._choose(situation)
        thing = fresh(situation, attempt.thing) or attempt.thing
        at = thing.center_map if attempt.look_at is None else attempt.look_at
        attempt.looks, attempt.looked_s = attempt.looks + 1, situation.t
        self._step = self._issue(SubGoalKind.LOOK, point_map=at)
        return self._step

    def _act(self, situation: Situation) -> SubGoal | None:
        attempt = self._attempt
        if attempt is None:
            return self._choose(situation)
        thing = fresh(situation, attempt.thing)
        if thing is None:
            return self._drop(situation, "it is not there any more")
        moved = float(np.hypot(*(thing.center_map - attempt.thing.center_map)[:2]))
        attempt.thing = thing
        self.views.looks.thing = thing
        if self._visits:
            if is_other(attempt, self.goal, thing):
                return self._drop(situation, f"it is {some(thing)}", renamed=True)
            return self._confirm(situation, attempt)
        touch = self._touch_from(situation, attempt)
        if touch is not None:
            return self._act_on_surface(attempt, touch)
        near, _, far = distances(thing, self.config.standoff, visit=False)
        away = float(np.hypot(*(thing.center_map[:2] - situation.pose[:2])))
        if moved > 0.08 and not near - 0.05 < away < far + 0.05 and not self._verified:
            self._tell("replan", "seen from close by it stands elsewhere")
            step = self._approach(situation)
            self._verified = True
            return step
        upward = self._has_surface(attempt) and thing.category in FURNITURE
        if upward and attempt.looks < LOOKS:
            attempt.look_at = above(thing, self.config.standoff)
            return self._verify(situation)
        self._tell("act", f"I {self.goal.action} the {landmark_words(thing)}")
        self._step = self._issue(
            SubGoalKind.PRESS,
            point_map=thing.center_map,
            size=thing.size,
            push=self.goal.action == "push",
        )
        return self._step

    @property
    def _visits(self) -> bool:
        """Whether the thing shall only be found, not touched."""
        return self.goal.action in ("go", "find")

    @property
    def _most_places(self) -> int:
        """From how many places one thing is tried."""
        most = self.config.standoffs
        return min(VISITS, most) if self._visits else most

    @property
    def _misnamed(self) -> str:
        """Why the thing is left, "" if looks from near do not deny its name."""
        denied = self.views.looks.deny
        return f"from near it is no {self.goal.category}" if denied else ""

    def _confirm(self, situation: Situation, attempt: Attempt) -> SubGoal | None:
        """Found is what was seen just now, not what was there once."""
        if self.views.looks.agree_since(attempt.looked_s - JUST_S):
            return self._nearer(situation, attempt) or self._succeed(situation)
        if attempt.looks < LOOKS:
            return self._verify(situation)
        if self.goal.which in EARLIER:
            return self._was_here(situation, attempt)
        if self._misnamed:
            return self._drop(situation, self._misnamed)
        return self._another_way(situation, "I do not see it from here")

    def _nearer(self, situation: Situation, attempt: Attempt) -> SubGoal | None:
        """A drive to a nearer place to find the thing from, once for each place."""
        if self.goal.action != "find" or len(attempt.poses) + 1 >= self._most_places:
            return None
        if attempt.pose is not None:
            attempt.poses.append(attempt.pose)
        pose = nearer_place(situation, attempt, self.views, self.config.standoff)
        if pose is None:
            return None
        attempt.pose, attempt.looks = pose, 0
        self._tell("replan", "I see it, but from too far; I go nearer")
        return self._drive(attempt, pose)

    def _was_here(self, situation: Situation, attempt: Attempt) -> SubGoal | None:
        """Asked for the place where it was seen last, not for the thing itself."""
        thing = landmark_words(attempt.thing)
        last = self.goal.which == LAST
        saw = f"I last saw the {thing}" if last else f"I saw the {thing} before"
        text = f"I am where {saw}; I do not see it now"
        return self._end(situation, True, text)

    def _has_surface(self, attempt: Attempt) -> bool:
        """Whether it shall be pressed where its surface is seen."""
        return self.goal.action == "press" and attempt.thing.category in BY_SURFACE

    def _touch_from(self, situation: Situation, attempt: Attempt) -> Touch | None:
        """How to touch a thing where its surface is seen; None for other kinds."""
        if not self._has_surface(attempt):
            return None
        seen = self.views.touch.get(attempt.thing.id)
        return touch_in(situation, attempt, seen, self.config.standoff)

    def _act_on_surface(self, attempt: Attempt, touch: Touch) -> SubGoal:
        """Press a spot that was seen; before that stand and look where it is right."""
        if touch.drive and attempt.moves < MOVES:
            attempt.moves += 1
            attempt.pose, attempt.look_at = touch.pose, touch.spots[0, :3]
            self._step = self._issue(
                SubGoalKind.DRIVE,
                pose_map=touch.pose,
                tolerance_m=self.config.drive_tolerance_m,
                tolerance_rad=self.config.drive_tolerance_rad,
            )
            return self._step
        self._tell("act", f"I press the {landmark_words(attempt.thing)} where I see it")
        self._step = self._issue(
            SubGoalKind.PRESS,
            point_map=touch.spots[0, :3],
            size=attempt.thing.size,
            touch=touch.spots,
        )
        return self._step

    def _another_way(self, situation: Situation, reason: str) -> SubGoal | None:
        """Another place to stand, then another thing."""
        attempt = self._attempt
        self._step = None
        if attempt is None:
            return self._choose(situation)
        attempt.reason = reason
        if attempt.pose is not None:
            attempt.poses.append(attempt.pose)
        if len(attempt.poses) >= self._most_places:
            return self._drop(situation, reason)
        self._tell("replan", f"that failed ({reason}); I try from another side")
        return self._approach(situation)

    def _drop(
        self, situation: Situation, reason: str, *, renamed: bool = False
    ) -> SubGoal | None:
        """Leave this thing; what only looked otherwise is the likeliest later on."""
        if self._attempt is not None:
            thing = self._attempt.thing
            self._tried.leave(thing, reason, renamed=renamed)
            self._tell("replan", f"I leave this {landmark_words(thing)}: {reason}")
        self._attempt, self._step = None, None
        return self._choose(situation)

    def _succeed(self, situation: Situation) -> SubGoal | None:
        thing = landmark_words(self._attempt.thing) if self._attempt else self._thing()
        force = situation.status.peak_force_n if situation.status else 0.0
        text = success_words(self.goal.action, thing, force)
        if not set(self._thing().split()) <= set(thing.split()):
            text += f"; a {self._thing()} I have not seen, this is the likest"
        return self._end(situation, True, text)

    def _thing(self) -> str:
        return f"{self.goal.colour} {self.goal.category}".strip()

    def _end(self, situation: Situation, success: bool, text: str) -> SubGoal | None:
        self.outcome = GoalOutcome(
            goal=self.goal, success=success, text=text, stamp=situation.t
        )
        self.searching = False
        return None
