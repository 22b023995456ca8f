"""A name that the robot asked about, and what the person answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from neural_brain.models.executive.lexicon import CATEGORY, FILL
from neural_brain.models.executive.naming import Doubt
from neural_brain.models.executive.tokens import BREAK, tokenise

YES = ("yes", "yep", "yeah", "right", "correct", "sure", "ok", "okay")
_MAX_ANSWER = 100


@dataclass(frozen=True, kw_only=True)
class OpenName:
    """A sentence that waits for the meaning of a name in it.

    Attributes:
        sentence: as it was said.
        settled: what names in it mean, by words.
        doubt: the name that is asked about.
    """

    sentence: str
    settled: dict[str, str] = field(default_factory=dict)
    doubt: Doubt | None = None

    def about(self, doubt: Doubt) -> OpenName:
        """The same sentence, waiting for this name."""
        return replace(self, doubt=doubt)

    def answered(self, words: str) -> OpenName | None:
        """The sentence with the name settled; None if the words are no answer.

        An answer names one known thing and nothing else ("the sofa, please"), or says
        yes where only one thing was asked about.
        """
        if self.doubt is None or len(words) > _MAX_ANSWER:
            return None
        said = [w.strip(".,!?") for w in words.lower().split()]
        only = self.doubt.candidates if len(self.doubt.candidates) == 1 else ()
        tokens = [t for t in tokenise(words) if t.kind not in (FILL, BREAK)]
        if only and said and said[0] in YES and len(said) <= 3:
            name = only[0]
        elif len(tokens) == 1 and tokens[0].kind == CATEGORY:
            name = tokens[0].name
        else:
            return None
        return replace(self, settled={**self.settled, self.doubt.words: name})
