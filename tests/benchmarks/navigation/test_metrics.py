"""Success, SPL, SoftSPL and MultiON's numbers are those of their papers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.benchmarks.navigation.metrics import (
    GoalResult,
    efficiency,
    ordered,
    rates,
)


def result(success, shortest_m=4.0, driven_m=5.0, left_m=0.0, **more):
    values = {
        "home": 1,
        "words": "find the mug",
        "kind": "category",
        "index": 0,
        "success": success,
        "claimed": success,
        "shortest_m": shortest_m,
        "driven_m": driven_m,
        "left_m": left_m,
        "away_m": 0.5,
        "time_s": 10.0,
        "outcome": "",
        **more,
    }
    return GoalResult(**values)


def test_spl_is_the_share_of_the_shortest_way():
    assert result(True).spl == pytest.approx(0.8)
    assert result(True, driven_m=3.5).spl == 1.0  # no more than the shortest counts
    assert result(False).spl == 0.0


def test_soft_spl_counts_how_much_nearer_it_came():
    assert result(False, left_m=1.0).soft_spl == pytest.approx(0.75 * 0.8)
    assert result(False, left_m=9.0).soft_spl == 0.0


def test_rates_are_means():
    success, spl, _ = rates([result(True), result(False), result(True, driven_m=8.0)])
    assert success == pytest.approx(2 / 3)
    assert spl == pytest.approx((0.8 + 0.5) / 3)


def test_no_goals_have_no_rates():
    with pytest.raises(ValueError, match="at least one"):
        rates([])


def test_an_spl_above_the_success_rate_is_refused():
    class Broken(GoalResult):
        @property
        def spl(self):
            return 0.1

    with pytest.raises(ValueError, match="impossible"):
        rates([Broken(**vars(result(False)))])


@given(
    st.lists(
        st.tuples(st.booleans(), st.floats(0.0, 50.0), st.floats(0.0, 200.0)),
        min_size=1,
    )
)
def test_spl_never_exceeds_success(goals):
    success, spl, _ = rates([result(ok, short, way) for ok, short, way in goals])
    assert 0.0 <= spl <= success <= 1.0


def test_way_of_nothing_is_no_division_by_zero():
    assert efficiency(0.0, 0.0) == 1.0
    assert efficiency(0.0, 10.0) == pytest.approx(0.01)


def test_ordered_goals_end_with_the_first_failure():
    goals = [
        result(True, driven_m=5.0, chain_m=4.0),
        result(True, driven_m=5.0, chain_m=8.0),
        result(False, driven_m=6.0, chain_m=12.0),
    ]
    two, four = ordered(goals, 2), ordered(goals, 4)
    assert two["success"] == two["progress"] == 1.0
    assert two["SPL"] == two["PPL"] == pytest.approx(0.8)
    assert four["success"] == four["SPL"] == 0.0
    assert four["progress"] == 0.5
    assert four["PPL"] == pytest.approx(0.5 * 8.0 / 16.0)


def test_nothing_found_is_worth_nothing():
    assert set(ordered([result(False)], 3).values()) == {0.0}
