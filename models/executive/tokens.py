"""A sentence as phrases of the lexicon, the longest first."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from neural_brain.models.executive.lexicon import KNOWN_WORDS, LONGEST, PHRASES

Phrases = dict[tuple[str, ...], tuple[str, str]]
BREAK, UNKNOWN = "break", "unknown"
_TOKENS = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[,;.!?]")


@dataclass(frozen=True, kw_only=True)
class Token:
    """A phrase: its kind, canonical name and the words as said."""

    kind: str
    name: str
    words: str


def tokenise(sentence: str, places: Phrases | None = None) -> list[Token]:
    """Longest known phrases from left to right; plural forms count as singular.

    Args:
        sentence: any text.
        places: kind and name by words, of places that people have named.
    """
    words = _TOKENS.findall(sentence.lower().replace("\u2019", "'"))
    places = places or {}
    longest = max([LONGEST, *(len(phrase) for phrase in places)])
    tokens: list[Token] = []
    i = 0
    while i < len(words):
        if words[i] in ",;.!?":
            tokens.append(Token(kind=BREAK, name="", words=words[i]))
            i += 1
            continue
        for length in range(min(longest, len(words) - i), 0, -1):
            said = words[i : i + length]
            entry = places.get(tuple(said)) or _look_up(said)
            if entry is not None:
                token = Token(kind=entry[0], name=entry[1], words=" ".join(said))
                tokens.append(token)
                break
        else:
            length = 1
            tokens.append(Token(kind=UNKNOWN, name="", words=words[i]))
        i += length
    return tokens


def nearest_word(word: str, cutoff: float) -> str:
    """The known word that a word may be a misspelling of, "" if there is none.

    Args:
        word: an unknown one.
        cutoff: least likeness, 0..1 (`difflib`).
    """
    others = [known for known in KNOWN_WORDS if known != word]
    near = difflib.get_close_matches(word, others, n=1, cutoff=cutoff)
    return near[0] if near else ""


def _look_up(words: list[str]) -> tuple[str, str] | None:
    for said in (words, _singular(words)):
        entry = PHRASES.get(tuple(said))
        if entry is not None:
            return entry
    return None


def _singular(words: list[str]) -> list[str]:
    last = words[-1].removesuffix("'s")
    if last == "shelves":
        return [*words[:-1], "shelf"]
    if last.endswith("es") and last[:-2] in KNOWN_WORDS:
        return [*words[:-1], last[:-2]]
    return [*words[:-1], last.removesuffix("s")]
