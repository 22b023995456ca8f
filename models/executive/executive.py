"""The executive: takes goals in words, pursues them one after the other, explains."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from neural_brain.models.executive.candidates import choices
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.grammar import attributes, describe, understand
from neural_brain.models.executive.meaning import Meanings, hint, load_meanings
from neural_brain.models.executive.outcome import GoalOutcome
from neural_brain.models.executive.picture import PicturePursuit, picture_goal
from neural_brain.models.executive.pursuit import Pursuit
from neural_brain.models.executive.search import Search
from neural_brain.models.executive.seen import SeenGrid
from neural_brain.models.executive.settling import YES, OpenName
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.geometry import Array, compose2, move_spots, transform2
from neural_brain.models.signals import (
    Event,
    Goal,
    Landmark,
    MapState,
    MotionStatus,
    Percepts,
    Picture,
    SubGoal,
    SubGoalKind,
    Surprise,
)

NEAREST = ("nearest", "closest")
ANY = ("any", "either", "whichever", "all", *NEAREST)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The answer to words: taken or not, a sentence, and the goals that were taken."""

    accepted: bool
    text: str
    goals: tuple[Goal, ...] = ()


class Executive:
    """Decides what to do next, about twice a second.

    Attributes:
        finished: outcomes of all goals that ended.

    Args:
        config: rules.
        meanings: guesses what unknown names mean; None = as `config.meaning` says.

    Raises:
        ModelFileError: if the network of word meanings is damaged, or demanded and
            missing.
    """

    def __init__(
        self, config: ExecutiveConfig | None = None, meanings: Meanings | None = None
    ) -> None:
        self.config = config or ExecutiveConfig()
        self._meanings = meanings or load_meanings(self.config.meaning)
        self.finished: list[GoalOutcome] = []
        self._queue: deque[Goal] = deque()
        self._pursuit: Pursuit | PicturePursuit | None = None
        self._seen = SeenGrid(self.config.search.view_m)
        self._seen_close = SeenGrid(self.config.search.close_view_m)
        seen = (self._seen, self._seen_close)
        self._search = Search(self.config, seen, self._issue, self._tell)
        self._fields = FieldCache(self.config)
        self._state: MapState | None = None
        self._events: list[Event] = []
        self._t = 0.0
        self._id = 0
        self._wait: SubGoal | None = None
        self._lost_since: float | None = None
        self._mended = ""
        self._open: tuple[Goal, ...] = ()
        self._open_name: OpenName | None = None
        self._seen_from: dict[int, Array] = {}
        self._seen_at: dict[int, float] = {}
        self._touch: dict[int, Array] = {}

    @property
    def goal(self) -> Goal | None:
        """What is pursued now."""
        if self._pursuit is not None:
            return self._pursuit.goal
        return self._queue[0] if self._queue else None

    @property
    def goals(self) -> tuple[Goal, ...]:
        """What is pursued now and what comes after it."""
        now = () if self._pursuit is None else (self._pursuit.goal,)
        return (*now, *self._queue)

    @property
    def exploring(self) -> bool:
        """Whether the robot is told to explore, or searches for the thing it needs."""
        goal = self.goal
        searching = self._pursuit is not None and self._pursuit.searching
        return goal is not None and (goal.action == "explore" or searching)

    def say(self, words: str, t: float, state: MapState | None) -> Reply:
        """Take a goal in words, or an answer to what was asked back.

        Args:
            words: any text.
            t: now [s].
            state: the map, for questions such as "which one?".
        """
        self._t = t
        answered = self._answer(words, state)
        if answered is not None:
            return answered
        return self._hear(OpenName(sentence=words), state)

    def show(self, picture: Picture, t: float, state: MapState | None) -> Reply:
        """Take a picture as a goal; errors as in `picture_goal`."""
        self._t = t
        reply = self._accept((picture_goal(picture),), state)
        return replace(reply, text=f"I will {reply.goals[0].words}.")

    def _hear(self, said: OpenName, state: MapState | None) -> Reply:
        """Take a sentence, of which some names may have been settled by asking."""
        meant = understand(said.sentence, self._meanings, settled=said.settled)
        self._mended, self._open = meant.suggestion, ()
        self._open_name = None if meant.doubt is None else said.about(meant.doubt)
        if not meant.goals:
            help_ = hint(self.config.meaning) if meant.lost else ""
            return Reply(accepted=False, text=meant.question + help_)
        reply = self._accept(meant.goals, state)
        guessed = [t for t in meant.taken if t[0] not in said.settled]
        for words, name in reversed(guessed):
            text = f"I took {words!r} to mean {name}."
            self._tell("meaning", text, {"words": words, "category": name})
            reply = replace(reply, text=f"{text} {reply.text}")
        return reply

    def observe(self, percepts: Percepts, pose_map_base: Array) -> None:
        """Note what the camera has looked at.

        Args:
            percepts: what one frame showed.
            pose_map_base: where the robot is (3,); used until a map is known.
        """
        pose = pose_map_base
        if self._state is not None:
            pose = compose2(self._state.pose_map_odom, percepts.pose_odom_base)
        if not np.all(np.isfinite(pose)):
            return
        if isinstance(self._pursuit, PicturePursuit) and percepts.view is not None:
            self._pursuit.see(percepts.view, pose, percepts.stamp)
        if len(percepts.view_polygon) < 3:
            return
        outline = transform2(pose, percepts.view_polygon)
        self._seen.add_view(outline, pose[:2])
        self._seen_close.add_view(outline, pose[:2])
        self._note_views(percepts, pose)

    def step(
        self,
        t: float,
        state: MapState,
        pose_map_base: Array,
        status: MotionStatus | None,
        surprise: Surprise | None = None,
        *,
        percepts: Percepts | None = None,
    ) -> SubGoal:
        """What motion should do now.

        Args:
            t: now [s].
            state: the map.
            pose_map_base: where the robot is (3,).
            status: how motion's sub-goal goes, or None.
            surprise: the newest surprise, or None.
            percepts: what was seen, if `observe` is not called.
        """
        self._t, self._state = t, state
        if percepts is not None:
            self.observe(percepts, pose_map_base)
        waiting = self._wait_when_lost(t, state, status)
        if waiting is not None:
            return waiting
        situation = Situation(
            t=t, state=state, pose=pose_map_base, status=status, fields=self._fields
        )
        for _ in range(20):
            if not self._begin_next():
                return self._rest()
            step = self._pursue(situation)
            if step is not None:
                self._wait = None
                return step
        return self._rest()

    def pop_events(self) -> list[Event]:
        """What was decided since the last call."""
        events, self._events = self._events, []
        return events

    def _pursue(self, situation: Situation) -> SubGoal | None:
        pursuit = self._pursuit
        if pursuit is None:
            return None
        step = pursuit.step(situation)
        if step is None and pursuit.outcome is not None:
            self.finished.append(pursuit.outcome)
            kind = "reached" if pursuit.outcome.success else "failed"
            data = {"words": pursuit.goal.words, "success": pursuit.outcome.success}
            self._tell(kind, pursuit.outcome.text, data)
            self._pursuit = None
        return step

    def _begin_next(self) -> bool:
        if self._pursuit is None and self._queue:
            goal = self._queue.popleft()
            kind = Pursuit if goal.picture is None else PicturePursuit
            self._pursuit = kind(
                goal, self.config, self._search, self._issue, self._tell
            )
            if isinstance(self._pursuit, Pursuit):
                self._pursuit.seen_from = self._seen_from
                self._pursuit.seen_at = self._seen_at
                self._pursuit.touch = self._touch
            self._tell("goal", f"my goal: {goal.words}")
        return self._pursuit is not None

    def _rest(self) -> SubGoal:
        """Fold the arm and wait."""
        if self._wait is None:
            self._wait = self._issue(SubGoalKind.STOW)
        return self._wait

    def _wait_when_lost(
        self, t: float, state: MapState, status: MotionStatus | None
    ) -> SubGoal | None:
        """Stand still while lost, unless the arm is at work; not for ever."""
        if state.localised:
            self._lost_since = None
            return None
        if self._lost_since is None:
            self._lost_since = t
        lost_s = t - self._lost_since
        pursuit = self._pursuit
        if lost_s > self.config.lost_wait_s or (pursuit and pursuit.touching):
            return None
        return self._rest()

    def _accept(self, goals: tuple[Goal, ...], state: MapState | None) -> Reply:
        if goals[-1].action == "stop":
            return self._stop()
        if self.config.ask:
            for goal in goals:
                question = self._which(goal, state)
                if question:
                    self._open = goals
                    return Reply(accepted=False, text=question)
        now = self.goal
        if now is not None and now.action == "explore":
            self._tell("goal", "I stop exploring for this")
            self._pursuit = None
            self._queue.clear()
        first = len(self.goals)
        taken = tuple(replace(goal, index=first + k) for k, goal in enumerate(goals))
        self._queue.extend(taken)
        text = ", then ".join(describe(goal) for goal in goals)
        return Reply(accepted=True, text=f"I will {text}.", goals=taken)

    def _stop(self) -> Reply:
        dropped = self.goals
        for goal in dropped:
            text = f"stopped: {goal.words}"
            self.finished.append(
                GoalOutcome(goal=goal, success=False, text=text, stamp=self._t)
            )
        self._queue.clear()
        self._pursuit, self._wait = None, None
        words = ", ".join(goal.words for goal in dropped)
        self._tell("stopped", f"stopped; dropped: {words or 'nothing'}")
        return Reply(accepted=True, text="I stop.")

    def _which(self, goal: Goal, state: MapState | None) -> str:
        """A question when things of several colours fit equally."""
        if goal.action not in ("press", "push") or goal.which:
            return ""
        if state is None:
            return ""
        things = [
            thing
            for thing in choices(goal, state, self.config)
            if not goal.room or self._room_of(thing, state) in ("", goal.room)
        ]
        if len({thing.colour for thing in things}) < 2:
            return ""
        known: dict[str, None] = {}
        for thing in things:
            room = self._room_of(thing, state)
            name = f"the {thing.colour} {thing.category}".replace("  ", " ")
            known[name + (f" in the {room}" if room else "")] = None
        names = list(known)[:6]
        return f"Which one: {', '.join(names[:-1])} or {names[-1]}?"

    def _room_of(self, thing: Landmark, state: MapState) -> str:
        where = Situation(
            t=self._t, state=state, pose=np.zeros(3), status=None, fields=self._fields
        )
        return where.room_of(thing.center_map[:2])

    def _answer(self, words: str, state: MapState | None) -> Reply | None:
        """Treat words as the answer to an open question, if they are one."""
        said = words.lower().split() if len(words) <= 100 else []
        said = [word.strip(".,!?") for word in said]
        if self._mended and said and said[0] in YES and len(said) <= 3:
            mended, self._mended, self._open_name = self._mended, "", None
            return self.say(mended, self._t, state)
        if self._open_name is not None:
            settled, self._open_name = self._open_name.answered(words), None
            if settled is not None:
                return self._hear(settled, state)
        if not self._open:
            return None
        if said and any(word in ANY for word in said):
            goals, self._open = self._open, ()
            if any(word in NEAREST for word in said):
                goals = tuple(replace(goal, which="nearest") for goal in goals)
            return self._take(goals)
        meant = understand(words)
        clear = [g for g in meant.goals if g.action in ("stop", "explore", "press")]
        if clear and clear[0].category != "":
            return None
        colour, room = attributes(words)
        if any(goal.action in ("stop", "explore") for goal in meant.goals):
            return None
        if not colour and not room:
            return None
        goals = tuple(
            replace(goal, colour=goal.colour or colour, room=goal.room or room)
            if self._which(goal, state)
            else goal
            for goal in self._open
        )
        self._open = ()
        goals = tuple(replace(goal, words=describe(goal)) for goal in goals)
        return self._accept(goals, state)

    def _take(self, goals: tuple[Goal, ...]) -> Reply:
        """Accept without asking again."""
        asked, self.config = self.config, replace(self.config, ask=False)
        reply = self._accept(goals, self._state)
        self.config = asked
        return reply

    def _note_views(self, percepts: Percepts, pose: Array) -> None:
        """Remember when and from where landmarks were seen, in this life.

        Of large things also where their surface can be touched, as seen last.
        """
        if self._state is None or not percepts.objects:
            return
        known = self._state.landmarks
        if not known:
            return
        xy = np.array([landmark.center_map[:2] for landmark in known])
        half = np.array([0.5 * landmark.size[:2].max() for landmark in known])
        for thing in percepts.objects:
            at = transform2(pose, thing.center_base[None, :2])[0]
            apart = np.hypot(*(xy - at).T)
            for k in np.flatnonzero(apart < np.maximum(0.5, half)):
                if known[k].category != thing.category:
                    continue
                self._seen_from[known[k].id] = pose[:2].copy()
                self._seen_at[known[k].id] = percepts.stamp
                if len(thing.touch):
                    self._touch[known[k].id] = move_spots(pose, thing.touch)

    def _issue(self, kind: SubGoalKind, **fields: Any) -> SubGoal:
        self._id += 1
        return SubGoal(id=self._id, kind=kind, **fields)

    def _tell(self, kind: str, text: str, data: dict[str, Any] | None = None) -> None:
        self._events.append(
            Event(
                stamp=self._t, source="executive", kind=kind, text=text, data=data or {}
            )
        )
