"""Where in a sentence a name is guessed, and where it must not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.executive import understand

SURE = {
    "recliner": {"chair": 0.95},
    "place to sit down": {"chair": 0.9},
    "something to sit on": {"chair": 0.9},
    "thing to put flowers in": {"vase": 0.9, "plant": 0.3},
    "shiny mug": {"mug": 0.95},
    "beach ball": {"ball": 0.95},
    "ottoman": {"cushion": 0.9},
    "grab": {"box": 0.95},
    "drop": {"box": 0.95},
    "hold": {"box": 0.95},
    "quickly": {"box": 0.95},
    "toilet brush": {"toilet": 0.95},
    "mug quickly": {"mug": 0.95},
    "tablet": {"laptop": 0.9},
    "long yellow fruit": {"banana": 0.9},
}


@pytest.fixture
def meanings(toy_meanings):
    return toy_meanings(SURE)


@pytest.mark.parametrize(
    "words, expected",
    [
        ("press the recliner", "press the chair"),
        ("find the place to sit down", "find the chair"),
        ("find something to sit on near the table", "find the chair near the table"),
        ("go to the thing to put flowers in", "go to the vase"),
        ("press the red recliner in the hall", "press the red chair in the hall"),
        ("press the shiny red mug", ""),  # "shiny red mug" is not in the toy
        ("press the shiny mug", "press the mug"),
        ("push the beach ball", "push the ball"),
        ("press the mug near the recliner", "press the mug near the chair"),
        (
            "find the recliner, then press the ottoman",
            "find the chair|press the cushion",
        ),
        ("find the recliner and the ottoman", "find the chair|find the cushion"),
        ("find the recliner please", "find the chair"),
        ("recliner", "find the chair"),
        ("find the long yellow fruit", "find the yellow banana"),
    ],
)
def test_names_are_taken(meanings, words, expected) -> None:
    meant = understand(words, meanings)
    assert "|".join(goal.words for goal in meant.goals) == expected
    assert bool(meant.taken) == bool(expected)


@pytest.mark.parametrize(
    "words",
    [
        "grab the mug",
        "quickly press the mug",
        "press and hold the mug",
        "find the mug and drop the vase",
        "press the mug quickly",
        "press the toilet brush",
        "do not press the recliner",
        "don't press the recliner",
        "press the recliner without the vase",
        "press everything but the recliner",
        "press the recliner or the ottoman",
        "press the second recliner",
        "never go to the recliner",
    ],
)
def test_what_forbids_counts_or_does_is_never_guessed_at(meanings, words) -> None:
    meant = understand(words, meanings)
    assert meant.goals == () and meant.taken == ()
    assert meant.question


def test_a_likely_slip_of_the_pen_is_asked_about_first(meanings) -> None:
    meant = understand("press the tablet", meanings)  # table, or laptop?
    assert meant.goals == ()
    assert meant.doubt is not None
    assert meant.doubt.candidates == ("table", "laptop")
    assert "the table or the laptop?" in meant.question


def test_a_settled_name_is_not_asked_again(toy_meanings) -> None:
    meanings = toy_meanings({"gizmo": {"clock": 0.6}})
    assert understand("press the gizmo", meanings).goals == ()
    meant = understand("press the gizmo", meanings, settled={"gizmo": "kettle"})
    assert meant.goals[0].words == "press the kettle"


def test_a_flood_of_names_is_not_guessed_at(meanings) -> None:
    assert len(understand("find " + "recliner, " * 8, meanings).taken) == 8
    assert understand("find " + "recliner, " * 9, meanings).taken == ()


def test_known_sentences_do_not_ask_the_meanings(toy_meanings) -> None:
    def never(phrase):
        raise AssertionError(phrase)

    meanings = toy_meanings({})
    meanings._vector = never
    assert understand("press the red mug near the sofa", meanings).goals


@given(st.text(max_size=80))
def test_any_text_gives_goals_or_a_question(words) -> None:
    meanings = test_any_text_gives_goals_or_a_question.meanings
    meant = understand(words, meanings)
    assert bool(meant.goals) != bool(meant.question)


@pytest.fixture(autouse=True)
def _shared(meanings):
    test_any_text_gives_goals_or_a_question.meanings = meanings


WORDS = st.sampled_from(
    ["press", "find", "go to", "the", "a", "recliner", "ottoman", "mug", "red", "near",
     "in", "on", "kitchen", "and", "then", ",", "please", "you", "to", "xyz", "toilet"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=10))
def test_words_in_any_order_never_break_it(words) -> None:
    meanings = test_any_text_gives_goals_or_a_question.meanings
    meant = understand(" ".join(words), meanings)
    assert bool(meant.goals) != bool(meant.question)
    for said, name in meant.taken:
        assert said and name
