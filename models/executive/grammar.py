"""Goals in words: a phrase grammar that works without any model behind it.

A sentence is split into clauses ("find the laptop, then press the kettle"); a clause
is an action, a thing with colour, and where: in a room, near another thing. Words
that are not known are asked back, with the nearest known word; with the meanings of
words at hand, a name may also be taken for the known thing that it surely means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile

from neural_brain.models.categories import (
    CATEGORIES,
    COLOURLESS,
    COLOURS,
    ROOM_TYPES,
)
from neural_brain.models.errors import GoalError
from neural_brain.models.executive.choosing import chosen
from neural_brain.models.executive.directions import toward_words
from neural_brain.models.executive.going_to import facing_goal, pose_in_words
from neural_brain.models.executive.lexicon import (
    ACTION,
    AND,
    CATEGORY,
    CHOOSING,
    COLOUR,
    FILL,
    FLOOR,
    INSIDE,
    LAST,
    NEAR,
    ROOM,
    SIDE,
    TELL,
    THEN,
    TOWARD,
    WHICH,
    YESTERDAY,
)
from neural_brain.models.executive.meaning import Meanings
from neural_brain.models.executive.naming import Doubt, name_things
from neural_brain.models.executive.places_known import floor_words, the
from neural_brain.models.executive.tokens import (
    BREAK,
    UNKNOWN,
    Phrases,
    Token,
    nearest_word,
    tokenise,
)
from neural_brain.models.signals import Goal

MAX_CHARS = 500
MAX_GOALS = 20
ALONE = ("explore", "stop", "back")
"""Actions that need no thing and no room."""
CLEAR_SLIP = 0.85
"""Likeness of letters from which an unknown word is most likely a misspelt one."""


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What a sentence means.

    Attributes:
        goals: in order; empty when it was not understood.
        question: what to ask back, "" when all is clear.
        suggestion: the sentence with unknown words mended, "" if none.
        taken: names outside the lexicon and the things they were taken to mean.
        doubt: the name that `question` is about, if it is about one.
        lost: words are unknown that are hardly misspelt ones.
    """

    goals: tuple[Goal, ...] = ()
    question: str = ""
    suggestion: str = ""
    taken: tuple[tuple[str, str], ...] = ()
    doubt: Doubt | None = None
    lost: bool = False


def understand(
    sentence: str,
    meanings: Meanings | None = None,
    *,
    settled: dict[str, str] | None = None,
    places: Phrases | None = None,
) -> Understanding:
    """Read a sentence; never raises.

    Args:
        sentence: any text.
        meanings: guesses what names outside the lexicon mean; None = nothing does.
        settled: what names mean, as the person has said: category by words.
        places: kind and name by words, of places that people have named.
    """
    if len(sentence) > MAX_CHARS:
        return Understanding(
            question=f"That is {len(sentence)} characters long; I read up to "
            f"{MAX_CHARS}. Say it shorter."
        )
    try:
        pose = pose_in_words(sentence)
    except GoalError as error:
        return Understanding(question=str(error))
    if pose is not None:
        return Understanding(goals=(pose,))
    tokens = tokenise(sentence, places)
    taken: tuple[tuple[str, str], ...] = ()
    if meanings is not None:
        named = name_things(tokens, meanings, settled or {})
        tokens, taken = named.tokens, named.taken
        unclear = next((doubt for doubt in named.doubts if doubt.candidates), None)
        if unclear is not None:
            return _ask_meaning(unclear)
    unknown = [token for token in tokens if token.kind == UNKNOWN]
    if unknown:
        return _ask_unknown(sentence, unknown)
    if not any(t.kind in (ACTION, CATEGORY, COLOUR, ROOM, FLOOR) for t in tokens):
        return Understanding(question=f"What shall I do? {examples()}")
    return replace(_goals(tokens), taken=taken)


def attributes(sentence: str, places: Phrases | None = None) -> tuple[str, str]:
    """Colour and room that an answer names, each "" when it does not."""
    tokens = tokenise(sentence[:MAX_CHARS], places)
    colour = next((t.name for t in tokens if t.kind == COLOUR), "")
    room = next((t.name for t in tokens if t.kind == ROOM), "")
    return colour, room


