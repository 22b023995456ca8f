"""What a name means that the lexicon does not have: the nearest known thing.

"telly" is near "television": the cosine of their vectors is high, and much higher than
that of any other thing. Where the best is not good enough, or another thing is nearly
as good, nothing is guessed and the best candidates are asked back. A threshold alone
does not tell right from wrong, the margin does; both were chosen on names that the
benchmark `words` does not contain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.config import param, validate
from neural_brain.models.executive.lexicon import CATEGORY, PHRASES
from neural_brain.models.pretrained.sentences import SentenceNet, missing

Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class MeaningConfig:
    """When a name outside the lexicon is taken to mean a known thing."""

    use: str = param(
        "auto",
        "the network of word meanings: if it is there, always, or never",
        choices=("auto", "always", "never"),
    )
    sure_similarity: float = param(0.74, "cosine to be sure of", low=0.0, high=1.0)
    margin: float = param(0.16, "lead over the next thing", low=0.0, high=1.0)
    asked_similarity: float = param(0.4, "cosine to ask about", low=0.0, high=1.0)
    candidates: int = param(3, "things asked about at most", low=1, high=10)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a phrase may mean.

    Attributes:
        name: the category that it surely means, "" if that is not clear.
        candidates: categories to ask about, best first; may be empty.
    """

    name: str = ""
    candidates: tuple[str, ...] = ()


class Meanings:
    """The nearest known things to a phrase.

    Args:
        vector: gives the meaning (n,) of a phrase, length 1.
        config: when to be sure.
    """

    def __init__(
        self, vector: Callable[[str], Float32], config: MeaningConfig | None = None
    ) -> None:
        self.config = config or MeaningConfig()
        self._vector = vector
        known = [
            (" ".join(words), CATEGORIES.index(name))
            for words, (kind, name) in PHRASES.items()
            if kind == CATEGORY
        ]
        self._labels = np.array([label for _, label in known])
        self._anchors = np.stack([vector(phrase) for phrase, _ in known])

    def scores(self, phrase: str) -> Float32:
        """Cosine (36,) of a phrase with the nearest name of each known thing."""
        cosines = self._anchors @ self._vector(phrase)
        best = np.full(len(CATEGORIES), -1.0, np.float32)
        np.maximum.at(best, self._labels, cosines)
        return best[1:]

    def guess(self, phrase: str) -> Guess:
        """What a phrase means, or what to ask about."""
        scores = self.scores(phrase)
        order = np.argsort(-scores, kind="stable")
        names = [CATEGORIES[k + 1] for k in order]
        first, second = scores[order[:2]]
        if (
            first >= self.config.sure_similarity
            and first - second >= self.config.margin
        ):
            return Guess(name=names[0], candidates=(names[0],))
        worth = [
            name
            for name, k in zip(names, order, strict=True)
            if scores[k] >= self.config.asked_similarity
        ]
        return Guess(candidates=tuple(worth[: self.config.candidates]))


def hint(config: MeaningConfig) -> str:
    """What to tell somebody whose words were not known; "" where all is there."""
    absent = missing() if config.use == "auto" else ""
    return f" (With {absent} I guess what unknown names mean.)" if absent else ""


def load_meanings(config: MeaningConfig) -> Meanings | None:
    """The meanings of words, or None where they are switched off or not installed.

    Raises:
        ModelFileError: if they must be there (`use` = "always") and are not, or if a
            file is damaged.
    """
    if config.use == "never" or (config.use == "auto" and missing()):
        return None
    return _load(config)


@lru_cache(maxsize=2)
def _load(config: MeaningConfig) -> Meanings:
    return Meanings(_network().vector, config)


@lru_cache(maxsize=1)
def _network() -> SentenceNet:
    return SentenceNet()
