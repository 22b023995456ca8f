import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.maps.toll_rows import tolls_from_plain, tolls_to_plain
from neural_brain.models.maps.tolls import (
    Charge,
    TollBook,
    TollConfig,
    crossing_prices,
)
from neural_brain.models.signals import CLOSED_M, GridView, Toll

AHEAD = np.array([0.0, 0.0, 0.0])


def book(**config) -> TollBook:
    return TollBook(TollConfig(**config))


def price(tolls, start, end) -> float:
    return float(
        crossing_prices(tolls, np.array([start], float), np.array([end], float))[0]
    )


def grid(occupied=()) -> GridView:
    cells = np.zeros((80, 80), np.int8)
    for x, y in occupied:
        cells[int((y + 2) / 0.05), int((x + 2) / 0.05)] = 100
    return GridView(
        cells=cells, origin=np.array([-2.0, -2.0]), resolution=0.05, version=1
    )


def test_a_failure_makes_that_direction_dear_and_the_other_one_less():
    tolls = book(price_m=6.0, back_share=0.5)
    tolls.fail(AHEAD)
    assert price(tolls.messages(), (0.0, 0.0), (1.0, 0.2)) == 6.0
    assert price(tolls.messages(), (1.0, 0.0), (0.0, 0.2)) == 3.0
    assert price(tolls.messages(), (0.0, 1.0), (1.0, 1.0)) == 0.0  # beside it
    assert price(tolls.messages(), (0.4, -0.3), (0.4, 0.3)) == 0.0  # along it


def test_failures_add_up_to_the_most():
    tolls = book(price_m=6.0, most_m=15.0, back_share=0.0)
    for _ in range(5):
        tolls.fail(AHEAD)
    assert len(tolls.charges) == 1
    assert price(tolls.messages(), (0, 0), (1, 0)) == 15.0


def test_tolls_fade_and_are_forgotten():
    tolls = book(price_m=8.0, half_life_s=10.0, back_share=0.0)
    tolls.fail(AHEAD)
    tolls.fade(10.0)
    assert price(tolls.messages(), (0, 0), (1, 0)) == pytest.approx(4.0)
    tolls.fade(-5.0)  # a clock that jumps back raises nothing
    assert price(tolls.messages(), (0, 0), (1, 0)) == pytest.approx(4.0)
    tolls.fade(100.0)
    assert not tolls.messages()


def test_driving_across_lifts_it():
    tolls = book()
    tolls.fail(AHEAD)
    tolls.drove(np.array([1.0, 0.0]), np.array([0.1, 0.0]))
    assert [t.price_m for t in tolls.messages()] == [6.0]  # that way it failed
    tolls.drove(np.array([0.1, 0.0]), np.array([1.0, 0.0]))
    assert not tolls.messages()


def test_seeing_it_open_lifts_only_what_was_seen():
    seen, unseen = book(), book()
    seen.fail(AHEAD, grid([(0.4, 0.0)]))
    unseen.fail(AHEAD, grid())
    for tolls in (seen, unseen):
        tolls.look(grid([(0.4, 0.0)]))
        assert len(tolls.messages()) == 2
        tolls.look(grid())
    assert not seen.messages()
    assert len(unseen.messages()) == 2


def test_one_way_stays():
    tolls = book(half_life_s=1.0, count=1)
    tolls.forbid(np.zeros(2), 0.0, 0.5)
    tolls.fade(1e6)
    tolls.drove(np.array([-1.0, 0.0]), np.array([1.0, 0.0]))
    tolls.look(grid())
    tolls.fail(AHEAD)
    assert [t.price_m for t in tolls.messages()] == [CLOSED_M]


@pytest.mark.parametrize(
    "pose", [np.full(3, np.nan), np.zeros(2), np.array([0, 0, np.inf])]
)
def test_a_senseless_pose_teaches_nothing(pose):
    tolls = book()
    tolls.fail(pose)
    assert not tolls.charges


numbers = st.floats(-50.0, 50.0)
charges = st.builds(
    Charge,
    toll=st.builds(
        Toll,
        x_m=numbers,
        y_m=numbers,
        heading_rad=st.floats(-3.1, 3.1),
        half_width_m=st.floats(0.05, 5.0),
        price_m=st.floats(0.0, CLOSED_M),
    ),
    seen=st.booleans(),
    slow=st.booleans(),
    slope=st.booleans(),
)


@given(st.lists(charges, max_size=8), st.lists(numbers, min_size=4, max_size=4))
def test_prices_are_never_negative_and_are_one_way(items, ends):
    start, end = np.array([ends[:2]]), np.array([ends[2:]])
    for charge in items:
        there = crossing_prices([charge.toll], start, end)[0]
        back = crossing_prices([charge.toll], end, start)[0]
        assert there >= 0.0
        assert back >= 0.0
        assert min(there, back) == 0.0


@given(st.lists(charges, max_size=8))
def test_tolls_survive_a_file(items):
    assert tolls_from_plain(tolls_to_plain(items), 8) == items
    assert len(tolls_from_plain(tolls_to_plain(items), 3)) <= 3


def test_tolls_of_older_files_are_no_slopes():
    (charge,) = tolls_from_plain([[1.0, 2.0, 0.0, 0.5, 6.0, 1.0, 0.0]], 8)
    assert charge.seen
    assert not charge.slope


@pytest.mark.parametrize(
    "row",
    [
        [0.0, 0.0, float("nan"), 1.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 1e9, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 1.0],
    ],
)
def test_damaged_tolls_are_refused(row):
    with pytest.raises(ValueError):
        tolls_from_plain([row], 8)
