"""nav-places: what its measures say of answers made by hand."""

import numpy as np
import pytest

from neural_brain.benchmarks import nav_places
from neural_brain.benchmarks.nav_places import (
    area,
    curve,
    first_right,
    recall_at_full_precision,
)
from neural_brain.benchmarks.picture_goals import PictureResult
from neural_brain.benchmarks.place_trials import Answer
from neural_brain.benchmarks.place_twins import Try, twin
from neural_brain.sim.homes import generate_home


def answer(score, right):
    return Answer(score=score, right=right, error_m=0.1, error_rad=0.0)


GIVEN = [answer(9, True), answer(8, True), answer(7, False), answer(6, True)]
ALL = np.ones(4, bool)


def test_recall_ends_at_the_first_wrong_answer():
    assert recall_at_full_precision(GIVEN, ALL) == 0.5
    assert recall_at_full_precision(GIVEN[2:], ALL[2:]) == 0.0
    assert first_right(GIVEN, ALL) == 0.75


def test_only_known_queries_count_for_recall_but_all_wrong_answers_for_precision():
    known = np.array([True, False, False, True])
    assert recall_at_full_precision(GIVEN, known) == 0.5
    precision, recall = curve(GIVEN, known)
    assert precision.tolist() == [1.0, 1.0, 2 / 3, 0.75]
    assert recall.tolist() == [0.5, 0.5, 0.5, 1.0]


def test_answers_of_one_score_are_taken_together():
    tied = [answer(5, True), answer(5, False)]
    assert recall_at_full_precision(tied, ALL[:2]) == 0.0


def test_the_area_of_right_answers_is_one():
    assert area([answer(2, True), answer(1, True)], ALL[:2]) == pytest.approx(1.0)
    assert area(GIVEN, ALL) == pytest.approx(0.5 + 0.25 * 0.75)


def test_a_twin_has_the_same_plan_in_other_colours():
    home = generate_home(1001)
    other = twin(home)
    assert other.walls == home.walls
    for a, b in zip(home.objects, other.objects, strict=True):
        assert a.position == b.position
        assert a.colour != b.colour


def test_twin_metrics_compare_with_the_lidar_alone():
    found, lost = (Try(found=f, wrong=not f, time_s=2.0) for f in (True, False))
    metrics = nav_places.twin_metrics([{"with views": [found], "without": [lost]}])
    assert [m.value for m in metrics] == [1.0, 0.0, 2.0]
    assert metrics[1].baseline == {"without views": 1.0}


def test_a_way_longer_than_needed_costs_spl():
    row = PictureResult(
        home=1, agent="kept", index=0, success=True, claimed=True, away_m=0.2,
        turned_rad=0.1, shortest_m=3.0, driven_m=6.0, time_s=9.0, outcome="",
    )  # fmt: skip
    assert row.spl == 0.5
