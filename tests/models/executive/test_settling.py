"""A conversation about a name: asked, answered, taken; and explained."""

import pytest

from neural_brain.models.executive import Executive, ExecutiveConfig, MeaningConfig


@pytest.fixture
def executive(toy_meanings):
    meanings = toy_meanings(
        {
            "recliner": {"chair": 0.95},
            "gizmo": {"clock": 0.6, "kettle": 0.55},
            "doohickey": {"lamp": 0.6},
        }
    )
    return Executive(ExecutiveConfig(), meanings)


def said(executive, *lines):
    return [executive.say(line, 0.0, None) for line in lines][-1]


def test_what_was_taken_is_told(executive) -> None:
    reply = said(executive, "press the recliner")
    assert reply.accepted
    assert reply.text == "I took 'recliner' to mean chair. I will press the chair."
    (event,) = [e for e in executive.pop_events() if e.kind == "meaning"]
    assert event.data == {"words": "recliner", "category": "chair"}


@pytest.mark.parametrize("answer", ["the kettle", "kettle, please!", "Kettle"])
def test_the_answer_keeps_the_rest_of_the_sentence(executive, answer) -> None:
    asked = said(executive, "press the red gizmo in the kitchen")
    assert not asked.accepted
    assert asked.text == "I do not know 'gizmo'. Do you mean the clock or the kettle?"
    reply = said(executive, answer)
    assert reply.accepted and reply.text.startswith("I will press the red kettle in")


def test_a_thing_that_was_not_named_is_an_answer_too(executive) -> None:
    assert said(executive, "press the gizmo", "sofa").goals[0].words == "press the sofa"


def test_yes_is_an_answer_where_one_thing_was_asked_about(executive) -> None:
    goals = said(executive, "press the doohickey", "yes please").goals
    assert [goal.words for goal in goals] == ["press the lamp"]
    assert not said(executive, "press the gizmo", "yes").accepted


def test_two_names_are_asked_about_one_after_the_other(executive) -> None:
    reply = said(executive, "find the gizmo, then press the doohickey", "the clock")
    assert not reply.accepted and "'doohickey'" in reply.text
    reply = said(executive, "yes")
    assert [goal.words for goal in reply.goals] == ["find the clock", "press the lamp"]


def test_something_else_instead_of_an_answer_is_a_new_sentence(executive) -> None:
    reply = said(executive, "press the gizmo", "go to the kitchen")
    assert [goal.words for goal in reply.goals] == ["go to the kitchen"]
    assert said(executive, "the kettle").goals[0].words == "find the kettle"


def test_stop_stops_also_in_the_middle_of_a_question(executive) -> None:
    assert said(executive, "press the gizmo", "stop").text == "I stop."


def test_without_the_network_it_is_as_ever_with_a_hint(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    reply = Executive().say("press the xylophone", 0.0, None)
    off = ExecutiveConfig(meaning=MeaningConfig(use="never"))
    plain = Executive(off).say("press the xylophone", 0.0, None)
    assert not reply.accepted and not plain.accepted
    assert reply.text.startswith(plain.text)
    assert "assets fetch perception" in reply.text.removeprefix(plain.text)
    assert "assets" not in plain.text
    slip = Executive().say("press the muug", 0.0, None)
    assert "assets" not in slip.text
