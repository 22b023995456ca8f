"""Candidates are those, and in the order, of a plain look at every thing."""

import dataclasses
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.executive import candidates as ours
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.maps.track import Track
from neural_brain.models.maps.tracks import Tracks, named
from neural_brain.models.sensing import LONGEST_EDGE_M
from neural_brain.models.signals import Goal
from tests.models.executive.conftest import Flat, landmark

CONFIG = ExecutiveConfig()
FIELDS = FieldCache(CONFIG)
NAMES = ("mug", "book", "sofa")
SHADES = ("red", "orange", "blue", "")
FREE, OUTSIDE = (-3.5, -1.0, 0.0), (9.0, 9.0, 1.0)
lengths = st.sampled_from((0.05, 0.1, 0.3)) | st.floats(0.01, 2.0)
weights = st.sampled_from((1.0, 3.0)) | st.floats(0.1, 20.0)


@st.composite
def tracks(draw):
    """Up to 20 things inside and around the flat, some alike."""
    found = Tracks()
    for key in range(1, draw(st.integers(0, 20)) + 1):
        where = st.sampled_from((-2.0, 0.0, 2.0)) | st.floats(-7.0, 7.0)
        found[key] = Track(
            id=key,
            center=np.array([draw(where), draw(where), 0.5]),
            covariance=np.eye(3) * 0.01,
            size=np.array([draw(lengths), draw(lengths), draw(lengths)]),
            categories=draw(
                st.dictionaries(st.sampled_from(NAMES), weights, min_size=1)
            ),
            colours=draw(st.dictionaries(st.sampled_from(SHADES), weights)),
            log_odds=draw(st.sampled_from((0.1, 3.0))),
            count=draw(st.integers(1, 40)),
            first_seen=0.0,
            last_seen=draw(st.floats(0.0, 9.0)),
            near=1.0,
            far=2.0,
            told=True,
        )
    return found


goals = st.builds(
    Goal,
    words=st.just(""),
    action=st.just("find"),
    category=st.sampled_from(NAMES),
    colour=st.sampled_from(SHADES),
    room=st.sampled_from(("", "kitchen")),
    near=st.sampled_from(("", "book")),
    which=st.sampled_from(("", "last", "nearest")),
)
misfits = st.sampled_from((ours.EXACT, ours.LIKELY, ours.CLOSE, ours.ANY))


@settings(deadline=None, max_examples=60)
@given(tracks(), goals, misfits, st.sampled_from((FREE, OUTSIDE)))
def test_the_answer_is_that_of_a_look_at_every_thing(known, goal, misfit, pose):
    there = situation(known.messages(), pose)
    failed = {3}
    found = ours.candidates(goal, there, CONFIG, failed=failed, misfit=misfit)
    assert numbers(found) == numbers(plain(goal, there, failed, misfit))
    one_by_one = situation(tuple(known.messages()), pose)
    again = ours.candidates(goal, one_by_one, CONFIG, failed=failed, misfit=misfit)
    assert numbers(again) == numbers(found)


def test_where_no_way_is_known_the_straight_line_counts():
    near, far = (landmark(k, "mug", "red", (7.0 - k, 9.0, 0.5)) for k in (1, 2))
    goal = Goal(words="", action="find", category="mug")
    there = situation((far, near), OUTSIDE)
    assert there.field is None and situation((), FREE).field is not None
    assert numbers(ours.candidates(goal, there, CONFIG)) == [1, 2]


def test_the_nearest_is_that_of_the_shortest_way_not_behind_a_wall():
    behind = landmark(1, "mug", "red", (1.0, -2.0, 0.5))  # 2.0 m through the wall
    here = landmark(2, "mug", "red", (-3.6, -2.0, 0.5))  # 2.6 m in the same room
    goal = Goal(words="", action="find", category="mug", which="nearest")
    there = situation((behind, here), (-1.0, -2.0, 0.0))
    assert numbers(ours.candidates(goal, there, CONFIG)) == [2, 1]
    blind = situation((behind, here), OUTSIDE)  # no way is known from there
    assert numbers(ours.candidates(goal, blind, CONFIG)) == [1, 2]


def test_a_thing_beside_has_the_colour_that_was_said_and_is_another_thing():
    mugs = [
        landmark(k, "mug", "white", (x, -2.0, 0.5)) for k, x in ((1, -3.0), (2, 2.0))
    ]
    books = [landmark(3, "book", "red", (-2.8, -2.0, 0.5))]
    books.append(landmark(4, "book", "blue", (2.2, -2.0, 0.5)))
    there = situation((*mugs, *books), FREE)

    def near(name, colour):
        goal = Goal(
            words="", action="find", category="mug", near=name, near_colour=colour
        )
        return numbers(ours.candidates(goal, there, CONFIG))

    assert (near("book", "red"), near("book", "blue")) == ([1], [2])
    assert near("book", "green") == []  # neither, before all was searched
    assert near("mug", "") == []  # no mug is beside itself
    sofa = landmark(5, "sofa", "brown", (2.2, -2.2, 0.4))
    there = situation((*mugs, sofa), FREE)
    assert near("sofa", "grey") == [2]  # large things are motley


def situation(landmarks, pose):
    state = dataclasses.replace(Flat().state(0.0), landmarks=landmarks)
    return Situation(
        t=0.0, state=state, pose=np.array(pose), status=None, fields=FIELDS
    )


def plain(goal, there, failed, misfit):
    """One thing after the other, each with its price."""
    known = there.state.landmarks
    beside = named(known, goal.near) if goal.near else ()
    fitting = []
    for thing in known:
        name = ours._misfit_of_name(goal, thing)
        if name is None or thing.id in failed:
            continue
        if misfit < ours.ANY and not ours._sure(thing, CONFIG):
            continue
        rest = ours._misfit(goal, thing, there, CONFIG, beside=beside)
        if rest is not None and name + rest <= misfit:
            fitting.append((name + rest, order(goal, thing, there), thing.id, thing))
    return [thing for *_, thing in sorted(fitting, key=lambda item: item[:3])]


def order(goal, thing, there):
    """What comes first has the smallest: when, the way, or the way and the doubt."""
    straight = float(np.hypot(*(thing.center_map[:2] - there.pose[:2])))
    if goal.which == "last":
        return -thing.last_seen
    way = straight
    if there.field is not None:
        reach = ours.BESIDE_M + 0.5 * float(thing.size[:2].max())
        way = there.field.cost_near(thing.center_map[:2], reach)
        way = way if math.isfinite(way) else straight + ours.NO_WAY_M
    if goal.which == "nearest":
        return way
    least_m = max(LONGEST_EDGE_M.get(thing.category, (0.0, 0.0))[0], 1e-6)
    whole = min(1.0, float(thing.size.max()) / least_m)
    views = min(1.0, thing.count / ours.MANY_VIEWS)
    sure = max(thing.confidence * (0.3 + 0.7 * views) * whole, 0.05)
    return (way + ours.NEAR_M) / (sure * sure)


def numbers(things):
    return [thing.id for thing in things]
