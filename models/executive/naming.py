"""Finds names in a sentence that the lexicon lacks, and what they may mean.

Only names are guessed, never actions: a name follows an action ("press the ..."), a
relation ("near the ...") or stands alone. A sentence that forbids, orders or counts
("not", "without", "the second one") is never guessed at, for what is not understood
there would be left out of the goal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from neural_brain.models.executive.lexicon import (
    ACTION,
    AND,
    CATEGORY,
    COLOUR,
    FILL,
    INSIDE,
    NEAR,
    PHRASES,
    ROOM,
    THEN,
    WHICH,
)
from neural_brain.models.executive.meaning import Meanings
from neural_brain.models.executive.tokens import BREAK, UNKNOWN, Token, nearest_word

GUARD = frozenset(
    """
    not no don't dont never without but except avoid nothing none instead unless if
    until only when while or either neither nor cannot can't won't doesn't isn't before
    after anything another other others same second third fourth fifth last left right
    both two three four five every each all biggest largest smallest nearest closest
    farthest furthest tallest most least more less away
    """.split()
)
"""Words that change what a sentence asks for; no meaning is guessed beside them."""
SLIP = 0.8
"""Likeness of letters from which a name may be a misspelt one."""
MOST_NAMES = 8
"""Unknown names in one sentence; with more, nothing is guessed (and no time lost)."""
_ARTICLES = frozenset(["a", "an", "the", "my", "our", "your", "this", "that"])
_POLITE = frozenset(
    ["please", "kindly", "now", "thank", "thanks", "you", "robot", "ok", "okay",
     "again", "there", "here", "for", "me", "us"]
)  # fmt: skip
_ENDS = (BREAK, THEN, AND, ACTION)
_NAMED = (CATEGORY, ROOM, UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A name of unclear meaning, and the things to ask about (may be none)."""

    words: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Named:
    """A sentence after guessing.

    Attributes:
        tokens: with the names that are clear replaced by known things.
        taken: what was taken to mean what, (words, category).
        doubts: names that are not clear; their tokens stay unknown.
    """

    tokens: list[Token]
    taken: tuple[tuple[str, str], ...] = ()
    doubts: tuple[Doubt, ...] = ()


def name_things(
    tokens: list[Token], meanings: Meanings, settled: dict[str, str]
) -> Named:
    """Replace unknown names by the known things that they mean.

    Args:
        tokens: the sentence.
        meanings: guesses.
        settled: category by words, as the person has said.
    """
    unknown = [t.words for t in tokens if t.kind == UNKNOWN]
    if not unknown or not GUARD.isdisjoint(unknown):
        return Named(tokens=tokens)
    done: list[Token] = []
    taken: list[tuple[str, str]] = []
    doubts: list[Doubt] = []
    at = 0
    while at < len(tokens):
        span = _span(tokens, at)
        if span is None:
            done.append(tokens[at])
            at += 1
            continue
        if len(taken) + len(doubts) == MOST_NAMES:
            return Named(tokens=tokens)
        inside = tokens[at:span]
        words = " ".join(token.words for token in inside)
        name, candidates = _meaning(words, inside, meanings, settled)
        if name:
            taken.append((words, name))
            done += [t for t in inside if t.kind == COLOUR]
            done.append(Token(kind=CATEGORY, name=name, words=words))
        else:
            doubts.append(Doubt(words=words, candidates=candidates))
            done += [replace(t, kind=UNKNOWN) for t in inside if t.kind in _NAMED]
        at = span
    return Named(tokens=done, taken=tuple(taken), doubts=tuple(doubts))


def _meaning(
    words: str, inside: list[Token], meanings: Meanings, settled: dict[str, str]
) -> tuple[str, tuple[str, ...]]:
    """The category that a name means or "", and what to ask about."""
    if words in settled:
        return settled[words], ()
    guess = meanings.guess(words)
    slip = _misspelt(words)
    # "toilet brush" is no toilet, and "mug quickly" says more than "mug".
    begun = inside[0].name if inside[0].kind == CATEGORY else ""
    if guess.name and guess.name != begun and slip in ("", guess.name):
        return guess.name, ()
    # "soup dish": a known last word is worth asking about, whatever the meaning says.
    head = inside[-1].name if inside[-1].kind == CATEGORY else ""
    asked = [name for name in (slip, head, *guess.candidates) if name]
    return "", tuple(dict.fromkeys(asked))


def _misspelt(words: str) -> str:
    """The thing whose one-word name differs by a slip of the pen; "" if none does."""
    near = nearest_word(words, cutoff=SLIP)
    kind, name = PHRASES.get((near,), ("", ""))
    return name if kind == CATEGORY else ""


def _span(tokens: list[Token], begin: int) -> int | None:
    """Where the name ends that begins at `begin`; None if no unknown name does."""
    if tokens[begin].kind not in (UNKNOWN, CATEGORY, ROOM):
        return None
    end = begin + 1
    for k in range(begin + 1, len(tokens)):
        kind = tokens[k].kind
        if kind in _ENDS or _new_thing(tokens, begin, k):
            break
        if kind != FILL or tokens[k].words not in _POLITE:
            end = k + 1
        elif not _goes_on(tokens, k):
            break
    while tokens[end - 1].words in _ARTICLES:
        end -= 1
    inside = tokens[begin:end]
    if not any(token.kind == UNKNOWN for token in inside):
        return None
    if tokens[begin].kind != UNKNOWN and inside[1].kind not in _NAMED:
        return None  # "the mug to fetch": the name is the known word
    return None if _is_verb(tokens, begin, end) else end


def _new_thing(tokens: list[Token], begin: int, k: int) -> bool:
    """Whether another thing begins at k: after a relation, or with an article."""
    rest = [t for t in tokens[k + 1 :] if t.kind not in (FILL, WHICH)]
    ahead = rest[0].kind if rest else BREAK
    if tokens[k].kind in (NEAR, INSIDE):
        return ahead in (CATEGORY, ROOM, COLOUR, UNKNOWN)
    article = tokens[k].kind == FILL and tokens[k].words in _ARTICLES
    return article and ahead in (CATEGORY, COLOUR) and k > begin


def _goes_on(tokens: list[Token], k: int) -> bool:
    """Whether a name still has words behind a polite one: "thing you sit on"."""
    for token in tokens[k + 1 :]:
        if token.kind in (*_ENDS, NEAR, INSIDE):
            return False
        if token.kind != FILL:
            return True
    return False


def _is_verb(tokens: list[Token], begin: int, end: int) -> bool:
    """Whether the unknown words are rather something to do: "grab the mug".

    So it is where no action or relation goes before and a thing follows, with or
    without its article; and where an article or an action follows at once.
    """
    after = tokens[end] if end < len(tokens) else None
    if after is not None and (after.words in _ARTICLES or after.kind == ACTION):
        return True
    start = begin
    while start > 0 and tokens[start - 1].kind not in (BREAK, THEN, AND):
        start -= 1
    if any(t.kind in (ACTION, NEAR, INSIDE) for t in tokens[start:begin]):
        return False
    things = any(t.kind == CATEGORY for t in tokens[begin:end])
    articles = any(t.words in _ARTICLES for t in tokens[begin:end])
    return things or articles
