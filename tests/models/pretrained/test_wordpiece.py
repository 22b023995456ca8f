"""Word pieces: a small vocabulary by hand, and the real one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained import WordPieces
from neural_brain.models.pretrained.files import TOKENS

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "arm",
    "##chair",
    "chair",
    "a",
    "-",
    "cafe",
]
SMALL = json.dumps({"model": {"vocab": {piece: k for k, piece in enumerate(PIECES)}}})


def pieces(text: str) -> list[str]:
    return [PIECES[k] for k in WordPieces(SMALL.encode()).encode(text)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("armchair", ["arm", "##chair"]),
        ("Arm Chair", ["arm", "chair"]),
        ("café", ["cafe"]),
        ("a-chair", ["a", "-", "chair"]),
        ("sofa", ["[UNK]"]),
        ("armsofa", ["[UNK]"]),
        ("arm\x00\tchair", ["arm", "chair"]),
        ("arm" * 50, ["[UNK]"]),
        ("", []),
    ],
)
def test_longest_pieces_first(text, expected) -> None:
    assert pieces(text) == ["[CLS]", *expected, "[SEP]"]


@given(st.text())
def test_any_text_is_encoded_within_the_limit(text) -> None:
    ids = WordPieces(SMALL.encode()).encode(text, longest=16)
    assert 2 <= len(ids) <= 16
    assert (ids[0], ids[-1]) == (2, 3)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"model": {"vocab": {}}}', b"\xff", b'{"model": 1}'],
)
def test_another_file_is_refused(content) -> None:
    with pytest.raises(ModelFileError, match="--again"):
        WordPieces(content)


def test_the_real_vocabulary_splits_as_its_own_tokenizer_does(tokens) -> None:
    """Numbers from the package `tokenizers` 0.23.3, with the same file."""
    real = WordPieces(TOKENS.read())
    expected = {
        "place to sit DOWN!": [101, 2173, 2000, 4133, 2091, 999, 102],
        "telly": [101, 2425, 2100, 102],
        "naïve café": [101, 15743, 7668, 102],
        "granny smith's $5": [101, 19794, 3044, 1005, 1055, 1002, 1019, 102],
    }
    assert {text: real.encode(text) for text in expected} == expected
