"""Means are over homes, differences on the same homes, unfinished plays left out."""

import pytest

from neural_brain.benchmarks.navigation.metrics import GoalResult
from neural_brain.benchmarks.navigation.report import (
    Table,
    check,
    closed_doors,
    reasons,
    rows,
)


def goal(home, success, driven_m=4.0, why="", **more):
    return GoalResult(
        home=home, words="find the mug", kind="category", index=0, success=success,
        claimed=success, shortest_m=4.0, driven_m=driven_m, left_m=0.0, away_m=0.0,
        time_s=1.0, outcome="", why=why, **more,
    )  # fmt: skip


@pytest.fixture
def table():
    results = {
        ("oracle", "kept", 1): [goal(1, True), goal(1, True)],
        ("oracle", "kept", 2): [goal(2, False, why="never noticed")],
        ("oracle", "kept", 3): [goal(3, True)],
        ("oracle", "wiped", 1): [goal(1, True, driven_m=8.0)],
        ("oracle", "wiped", 2): [goal(2, True, driven_m=8.0)],
        ("learned", "kept", 1): [goal(1, False)],
    }
    return Table(results=results, detector="oracle")


def test_every_home_counts_once(table):
    assert table.homes("success", "kept") == {1: 1.0, 2: 0.0, 3: 1.0}
    assert table.homes("success", "kept", "wiped") == {1: 1.0, 2: 0.5}
    assert table.homes("success", "kept", pick=lambda r: r.home == 2) == {2: 0.0}


def test_baselines_are_of_the_same_homes(table):
    ours, wiped = (table.homes("SPL", name) for name in ("kept", "wiped"))
    (metric,) = table.compared("SPL", ours, {"wiped": wiped}, ">= 0.5")
    assert metric.n == 2
    assert metric.value == 0.5
    assert metric.baseline == {"wiped": 0.5}
    assert metric.met
    assert table.compared("SPL", ours, {"nobody": {}}) == []


def test_gains_are_paired(table):
    ours, wiped = (table.homes("SPL", name) for name in ("kept", "wiped"))
    (metric,) = table.gained("gain", ours, wiped)
    assert (metric.low, metric.high) == (-0.5, 0.5)
    assert metric.n == 2
    assert table.gained("gain", ours, {}) == []


def test_reasons_and_rows_keep_every_goal(table):
    check(table.results)
    assert reasons(table.results)["kept, oracle detector"] == {
        "success": 3,
        "never noticed": 1,
    }
    assert len(rows(table.results)) == 7


def test_closed_doors_are_noted_by_home():
    first, second = goal(1, True), goal(1, True, door_closed=3)
    results = {("oracle", "first", 1): [first], ("oracle", "changed", 1): [second]}
    assert closed_doors(results) == {"doors_closed": {"1": 3}}
    assert closed_doors({("oracle", "first", 1): [first]}) == {}