def examples() -> str:
    """What can be said, as one sentence."""
    return (
        'I know, for example: "press the red mug", "push the ball in the kitchen", '
        '"go to the kitchen", "find the laptop, then press the nearest kettle", '
        '"press the mug left of the sink", "find the chair at 3 o\'clock", '
        '"go where you last saw the ball", "go back", "go to 1.5, -2", "explore", '
        '"stop".'
    )


_SEEN = {LAST: ["where you last saw"], YESTERDAY: ["where you saw"]}
_ASKED = {LAST: "where did you last see", YESTERDAY: "where did you see"}


def describe(goal: Goal) -> str:
    """A goal in plain words: "press the red mug in the kitchen near the sink"."""
    if goal.action == "back":
        return "go back"
    if goal.pose_map is not None:
        return goal.words
    if goal.action in ALONE:
        where = f" the {floor_words(goal.floor)}" if goal.floor else ""
        return goal.action + where
    asks = goal.action == TELL
    thing = " ".join(word for word in (goal.colour, goal.category) if word)
    words = [_ASKED.get(goal.which, "where is") if asks else goal.action]
    if goal.action == "go":
        words.append("to")
    if thing:
        words += [] if asks else _SEEN.get(goal.which, [])
        which = f"{goal.which} " if goal.which in CHOOSING else ""
        words.append(f"the {which}{thing}")
        words += [YESTERDAY] if goal.which == YESTERDAY else []
        words += [f"in {the(goal.room)}"] if goal.room else []
    elif goal.room:
        words.append(the(goal.room))
    near = f"{goal.near_colour} {goal.near}".strip()
    words += [f"{goal.side or 'near'} the {near}"] if near else []
    words += [toward_words(goal.toward)] if goal.toward else []
    if goal.floor:
        words += [] if words == ["go", "to"] else ["on"]
        words.append(f"the {floor_words(goal.floor)}")
    return " ".join(words)


def _goals(tokens: list[Token]) -> Understanding:
    goals: list[Goal] = []
    action = ""
    for clause in _clauses(tokens):
        which, question = chosen(clause)
        parsed = question or _facing(clause) or _clause(clause, action, which)
        if isinstance(parsed, str):
            return Understanding(question=parsed)
        if parsed is None:
            continue
        action = parsed.action
        goals.append(parsed)
    if not goals:
        return Understanding(question=f"What shall I do? {examples()}")
    if len(goals) > MAX_GOALS:
        return Understanding(
            question=f"That are {len(goals)} goals; I take up to {MAX_GOALS} at once."
        )
    numbered = tuple(
        replace(goal, words=describe(goal), index=k) for k, goal in enumerate(goals)
    )
    return Understanding(goals=numbered)


_BETWEEN = (BREAK, THEN, AND)


def _clauses(tokens: list[Token]) -> list[list[Token]]:
    """Split where a new thing to do begins."""
    clauses: list[list[Token]] = [[]]
    for k, token in enumerate(tokens):
        if token.kind in (BREAK, THEN, AND):
            rest = dropwhile(lambda t: t.kind in _BETWEEN, tokens[k:])
            said = takewhile(lambda t: t.kind not in _BETWEEN, rest)
            kinds = [t.kind for t in said if t.kind != FILL]
            begins = kinds[:1] == [ACTION]
            known = any(t.kind == CATEGORY for t in clauses[-1])
            names = next((kind for kind in kinds if kind != WHICH), "")
            if begins or (known and names in (CATEGORY, COLOUR)):
                clauses.append([])
        elif token.kind != FILL:
            if token.kind == ACTION and any(t.kind == ACTION for t in clauses[-1]):
                clauses.append([])
            clauses[-1].append(token)
    return clauses


