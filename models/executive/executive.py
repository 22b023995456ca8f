"""The executive: takes goals in words, pursues them one after the other, explains."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np

from neural_brain.models.executive.answering import Memory, is_question
from neural_brain.models.executive.asking import answered, which_one
from neural_brain.models.executive.before import Before
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.directions import told_from
from neural_brain.models.executive.going_back import Beginnings
from neural_brain.models.executive.going_to import GoTo, pose_goal
from neural_brain.models.executive.grammar import describe, understand
from neural_brain.models.executive.lexicon import TELL
from neural_brain.models.executive.lost import Lost
from neural_brain.models.executive.meaning import Meanings, hint, load_meanings
from neural_brain.models.executive.moved import follow
from neural_brain.models.executive.outcome import GoalOutcome, stopped
from neural_brain.models.executive.picture import PicturePursuit, picture_goal
from neural_brain.models.executive.place_words import Said, hear_place
from neural_brain.models.executive.places_known import phrases
from neural_brain.models.executive.pursuit import Pursuit
from neural_brain.models.executive.reply import Reply
from neural_brain.models.executive.search import Search
from neural_brain.models.executive.settling import YES, OpenName
from neural_brain.models.executive.sightings import Sightings
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.executive.whereabouts import closes, places_of
from neural_brain.models.geometry import Array, compose2, transform2
from neural_brain.models.maps.seen import SeenGrid
from neural_brain.models.signals import (
    Event,
    Goal,
    MapOrder,
    MapState,
    MotionStatus,
    Percepts,
    Picture,
    SubGoal,
    SubGoalKind,
    Surprise,
)


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
        self._pursuit: Pursuit | GoTo | PicturePursuit | None = None
        self._forget_views()
        self._before = Before()
        self._fields = FieldCache(self.config)
        self._state: MapState | None = None
        self._events: list[Event] = []
        self._t = 0.0
        self._id = 0
        self._wait: SubGoal | None = None
        self._lost = Lost(self.config.lost_wait_s)
        self._mended = ""
        self._open: tuple[Goal, ...] = ()
        self._open_name: OpenName | None = None
        self._pose: Array | None = None
        self._waiting: list[Goal] = []  # for somebody to take the robot to their floor

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
        said = hear_place(words, t, state, self._pose)
        if said is not None:
            return self._note_place(said, words)
        answered = self._answer(words, state)
        if answered is not None:
            return answered
        return self._hear(OpenName(sentence=words), state)

    def show(self, picture: Picture, t: float, state: MapState | None) -> Reply:
        """Take a picture as a goal; errors as in `picture_goal`."""
        self._t = t
        reply = self._accept((picture_goal(picture),), state)
        return replace(reply, text=f"I will {reply.goals[0].words}.")

    def go_to(self, pose: Array, t: float, state: MapState | None) -> Reply:
        """Take a pose (3,) in `map` in place of all goals; errors as in `pose_goal`."""
        self._t, goal = t, pose_goal(pose)
        if self.goals:
            self._stop()
        return self._accept((goal,), state)

    def _hear(self, said: OpenName, state: MapState | None) -> Reply:
        """Take a sentence, of which some names may have been settled by asking."""
        meant = understand(
            said.sentence,
            self._meanings,
            settled=said.settled,
            places=phrases(state),
        )
        self._mended = meant.suggestion
        if not is_question(said.sentence):  # which leaves open what was asked back
            self._open = ()
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
        if self._state is not None:
            self._views.note(percepts, pose, self._state.landmarks)

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
        if self._state is not None and state.map_id != self._state.map_id:
            self._begin_again()
        notes = (self._beginnings, self._seen, self._seen_close, self._views)
        follow(self._state, state, (*notes, self._before, self._pursuit))
        self._before.note(state)
        self._t, self._state, self._pose = t, state, pose_map_base
        self._go_on_here(state)
        if percepts is not None:
            self.observe(percepts, pose_map_base)
        touching = self._pursuit is not None and self._pursuit.touching
        if self._lost.waits(t, state.localised) and not touching:
            return self._rest()
        pose, fields = pose_map_base, self._fields
        situation = Situation(t=t, state=state, pose=pose, status=status, fields=fields)
        for _ in range(20):
            if not self._begin_next(pose_map_base):
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
        state = self._before.recall(pursuit.goal, situation.state)
        step = pursuit.step(replace(situation, state=state))
        if step is None and pursuit.outcome is not None:
            self.finished.append(pursuit.outcome)
            kind = "reached" if pursuit.outcome.success else "failed"
            data = {"words": pursuit.goal.words, "success": pursuit.outcome.success}
            self._tell(kind, pursuit.outcome.text, data)
            self._pursuit = None
        return step

    def _begin_next(self, pose: Array) -> bool:
        if self._pursuit is None and self._queue:
            goal = self._queue.popleft()
            self._pursuit = self._pursuit_of(goal)
            if goal.action != "back":
                self._beginnings.note(pose)
            self._tell("goal", f"my goal: {goal.words}")
        return self._pursuit is not None

    def _pursuit_of(self, goal: Goal) -> Pursuit | GoTo | PicturePursuit:
        rest = self._issue, self._tell
        if goal.action == "back" or goal.pose_map is not None:
            way = GoTo(goal, self.config, self._search, *rest)
            way.beginnings = self._beginnings
            return way
        if goal.picture is not None:
            return PicturePursuit(goal, self.config, self._search, *rest)
        pursuit = Pursuit(goal, self.config, self._search, *rest)
        pursuit.views = self._views
        return pursuit

    def _rest(self) -> SubGoal:
        """Fold the arm and wait."""
        if self._wait is None:
            self._wait = self._issue(SubGoalKind.STOW)
        return self._wait

    def _accept(
        self, goals: tuple[Goal, ...], state: MapState | None, *, ask: bool = True
    ) -> Reply:
        if goals[-1].action == "stop":
            return self._stop()
        told = told_from(goals, self._pose)
        if isinstance(told, str):
            return Reply(accepted=False, text=told)
        if any(goal.action == TELL for goal in told):
            return self._tell_of(told, state)
        placed = places_of(told, state)
        if isinstance(placed, str):
            return Reply(accepted=False, text=placed)
        goals, rides = placed
        if ask and self.config.ask:
            for goal in goals:
                question = which_one(goal, state, self.config)
                if question:
                    self._open = goals
                    return Reply(accepted=False, text=question)
        if self.goal is not None and self.goal.action == "explore":
            self._tell("goal", "I stop exploring for this")
            self._pursuit = None
            self._queue.clear()
        if rides:  # goals of this floor come first, the others wait for theirs
            goals = (*goals, rides[0].goal)
            self._waiting += [ride.then for ride in rides if not ride.ends_there]
        first = len(self.goals)
        taken = tuple(replace(goal, index=first + k) for k, goal in enumerate(goals))
        self._queue.extend(taken)
        text = ", then ".join(describe(goal) for goal in goals)
        text = rides[0].text if rides else f"I will {text}."
        return Reply(accepted=True, text=text, goals=taken)

    def _tell_of(self, goals: tuple[Goal, ...], state: MapState | None) -> Reply:
        """Answer the questions among goals; take the others."""
        if state is None:
            return Reply(accepted=False, text="I have no map yet. Ask me in a moment.")
        rest = tuple(goal for goal in goals if goal.action != TELL)
        taken = self._accept(rest, state) if rest else Reply(accepted=True, text="")
        memory = Memory(self._t, state, self._pose, self._before, fields=self._fields)
        text = memory.answers([goal for goal in goals if goal.action == TELL])
        return replace(taken, text=f"{text} {taken.text}".rstrip())

    def _go_on_here(self, state: MapState) -> None:
        """Take up the goals that waited for this floor."""
        here = [g for g in self._waiting if g.floor.lower() == state.floor.lower()]
        if here:
            self._waiting = [goal for goal in self._waiting if goal not in here]
            self._queue.extend(replace(goal, floor="") for goal in here)

    def _note_place(self, said: Said, words: str) -> Reply:
        """Answer words about places; leave what has just become a keep-out area."""
        self._mended, self._open, self._open_name = "", (), None
        request, pose = said.request, self._pose
        goals: tuple[Goal, ...] = ()
        if request is not None and request.order is MapOrder.FLOOR:
            kept = [goal for goal in self.goals if not goal.ride]
            self._pursuit, self._queue = None, deque(kept)
        if request is not None and pose is not None and closes(request, pose):
            name = "" if request.area is None else request.area.name
            goals = (Goal(words=words, action="leave", room=name),)
            before = () if self._pursuit is None else (self._pursuit.goal,)
            self._pursuit = None
            self._queue.extendleft([*before, *goals])
        return Reply(
            accepted=request is not None, text=said.text, goals=goals, request=request
        )

    def _begin_again(self) -> None:
        """Another floor: what was looked at and planned was of the one before."""
        self._forget_views()
        if self._pursuit is not None and not self._pursuit.goal.ride:
            self._queue.appendleft(self._pursuit.goal)
        self._pursuit = None

    def _forget_views(self) -> None:
        """Nothing was looked at yet, and nowhere was gone from."""
        self._beginnings = Beginnings()
        self._seen = SeenGrid(self.config.search.view_m)
        self._seen_close = SeenGrid(self.config.search.close_view_m)
        seen = (self._seen, self._seen_close)
        self._search = Search(self.config, seen, self._issue, self._tell)
        self._views = Sightings()

    def _stop(self) -> Reply:
        dropped = (*self.goals, *self._waiting)
        self._waiting = []
        self.finished += [stopped(goal, self._t) for goal in dropped]
        self._queue.clear()
        self._pursuit, self._wait = None, None
        words = ", ".join(goal.words for goal in dropped)
        self._tell("stopped", f"stopped; dropped: {words or 'nothing'}")
        return Reply(accepted=True, text="I stop.")

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
        if not self._open or is_question(words):
            return None
        goals, sure = answered(words, self._open, state, self.config)
        if not goals:
            return None
        self._open = ()
        return self._accept(goals, state, ask=not sure)

    def _issue(self, kind: SubGoalKind, **fields: Any) -> SubGoal:
        self._id += 1
        return SubGoal(id=self._id, kind=kind, **fields)

    def _tell(self, kind: str, text: str, data: dict[str, Any] | None = None) -> None:
        t, of, data = self._t, "executive", data or {}
        self._events.append(Event(stamp=t, source=of, kind=kind, text=text, data=data))
