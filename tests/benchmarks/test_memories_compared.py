"""Landmarks and the feature map are asked the same, and what one adds is counted."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks.feature_recall import Question, Sight, Trial, words_of
from neural_brain.benchmarks.landmark_recall import (
    believing_all,
    feature_finder,
    first_then,
    landmark_finder,
    nothing_known,
    remember,
    share_found,
)
from neural_brain.benchmarks.memories_compared import (
    ALL,
    BOTH,
    FEATURES,
    OURS,
    RARELY,
    UNSURE,
    absent_kinds,
    compared,
    compared_metrics,
    told_apart,
    ways_of,
)
from neural_brain.models.maps import (
    FeatureConfig,
    FeatureMap,
    LandmarkConfig,
    Patches,
    word_feature,
)
from neural_brain.models.sensing.sensing import empty_percepts
from neural_brain.models.signals import ObjectPercept
from neural_brain.sim.homes import generate_home

OFTEN, TWICE = 8, 2


def percept(thing):
    return ObjectPercept(
        category=thing.category,
        colour=thing.colour,
        confidence=0.9,
        center_base=np.array(thing.center),
        size=np.array(thing.size),
    )


def question(thing):
    return Question(
        feature=word_feature(thing.category, thing.colour),
        right=frozenset({thing.id}),
        category=thing.category,
        colour=thing.colour,
    )


def sights(things, shown, count):
    """`count` frames in which `things` are percepts and `shown` are patches."""
    patches = Patches(
        stamp=0.0,
        xyz=np.array([t.center for t in shown]).reshape(-1, 3),
        features=np.array([word_feature(t.category, t.colour) for t in shown]),
        index=np.arange(len(shown)),
    )
    numbers = np.array([t.id + 1 for t in shown])
    objects = tuple(percept(t) for t in things)
    return [
        Sight(
            patches=patches,
            things=numbers,
            pose=np.zeros(3),
            percepts=replace(empty_percepts(float(k), np.zeros(3)), objects=objects),
        )
        for k in range(count)
    ]


@pytest.fixture(scope="module")
def home():
    """With three things of kinds that are there once, far from each other."""
    return generate_home(7, small=True)


@pytest.fixture(scope="module")
def things(home):
    kinds = [(t.category, t.colour) for t in home.objects]
    alone = [t for t in home.objects if kinds.count((t.category, t.colour)) == 1]
    chosen = []
    for thing in alone:
        gaps = [np.hypot(*np.subtract(thing.center, o.center)[:2]) for o in chosen]
        if min(gaps, default=9.0) > 1.5 and thing.category not in {
            o.category for o in chosen
        }:
            chosen.append(thing)
    assert len(chosen) >= 3
    return chosen[:3]


def known_from(day, **config):
    known = nothing_known(LandmarkConfig(**config))
    remember(known, day)
    return known


def features_of(things):
    features = FeatureMap(FeatureConfig(prior_known=False))
    for sight in sights([], things, 1):
        features.write(sight.patches)
    return features


def test_landmarks_are_found_by_their_words_and_cost_bytes(home, things):
    known = known_from(sights(things, [], OFTEN))
    find = landmark_finder(known)
    for thing in things:
        assert np.linalg.norm(find(question(thing))[0] - thing.center) < 0.1
    assert share_found(find, [question(t) for t in things], home) == 1.0
    assert known.file_bytes > known_from([]).file_bytes


def test_what_was_seen_too_rarely_answers_only_when_all_is_believed(things):
    known = known_from(sights(things, [], TWICE))
    asked = question(things[0])
    assert len(landmark_finder(known)(asked)) == 0
    assert len(landmark_finder(believing_all(known))(asked)) == 1
    assert len(landmark_finder(known)(asked)) == 0  # nothing was changed


def test_the_feature_map_answers_only_where_landmarks_leave_room(things):
    first, second = things[:2]
    known = known_from(sights([first], [], OFTEN))
    ways = ways_of(known, features_of([first, second]))
    asked = question(second)
    assert len(ways[OURS](asked)) == 0
    for way in (BOTH, RARELY):
        assert np.linalg.norm(ways[way](asked)[0] - second.center) < 0.3
    found = ways[RARELY](question(first))
    assert len(found) == 1  # a landmark fits, so nothing else is asked
    np.testing.assert_array_equal(found, ways[OURS](question(first)))


def test_a_place_beside_an_answer_is_no_other_answer(things):
    thing = things[0]
    at = np.array([thing.center])
    near, far = (at + np.array([away, 0.0, 0.0]) for away in (0.5, 3.0))
    find = first_then(lambda _: at, lambda _: np.vstack([near, far]))
    np.testing.assert_array_equal(find(question(thing)), np.vstack([at, far]))


def test_no_question_is_put_to_landmarks_without_a_name(things):
    known = known_from(sights(things, [], OFTEN))
    asked = Question(feature=question(things[0]).feature, right=frozenset())
    assert len(landmark_finder(known)(asked)) == 0


def test_a_feature_is_said_in_words():
    assert words_of(word_feature("mug", "blue")) == ("mug", "blue")
    assert words_of(word_feature("", "red"))[0] == ""


def test_the_comparison_counts_what_the_feature_map_adds(home, things):
    first, second, third = things
    day = sights([first], [first, second], OFTEN)
    quick = sights([third], [third], TWICE)
    trial = Trial(
        home=home,
        later=home,
        moved=frozenset(),
        first_day=quick,
        second_day=[],
        camera_day=day,
        words=[question(first), question(second)],
        photos=[question(first)],
    )
    row = compared(trial)
    assert row[f"{OURS} words"][0] == 0.5
    assert row[f"{OURS} photos"][0] == row[f"{BOTH} photos"][0] == 1.0
    assert row[f"{UNSURE} words"][0] == 0.5
    assert row[f"quick {OURS} words"][0] == 0.0
    assert row[f"{FEATURES} bytes"][0] > 0.0
    assert len(row["there"]) == 1
    metrics = {m.name: m for m in compared_metrics([row, row])}
    gain = metrics["gain of the feature map by words, over landmarks alone"]
    assert gain.value == row[f"{BOTH} words"][0] - 0.5
    assert gain.met is (gain.value >= 0.03)
    more = metrics["gain of the feature map by words, over landmarks and unsure ones"]
    assert more.value == row[f"{ALL} words"][0] - row[f"{UNSURE} words"][0]


def test_absent_kinds_are_not_in_the_home(home):
    have = {(thing.category, thing.colour) for thing in home.objects}
    asked = absent_kinds(home)
    assert asked
    assert not have & {(q.category, q.colour) for q in asked}


def test_likeness_that_tells_nothing_has_half_the_area():
    even = {"there": np.array([0.2, 0.4]), "absent": np.array([0.2, 0.4])}
    assert told_apart([even]).value == pytest.approx(0.5)
    apart = {"there": np.array([0.9]), "absent": np.array([0.1, 0.2])}
    assert told_apart([apart, apart]).value == 1.0
    none = {"there": np.zeros(0), "absent": np.array([0.1])}
    assert told_apart([none, apart]).value == 1.0  # from homes that have some


def test_the_finder_of_the_feature_map_returns_places(things):
    found = feature_finder(features_of(things))(question(things[1]))
    assert found.shape[1] == 3
    assert np.linalg.norm(found[0] - things[1].center) < 0.3
