"""Answers to questions: "where is the red mug?" is told from memory; nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neural_brain.models.executive.before import EARLIER, Before
from neural_brain.models.executive.candidates import EXACT
from neural_brain.models.executive.grammar import describe as goal_words
from neural_brain.models.executive.lexicon import ACTION, CHOOSING, TELL
from neural_brain.models.executive.places_known import (
    areas_called,
    floor_words,
    rooms_called,
    the,
)
from neural_brain.models.executive.remembered import FITS, Remembered, remembered
from neural_brain.models.executive.situation import (
    FieldCache,
    landmark_words,
    room_of,
    with_article,
)
from neural_brain.models.executive.tokens import tokenise
from neural_brain.models.executive.whereabouts import known_on
from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import middle
from neural_brain.models.maps.relations import describe
from neural_brain.models.signals import Goal, MapState

MOST = 3  # things that one answer tells of
JUST_S = 10.0  # seen so long ago is "just now"
_UNITS = ((86400.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def is_question(words: str) -> bool:
    """Whether words ask for an answer and not for something to be done."""
    return any(t.kind == ACTION and t.name == TELL for t in tokenise(words))


class Memory:
    """What there is to tell from.

    Args:
        t: now [s].
        state: the map.
        pose: of the robot (3,) in `map`, None while it is not known.
        before: the map as it was when the robot was started.
        fields: costs of driving, for "the nearest", and what counts as known.
    """

    def __init__(
        self,
        t: float,
        state: MapState,
        pose: Array | None,
        before: Before,
        *,
        fields: FieldCache,
    ) -> None:
        self._t, self._state, self._before = t, state, before
        self._pose = np.zeros(3) if pose is None else pose
        self._oriented = pose is not None and state.localised
        self._fields = fields

    def answers(self, questions: Sequence[Goal]) -> str:
        """What is known of each, in words."""
        return " ".join(self._answer(question) for question in questions)

    def _answer(self, question: Goal) -> str:
        floors = self._floors(question)
        if question.floor and question.floor.lower() != self._state.floor.lower():
            return floors or f"{_never(question)}."
        if not question.category:
            return self._place(question.room) or floors or _unknown(question.room)
        found = self._things(question, self._before.recall(question, self._state))
        said = [item for item in found if item.fits == FITS[EXACT]]
        gone = replace(self._state, landmarks=self._state.former)
        said = said or [
            item
            for item in self._things(replace(question, which="last"), gone)[:1]
            if item.fits == FITS[EXACT]
        ]
        if said:
            one = question.which in (*EARLIER, *CHOOSING)
            return self._saw(said[:1] if one else said)
        if floors or not found:
            return floors or f"{_never(question)}."
        likely = landmark_words(found[0].thing)
        seen = self._when_and_where(found[0])
        return f"{_never(question)}. The likeliest is the {likely} that I saw {seen}."

    def _things(self, question: Goal, state: MapState) -> list[Remembered]:
        return remembered(
            question, state, self._pose, self._fields.config, fields=self._fields
        )

    def _saw(self, items: Sequence[Remembered]) -> str:
        first = f"I know {len(items)} such things. " if len(items) > 1 else ""
        return first + " ".join(
            f"I saw the {landmark_words(item.thing)} {self._when_and_where(item)}."
            for item in items[:MOST]
        )

    def _when_and_where(self, item: Remembered) -> str:
        room = f" in {the(item.room)}" if item.room else ""
        where = f", {item.where}" if self._oriented else ""
        gone = any(item.thing.id == old.id for old in self._state.former)
        left = "; it is not there any more" if gone else ""
        seen_s = item.thing.last_seen
        past_s = self._t - seen_s if seen_s >= 0.0 else -1.0  # as `Before` dates it
        return ago(past_s) + room + where + left

    def _place(self, name: str) -> str:
        """Where a room or another named place is, "" if that is not known here."""
        areas = areas_called(name, self._state.areas)
        rooms = rooms_called(name, self._state)
        spots = [middle(area.outline) for area in areas]
        spots = spots or [room.center for room in rooms]
        if not spots:
            return ""
        if not self._oriented:
            return f"I know {the(name)}, but I am not sure where I am."
        if room_of(self._pose[:2], self._state) == name:
            return f"I am in {the(name)}."
        spot = min(spots, key=lambda xy: float(np.hypot(*(xy - self._pose[:2]))))
        text = f"{the(name)} is {describe(self._pose, spot)}."
        return text[0].upper() + text[1:]

    def _floors(self, question: Goal) -> str:
        """On which other floors it is remembered, "" if on none."""
        floors = [
            floor_words(floor.name)
            for floor in self._state.other_floors
            if known_on(question, floor)
            and question.floor.lower() in ("", floor.name.lower())
        ]
        thing = with_article(f"{question.colour} {question.category}".strip())
        what = thing if question.category else the(question.room)
        names = " and the ".join(floors)
        return f"I remember {what} on the {names}." if floors else ""


def ago(past_s: float) -> str:
    """A time in words: "3 minutes ago"."""
    if past_s < 0.0:  # its clock began anew since
        return "before I was started"
    for unit_s, name in _UNITS:
        number = int(past_s / unit_s)
        if number >= 1 and past_s >= JUST_S:
            return f"{number} {name}{'s' if number > 1 else ''} ago"
    return "just now"


def _never(question: Goal) -> str:
    plain = goal_words(replace(question, action="find", which=""))
    return f"I have not seen {with_article(plain.removeprefix('find the '))}"


def _unknown(name: str) -> str:
    return f"I do not know where {the(name)} is."
