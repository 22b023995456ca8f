"""The benchmark of free names: its lists, its scoring, and whether it can fail."""

import numpy as np
import pytest

from neural_brain.benchmarks.result import RESULTS
from neural_brain.benchmarks.words import (
    NAMES,
    Answer,
    by_letters,
    judge,
    read_names,
    summarise,
    understood,
)
from neural_brain.models.categories import CATEGORIES
from neural_brain.models.executive import MeaningConfig, load_meanings
from neural_brain.models.pretrained import missing


def names(which):
    return read_names(NAMES / f"{which}.yaml")


def test_the_two_lists_have_no_name_in_common_and_cover_all_things() -> None:
    held_out, tuning = names("held_out"), names("tuning")
    assert not {n for n, _ in held_out} & {n for n, _ in tuning}
    for which, each in ((held_out, 3), (tuning, 2)):
        words = [name for name, _ in which]
        assert len(set(words)) == len(words)
        truths = [truth for _, truth in which]
        assert {t for t in truths if t} == set(CATEGORIES[1:])
        assert all(truths.count(name) == each for name in CATEGORIES[1:])
    assert sum(truth == "" for _, truth in held_out) == 60


def test_scoring_tells_right_asked_and_wrong_apart() -> None:
    def answer(truth, taken, *named):
        return Answer(words="x", truth=truth, taken=taken, named=named)

    answers = [
        answer("mug", "mug"),
        answer("mug", "", "bowl", "mug"),
        answer("mug", "", "bowl"),
        answer("mug", "bowl"),
        answer("", ""),
        answer("", "mug"),
    ]
    keys = ("meaning", "lexicon", "difflib", "no margin")
    rows = summarise(dict.fromkeys(keys, answers))
    assert [row.value for row in rows] == pytest.approx([0.25, 0.5, 0.25, 0.5, 1 / 3])
    assert [row.n for row in rows] == [4, 4, 4, 2, 6]
    assert rows[0].baseline["difflib"] == 0.25


def test_the_lexicon_alone_takes_nothing_wrongly_of_unknown_things() -> None:
    unknown = [(name, truth) for name, truth in names("held_out") if not truth]
    answers = judge(unknown, lambda words: understood(words, None))
    assert not any(a.wrong for a in answers)


def test_letters_alone_confuse_things() -> None:
    assert by_letters("bookstand")[0] != "" and by_letters("qqq") == ("", ())


def test_meaning_is_safer_than_letters_on_the_tuning_names() -> None:
    if missing():
        pytest.skip(f"needs {missing()}")
    meanings = load_meanings(MeaningConfig())
    answers = judge(names("tuning"), lambda words: understood(words, meanings))
    letters = judge(names("tuning"), by_letters)
    assert np.mean([a.wrong for a in answers]) < 0.05
    assert np.mean([a.wrong for a in letters]) > 0.2
    known = [a for a in answers if a.truth]
    assert np.mean([a.right for a in known]) > 0.3
    assert (RESULTS / "words.json").exists()
