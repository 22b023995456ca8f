import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.categories import (
    CATEGORIES,
    COLOURLESS,
    COLOURS,
    ROOM_TYPES,
)
from neural_brain.models.executive import Executive, describe, understand

PHRASES = [
    # words, action, colour, category, room, near
    ("press the red mug", "press", "red", "mug", "", ""),
    ("Press the RED mug!", "press", "red", "mug", "", ""),
    ("please touch my blue cup", "press", "blue", "mug", "", ""),
    ("push the blue ball in the kitchen", "push", "blue", "ball", "kitchen", ""),
    ("could you nudge the box", "push", "", "box", "", ""),
    ("shove the green toy car", "push", "green", "toy car", "", ""),
    ("go to the kitchen", "go", "", "", "kitchen", ""),
    ("drive to the living room", "go", "", "", "living room", ""),
    ("take me to the lounge", "go", "", "", "living room", ""),
    ("kitchen", "go", "", "", "kitchen", ""),
    ("go to the chair near the sofa", "go", "", "chair", "", "sofa"),
    ("go to the chair next to the couch", "go", "", "chair", "", "sofa"),
    ("find the laptop", "find", "", "laptop", "", ""),
    ("where is my cup?", "tell", "", "mug", "", ""),
    ("Where's the red ball?", "tell", "red", "ball", "", ""),
    ("where are the books?", "tell", "", "book", "", ""),
    ("where did you last see the ball?", "tell", "", "ball", "", ""),
    ("have you seen my blue cup in the kitchen?", "tell", "blue", "mug", "kitchen", ""),
    ("could you tell me where the kettle is", "tell", "", "kettle", "", ""),
    ("is there a lamp near the sofa?", "tell", "", "lamp", "", "sofa"),
    ("where is the kitchen?", "tell", "", "", "kitchen", ""),
    ("look for the computer in the office", "find", "", "laptop", "office", ""),
    ("find the fridge", "find", "", "fridge", "", ""),
    ("find the refrigerator in the kitchen", "find", "", "fridge", "kitchen", ""),
    ("press the mug on the table", "press", "", "mug", "", "table"),
    ("the red mug", "find", "red", "mug", "", ""),
    ("press the gray washing machine", "press", "grey", "washing machine", "", ""),
    ("tap the bookshelf", "press", "", "bookcase", "", ""),
    ("press the apples", "press", "", "apple", "", ""),
    ("find the bookshelves", "find", "", "bookcase", "", ""),
    ("explore", "explore", "", "", "", ""),
    ("look around, please", "explore", "", "", "", ""),
    ("go back", "back", "", "", "", ""),
    ("please come back", "back", "", "", "", ""),
    ("go back the way you came", "back", "", "", "", ""),
    ("return", "back", "", "", "", ""),
    ("go back to the kitchen", "go", "", "", "kitchen", ""),
    ("return to the red mug", "go", "red", "mug", "", ""),
    ("come back to the kitchen", "go", "", "", "kitchen", ""),
    ("stop", "stop", "", "", "", ""),
    ("halt now!", "stop", "", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize("words, action, colour, category, room, near", PHRASES)
def test_phrases_are_understood(words, action, colour, category, room, near):
    (goal,) = understand(words).goals
    said = (goal.action, goal.colour, goal.category, goal.room, goal.near)
    assert said == (action, colour, category, room, near)


@pytest.mark.parametrize(
    "words, expected",
    [
        ("find the laptop, then press the kettle", ["find laptop", "press kettle"]),
        ("find the laptop and press the kettle", ["find laptop", "press kettle"]),
        ("press the mug and the kettle", ["press mug", "press kettle"]),
        ("press the mug, then the kettle", ["press mug", "press kettle"]),
        ("press the mug. go to the hall", ["press mug", "go hall"]),
        ("explore then find the bed", ["explore", "find bed"]),
    ],
)
def test_lists_of_goals_keep_their_order(words, expected):
    goals = understand(words).goals
    said = [f"{g.action} {g.category or g.room}".strip() for g in goals]
    assert said == expected
    assert [g.index for g in goals] == list(range(len(goals)))


def test_every_known_name_is_understood():
    for category in CATEGORIES[1:]:
        assert understand(f"press the {category}").goals[0].category == category
    for colour in COLOURS:
        assert understand(f"press the {colour} mug").goals[0].colour == colour
    for room in ROOM_TYPES:
        assert understand(f"go to the {room}").goals[0].room == room


def test_a_typo_is_asked_back_with_the_nearest_word():
    meant = understand("press the muug")
    assert meant.goals == ()
    assert "'muug'" in meant.question
    assert "'mug'" in meant.question
    assert meant.suggestion == "press the mug"


def test_an_unknown_word_lists_what_is_known():
    question = understand("press the xylophone").question
    assert "'xylophone'" in question
    assert "kettle" in question
    assert "kitchen" in question


@pytest.mark.parametrize("words", ["", "please", "press", "press the red", "..."])
def test_incomplete_words_are_asked_back(words):
    meant = understand(words)
    assert meant.goals == ()
    assert meant.question


def test_a_press_needs_a_thing():
    assert "Name a thing" in understand("press in the kitchen").question


def test_too_long_input_is_refused():
    meant = understand("press the mug " * 100)
    assert meant.goals == ()
    assert "500" in meant.question


@given(st.text(max_size=600))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_goals_or_a_question(words):
    meant = understand(words)
    assert bool(meant.goals) != bool(meant.question)
    reply = Executive().say(words, 0.0, None)
    assert reply.text
    assert reply.accepted == bool(reply.goals) or words.strip()


SAYABLE = st.sampled_from(
    [*CATEGORIES[1:], *COLOURS, *ROOM_TYPES, "press", "go to", "find", "and", "then",
     "near", "in", "the", ",", "push", "stop", "explore", "yes", "any"]
)  # fmt: skip


@given(st.lists(SAYABLE, max_size=12))
@settings(max_examples=200, deadline=None)
def test_known_words_in_any_order_never_break_it(words):
    executive = Executive()
    for part in (" ".join(words), "yes", "the red one"):
        assert executive.say(part, 0.0, None).text


@given(
    st.sampled_from(["press", "push", "find", "go"]),
    st.sampled_from(CATEGORIES[1:]),
    st.sampled_from(["", *COLOURS]),
    st.sampled_from(["", *ROOM_TYPES]),
    st.sampled_from(["", *CATEGORIES[1:]]),
)
@settings(max_examples=200, deadline=None)
def test_a_described_goal_is_understood_as_itself(action, category, colour, room, near):
    verb = "go to" if action == "go" else action
    words = f"{verb} the {colour} {category}"
    words += f" in the {room}" if room else ""
    words += f" near the {near}" if near else ""
    (goal,) = understand(words).goals
    told = "" if category in COLOURLESS else colour
    assert (goal.category, goal.colour, goal.room, goal.near) == (
        category, told, room, near,
    )  # fmt: skip
    (again,) = understand(describe(goal)).goals
    assert again.words == goal.words


@pytest.mark.parametrize(
    "words, colours",
    [
        ("press the mug near the red book", ("", "red")),
        ("press the blue mug next to the red book", ("blue", "red")),
        ("find the blue mug left of the book", ("blue", "")),
        ("find the mug left of the grey sofa in the kitchen", ("", "grey")),
        ("press the grey tv", ("", "")),
    ],
)
def test_the_colour_of_the_thing_beside_is_its_own(words, colours):
    (goal,) = understand(words).goals
    assert (goal.colour, goal.near_colour) == colours
    (again,) = understand(describe(goal)).goals
    assert (again.near_colour, again.words) == (goal.near_colour, goal.words)


def test_a_colour_without_a_thing_beside_is_asked_about():
    meant = understand("press the mug near the red")
    assert not meant.goals and "Which red thing" in meant.question


@pytest.mark.parametrize(
    "words, action, which",
    [
        ("press the nearest mug", "press", "nearest"),
        ("go to the closest red mug", "go", "nearest"),
        ("press the biggest mug", "press", "largest"),
        ("find the smallest red mug", "find", "smallest"),
        ("press the small red mug", "press", "smallest"),
        ("where is the tiny mug", "tell", "smallest"),
        ("go to the big mug near the sink", "go", "largest"),
        ("push the huge mug in the kitchen", "push", "largest"),
        ("find a little mug", "find", "smallest"),
        ("where did you last see the mug?", "tell", "last"),
        ("go to where you saw the mug yesterday", "go", "yesterday"),
        ("find the mug you saw yesterday", "find", "yesterday"),
        ("find the mug, where you saw it yesterday", "find", "yesterday"),
        ("go where you last saw the mug", "go", "last"),
        ("find the mug", "find", ""),
    ],
)
def test_goals_say_which_of_several(words, action, which):
    (goal,) = understand(words).goals
    assert (goal.action, goal.category, goal.which) == (action, "mug", which)
    (again,) = understand(goal.words).goals
    assert again == goal


def test_a_comma_before_where_it_was_seen_begins_no_other_goal():
    goals = understand("find the mug, where you saw it last, and the kettle").goals
    assert [(goal.category, goal.which) for goal in goals] == [
        ("mug", "last"),
        ("kettle", ""),
    ]


def test_lists_may_begin_with_first_and_say_which():
    words = "first find the red mug, then the nearest ball and finally the kettle"
    goals = understand(words).goals
    assert [goal.category for goal in goals] == ["mug", "ball", "kettle"]
    assert [goal.which for goal in goals] == ["", "nearest", ""]


@pytest.mark.parametrize(
    ("words", "left_out"),
    [
        ("press the mug near the big table", "'big'"),
        ("press the mug left of the nearest table", "'nearest'"),
        ("go to the large kitchen", "'large'"),
        ("find the mug in the small kitchen", "'small'"),
        ("explore the big room", "'big'"),
        ("press the big", "'big'"),
        ("push the ball a little", "'little'"),
        ("press the nearest small mug", "'nearest' or 'small'"),
        ("go where you last saw the small mug", "'where you last saw' or 'small'"),
    ],
)
def test_a_size_that_cannot_be_heeded_is_asked_back(words, left_out):
    meant = understand(words)
    assert not meant.goals
    assert left_out in meant.question


def test_a_size_beside_an_unknown_name_belongs_to_the_other_thing():
    question = understand("press the gizmo near the big table").question
    assert question.startswith("I do not know 'gizmo'.")
