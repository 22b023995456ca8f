"""Questions are answered from memory: no goal is taken and nothing moves."""

import dataclasses

import numpy as np
import pytest

from neural_brain.models.executive import Executive
from neural_brain.models.executive.answering import ago
from neural_brain.models.signals import Floor

MUG_AT, BALL_AT = (-2.4, 2.0, 0.8), (2.6, -1.9, 0.8)


@pytest.fixture
def asked(robot, flat, make_landmark):
    """A robot 200 s later that knows a red mug in the kitchen and a ball."""
    flat.things = [
        make_landmark(1, "mug", "red", MUG_AT, last_seen=20.0),
        make_landmark(2, "ball", "blue", BALL_AT, last_seen=198.0),
    ]
    robot.t = 199.5
    robot.run(1)
    return robot


def answer(robot, words):
    """The words of an answer that moves nothing."""
    before, pose = robot.executive.goals, robot.pose.copy()
    reply = robot.say(words)
    assert reply.accepted and not reply.goals and reply.request is None
    assert robot.executive.goals == before
    steps = len(robot.steps)
    robot.run(1)
    assert len(robot.steps) == steps or before
    assert np.array_equal(robot.pose, pose) or before
    return reply.text


def test_where_a_thing_is_is_told(asked):
    assert answer(asked, "where is the red mug?") == (
        "I saw the red mug 3 minutes ago in the kitchen, 3.2 m away on the left, "
        "to the north."
    )
    assert asked.executive.finished == []


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("have you seen my mug?", "I saw the red mug 3 minutes ago in the kitchen"),
        ("where did you last see the ball?", "I saw the blue ball just now in the off"),
        ("is there a ball in the office?", "I saw the blue ball just now"),
        ("where are the books?", "I have not seen a book."),
        ("where is the orange?", "Which orange thing?"),
        ("where is the green mug?", "I have not seen a green mug."),
        ("where is the kitchen?", "I am in the kitchen."),
        ("where is the office?", "The office is 5.8 m away ahead, to the east."),
        ("where is the bedroom?", "I do not know where the bedroom is."),
    ],
)
def test_questions_have_answers(asked, words, text):
    assert asked.say(words).text.startswith(text)
    assert not asked.executive.goals


def test_unknown_words_are_asked_back(asked):
    reply = asked.say("have you seen my xylophone?")
    assert not reply.accepted
    assert "'xylophone'" in reply.text
    assert "'muug'" in asked.say("where is the red muug?").text
    assert answer(asked, "yes").startswith("I saw the red mug")


def test_a_running_goal_goes_on(asked):
    asked.say("go to the office")
    step = asked.executive.step(200.0, asked.flat.state(200.0), asked.pose, None)
    goals = asked.executive.goals
    assert "red mug" in asked.say("where is the mug?").text
    assert asked.executive.goals == goals
    again = asked.executive.step(200.5, asked.flat.state(200.5), asked.pose, None)
    assert again.id == step.id
    asked.run()
    assert asked.executive.finished[-1].success


def test_a_question_leaves_open_what_the_robot_asked(asked, make_landmark):
    asked.flat.things.append(make_landmark(3, "mug", "blue", (2.4, -1.9, 0.8)))
    assert asked.say("press the mug").text.startswith("Which one")
    assert answer(asked, "where is the red mug?").startswith("I saw the red mug")
    assert answer(asked, "where is the nearest mug?").startswith("I saw the red mug")
    (goal,) = asked.say("the blue one").goals
    assert (goal.action, goal.colour) == ("press", "blue")


def test_of_several_things_the_first_are_told(asked, make_landmark):
    for k in range(4, 9):
        asked.flat.things.append(make_landmark(k, "book", "red", (0.5 * k, 1.0, 0.5)))
    text = answer(asked, "where are the books?")
    assert text.startswith("I know 5 such things. I saw the red book 3 minutes ago")
    assert text.count("I saw") == 3


def test_what_is_gone_is_told_as_gone(asked):
    mug = dataclasses.replace(asked.flat.things.pop(0), id=-1, confidence=1.0)
    asked.flat.former = (mug,)
    for words in ("where is the red mug?", "where did you last see the red mug?"):
        text = answer(asked, words)
        assert text.startswith("I saw the red mug 3 minutes ago in the kitchen")
        assert text.endswith("; it is not there any more.")


def test_what_only_resembles_it_is_told_as_such(asked):
    text = answer(asked, "have you seen the orange mug?")
    assert text.startswith(
        "I have not seen an orange mug. The likeliest is the red mug that I saw 3 min"
    )


def test_things_of_other_floors_are_remembered(asked):
    state = dataclasses.replace(
        asked.flat.state(200.0),
        floor="ground",
        other_floors=(Floor(name="first", rooms=("bedroom",), things=("pink vase",)),),
    )
    for words in ("where is the vase?", "where is the vase on the first floor?"):
        reply = asked.executive.say(words, 200.0, state)
        assert reply.text == "I remember a vase on the first floor."
    reply = asked.executive.say("where is the bedroom?", 200.0, state)
    assert reply.text == "I remember the bedroom on the first floor."
    assert not asked.executive.goals


def test_a_question_beside_something_to_do(asked):
    reply = asked.say("where is the mug, then go to the office")
    assert reply.text.startswith("I saw the red mug")
    assert reply.text.endswith("I will go to the office.")
    assert [goal.action for goal in reply.goals] == ["go"]


def test_without_a_map_or_lost_it_tells_what_it_can(robot, make_landmark):
    text = Executive().say("where is the mug?", 0.0, None).text
    assert text == "I have no map yet. Ask me in a moment."
    robot.flat.things = [make_landmark(1, "mug", "red", MUG_AT)]
    text = robot.say("where is the mug?").text  # it does not know where it stands
    assert text == "I saw the red mug just now in the kitchen."


@pytest.mark.parametrize(
    ("past_s", "words"),
    [
        (-1.0, "before I was started"),
        (3.0, "just now"),
        (59.0, "59 seconds ago"),
        (61.0, "1 minute ago"),
        (7300.0, "2 hours ago"),
        (1e6, "11 days ago"),
    ],
)
def test_times_in_words(past_s, words):
    assert ago(past_s) == words
