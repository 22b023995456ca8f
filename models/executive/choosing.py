"""Which of several things a clause chooses: "the nearest", "the small", "yesterday".

A size is an order: "the small mug" is the smallest one that fits. What cannot be heeded
is asked back, for a word that is left out silently makes another goal.
"""

from __future__ import annotations

from collections.abc import Sequence

from neural_brain.models.executive.lexicon import (
    CATEGORY,
    CHOOSING,
    INSIDE,
    LAST,
    NEAR,
    ROOM,
    SIDE,
    SIZES,
    WHICH,
    YESTERDAY,
)
from neural_brain.models.executive.tokens import Token


def chosen(tokens: Sequence[Token]) -> tuple[str, str]:
    """What `Goal.which` is in a clause, and what to ask back, "" if all is clear."""
    said: list[Token] = []
    thing = beside = False
    for k, token in enumerate(tokens):
        if token.kind in (NEAR, INSIDE, SIDE):
            beside = thing
        elif token.kind in (CATEGORY, ROOM):
            thing, beside = thing or token.kind == CATEGORY, False
        elif token.kind == WHICH:
            after = tokens[k + 1 :]
            question = _unclear(token, after, thing=thing, beside=beside)
            if question:
                return "", question
            said.append(token)
    sized = [token for token in said if token.name in SIZES]
    if sized and not thing:
        return "", _no_thing(sized[0])
    names = {token.name for token in said}
    if YESTERDAY in names:  # "where you saw it yesterday" says two words about one
        names.discard(LAST)
    if len(names) > 1:
        words = " or ".join(dict.fromkeys(repr(token.words) for token in said))
        return "", f"I can choose by one word only. Say {words}."
    return next(iter(names), ""), ""


def size_of(tokens: Sequence[Token]) -> str:
    """The order that an answer such as "the small one" names, "" if it names none."""
    return next((t.name for t in tokens if t.kind == WHICH and t.name in CHOOSING), "")


def _unclear(token: Token, after: Sequence[Token], *, thing: bool, beside: bool) -> str:
    """Why a word cannot be heeded where it stands, "" if it can.

    Args:
        token: the word.
        after: what follows it.
        thing: whether the thing that is wanted was named before.
        beside: whether the word tells of what that thing is near or in.
    """
    if token.name not in CHOOSING:
        return ""
    if beside:
        return (
            f"I can choose the thing that you want, not what it is near or in. Leave "
            f"{token.words!r} out."
        )
    if token.name not in SIZES:
        return ""
    named = next((t.kind for t in after if t.kind in (CATEGORY, ROOM)), "")
    if named == ROOM and not thing:
        return _no_thing(token)
    if thing and not token.words.endswith("est"):  # "push the ball a little"
        return (
            f"Say {token.words!r} before the thing that it tells of, or leave it out."
        )
    return ""


def _no_thing(token: Token) -> str:
    """What to say of a size without a thing: "explore the large kitchen"."""
    return f"I know the sizes of things only. Name one, or leave {token.words!r} out."
