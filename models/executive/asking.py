"""Asking back when things of several colours fit a goal equally, and the answer."""

from __future__ import annotations

from dataclasses import replace

from neural_brain.models.executive.candidates import choices
from neural_brain.models.executive.choosing import size_of
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.grammar import (
    ALONE,
    attributes,
    describe,
    understand,
)
from neural_brain.models.executive.lexicon import ACTION, CATEGORY
from neural_brain.models.executive.places_known import phrases, the
from neural_brain.models.executive.situation import fits_room, room_of
from neural_brain.models.executive.tokens import tokenise
from neural_brain.models.signals import Goal, MapState

NEAREST = ("nearest", "closest")
_MOST_CHARS = 100  # of an answer
ANY = ("any", "either", "whichever", "all", *NEAREST)


def which_one(goal: Goal, state: MapState | None, config: ExecutiveConfig) -> str:
    """A question, "" if the goal is clear enough."""
    if goal.action not in ("press", "push") or goal.which or state is None:
        return ""
    things = [
        thing
        for thing in choices(goal, state, config)
        if not goal.room or fits_room(thing.center_map[:2], goal.room, state) < 3
    ]
    if len({thing.colour for thing in things}) < 2:
        return ""
    known: dict[str, None] = {}
    for thing in things:
        room = room_of(thing.center_map[:2], state)
        name = f"the {thing.colour} {thing.category}".replace("  ", " ")
        known[name + (f" in {the(room)}" if room else "")] = None
    names = list(known)[:6]
    return f"Which one: {', '.join(names[:-1])} or {names[-1]}?"


def answered(
    words: str,
    goals: tuple[Goal, ...],
    state: MapState | None,
    config: ExecutiveConfig,
) -> tuple[tuple[Goal, ...], bool]:
    """What an answer makes of the goals asked about, and whether it leaves no doubt.

    No goals when the words are no answer but something new.
    """
    short = words.lower() if len(words) <= _MOST_CHARS else ""
    said = {word.strip(".,!?") for word in short.split()}
    if not said.isdisjoint(NEAREST):
        return tuple(replace(goal, which="nearest") for goal in goals), True
    if not said.isdisjoint(ANY):
        return goals, True
    size = _size(short, goals)
    if size:
        colour, room = attributes(short, phrases(state))
        return _told(goals, state, config, (colour, room, size)), True
    return that_one(words, goals, state, config), False


def that_one(
    words: str,
    goals: tuple[Goal, ...],
    state: MapState | None,
    config: ExecutiveConfig,
) -> tuple[Goal, ...]:
    """The goals that were asked about with what an answer says of them.

    Empty when the words are no answer but something new.
    """
    places = phrases(state)
    meant = understand(words, places=places)
    clear = [g for g in meant.goals if g.action in (*ALONE, "press")]
    if clear and clear[0].category != "":
        return ()
    colour, room = attributes(words, places)
    if not meant.goals and _others(words, goals):
        return ()  # "press the bowl in the big kitchen" is something new, and unclear
    if any(goal.action in ALONE for goal in meant.goals) or not (colour or room):
        return ()
    return _told(goals, state, config, (colour, room, ""))


def _size(words: str, goals: tuple[Goal, ...]) -> str:
    """The order in "the small one" or "the small mug", "" in "find the small bowl"."""
    tokens = tokenise(words)
    new = any(token.kind == ACTION for token in tokens) or _others(words, goals)
    return "" if new else size_of(tokens)


def _others(words: str, goals: tuple[Goal, ...]) -> bool:
    """Whether words name a thing that was not asked about."""
    named = {token.name for token in tokenise(words) if token.kind == CATEGORY}
    return not named <= {goal.category for goal in goals}


def _told(
    goals: tuple[Goal, ...],
    state: MapState | None,
    config: ExecutiveConfig,
    said: tuple[str, str, str],
) -> tuple[Goal, ...]:
    """Goals, those that are unclear with the colour, room and order that were said."""
    colour, room, which = said
    told = (
        replace(
            goal,
            colour=goal.colour or colour,
            room=goal.room or room,
            which=goal.which or which,
        )
        if which_one(goal, state, config)
        else goal
        for goal in goals
    )
    return tuple(replace(goal, words=describe(goal)) for goal in told)
