"""Word pieces: text to the numbers that BERT-like networks read.

Lower case without accents, split at spaces and punctuation, then greedily into the
longest known pieces (Devlin et al. 2019; Wu et al. 2016, section 4.1).
"""

from __future__ import annotations

import json
import unicodedata

from neural_brain.models.errors import ModelFileError

_LONGEST_WORD = 100
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"


class WordPieces:
    """A vocabulary of word pieces.

    Args:
        tokenizer: content of a `tokenizer.json` (Hugging Face) of kind WordPiece.

    Raises:
        ModelFileError: if it is something else.
    """

    def __init__(self, tokenizer: bytes) -> None:
        try:
            vocabulary = json.loads(tokenizer)["model"]["vocab"]
            self._ids = {str(piece): int(k) for piece, k in vocabulary.items()}
            special = (_START, _END, _UNKNOWN)
            self._start, self._end, self._unknown = (self._ids[s] for s in special)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFileError(
                f"The tokenizer file has no vocabulary of word pieces ({error!r}). "
                "Type `neural-brain assets fetch perception --again`."
            ) from error

    def encode(self, text: str, longest: int = 64) -> list[int]:
        """Piece numbers with start and end mark, `longest` at most."""
        found = [k for word in words(text) for k in self._pieces(word)]
        return [self._start, *found[: longest - 2], self._end]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        found, begin = [], 0
        while begin < len(word):
            for end in range(len(word), begin, -1):
                piece = ("##" if begin else "") + word[begin:end]
                if piece in self._ids:
                    found.append(self._ids[piece])
                    begin = end
                    break
            else:
                return [self._unknown]
        return found


def words(text: str) -> list[str]:
    """Lower-case words and single punctuation marks; Chinese characters one by one."""
    plain = unicodedata.normalize("NFD", text.lower())
    spaced = []
    for char in plain:
        kind = unicodedata.category(char)
        if kind == "Mn" or (kind[0] == "C" and char not in "\t\n\r"):
            continue
        alone = _is_mark(char, kind) or 0x4E00 <= ord(char) <= 0x9FFF
        spaced.append(f" {char} " if alone else char)
    return "".join(spaced).split()


def _is_mark(char: str, kind: str) -> bool:
    """Punctuation, and all ASCII signs that are neither letter nor digit."""
    return kind[0] == "P" or (char.isascii() and char.isprintable()
                              and not char.isalnum() and char != " ")  # fmt: skip