def _clause(tokens: list[Token], before: str, which: str) -> Goal | str | None:
    """One goal; a question if it is not complete; None if it is empty."""
    if not tokens:
        return None
    action = next((t.name for t in tokens if t.kind == ACTION), before)
    floor = next((t.name for t in tokens if t.kind == FLOOR), "")
    said = _thing(tokens, action or "find")
    if isinstance(said, str):
        return said
    category, room = said.category, said.room
    aimed = bool(category or room or floor)
    if action in ALONE and not (action == "back" and aimed):
        return Goal(words=action, action=action, room=room, floor=floor)
    if not category and not room:
        return _storey(action, floor) or _ask_object(action, said.colour)
    if not category and action in ("press", "push"):
        return f"What shall I {action} in {the(room)}? Name a thing."
    action = action or ("find" if category else "go")
    action = "go" if action == "back" else action  # "come back to the kitchen"
    toward = next((t.name for t in tokens if t.kind == TOWARD), "")
    return replace(said, action=action, which=which, floor=floor, toward=toward)


def _thing(tokens: list[Token], action: str) -> Goal | str:
    """A goal with a thing, its colour, and where it is; or a question."""
    category = colour = room = near = near_colour = relation = side = ""
    for token in tokens:
        if token.kind in (NEAR, INSIDE, SIDE):
            relation = token.kind
            side = token.name if token.kind == SIDE and category else side
        elif token.kind == COLOUR and category and relation in (NEAR, SIDE):
            near_colour = token.name
        elif token.kind == COLOUR:
            colour = colour or token.name
        elif token.kind == ROOM:
            room, relation = token.name, ""
        elif token.kind == CATEGORY and category and not relation:
            return (
                f"Shall I {action} the {category} or the {token.name}? "
                "Name one, or say 'then' between them."
            )
        elif token.kind == CATEGORY:
            category, near = category or token.name, token.name if category else near
            relation = ""
    if near_colour and not near:
        return f"Which {near_colour} thing is it near? Name it."
    return Goal(
        words="",
        action=action,
        category=category,
        colour="" if category in COLOURLESS else colour,
        room=room,
        near=near,
        near_colour=near_colour,
        side=side if near else "",
    )


def _facing(tokens: list[Token]) -> Goal | str | None:
    """The goal of "face north", a question if more was said; None for other words."""
    turns = [t for t in tokens if t.kind == ACTION and t.name.startswith("face ")]
    if not turns:
        return None
    if len(tokens) > 1:
        return f"Say {turns[0].words!r} for itself, or with 'then' before the rest."
    return facing_goal(turns[0].name)


def _storey(action: str, floor: str) -> Goal | None:
    """The goal of "go to the first floor", None for other words."""
    if not floor or action not in ("", "go", "back"):
        return None
    return Goal(words="", action="go", floor=floor)


def _ask_object(action: str, colour: str) -> str:
    if colour:
        return f"Which {colour} thing? I know {_things()}."
    verb = {
        "go": "Where shall I go?",
        "": "What shall I do?",
        TELL: "What do you ask for?",
    }.get(action, f"What shall I {action}?")
    return f"{verb} I know {_things()}; rooms: {', '.join(ROOM_TYPES)}."


def _ask_meaning(doubt: Doubt) -> Understanding:
    """Ask which of the candidates a name means."""
    names = [f"the {name}" for name in doubt.candidates]
    which = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return Understanding(
        question=f"I do not know {doubt.words!r}. Do you mean {which}?", doubt=doubt
    )


def _ask_unknown(sentence: str, unknown: list[Token]) -> Understanding:
    mended = sentence.lower()
    parts = []
    complete = True
    for token in dict.fromkeys(unknown):
        near = nearest_word(token.words, cutoff=0.7)
        said = f"I do not know {token.words!r}."
        if near:
            mended = _mend(mended, token.words, near)
            parts.append(f"{said} Did you mean {near!r}?")
        else:
            complete = False
            parts.append(said)
    if not complete:
        parts.append(f"I know {_things()}. Colours: {', '.join(COLOURS)}.")
        parts.append(f"Rooms: {', '.join(ROOM_TYPES)}. {examples()}")
    return Understanding(
        question=" ".join(parts),
        suggestion=mended if complete else "",
        lost=any(not nearest_word(t.words, cutoff=CLEAR_SLIP) for t in unknown),
    )


def _mend(sentence: str, word: str, near: str) -> str:
    return re.sub(rf"\b{re.escape(word)}\b", near, sentence)


def _things() -> str:
    return ", ".join(CATEGORIES[1:])
