"""What an intended push explains of the force at the hand, and what it does not."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.reflex import WatchdogConfig
from neural_brain.models.reflex.explained import Explained

CONFIG = WatchdogConfig()
DT = 1e-3
K = 500.0
ROWS = (K * np.eye(3)).tolist()
ZERO = (0.0, 0.0, 0.0)
THRESHOLD_N = CONFIG.unexplained_n


def follow(explained, hand, anchor, *, fed=ZERO, impact=ZERO):
    explained.follow(
        tuple(hand), tuple(anchor), ROWS, longest_m=0.08, most_n=40.0, fed=fed,
        impact=impact,
    )  # fmt: skip


def pressing(depth=0.03):
    """The anchor went `depth` [m] past a surface below the hand."""
    explained = Explained(CONFIG, DT)
    for share in np.linspace(0.0, 1.0, 50):
        follow(explained, ZERO, (0.0, 0.0, -share * depth))
    return explained


unit = st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda v: math.hypot(*v) > 0.1)


@given(unit)
def test_a_smooth_surface_of_any_slope_is_explained(normal):
    """It answers with the part of the push along its normal."""
    explained = pressing()
    n = np.array(normal) / math.hypot(*normal)
    answer = -float(n @ explained.push) * n
    assert explained.rest(tuple(answer)) < 1e-6


def test_the_air_is_explained_too():
    assert pressing().rest(ZERO) <= 0.0


@pytest.mark.parametrize("speed", [1e-5, 1e-4, 1e-3])
def test_a_push_from_the_side_is_not_explained_however_slow_it_is(speed):
    """The spring balances it: hand and anchor alone would explain it."""
    explained = pressing()
    side = 0.0
    while K * side < 20.0:
        side += speed
        follow(explained, (side, 0.0, 0.0), (0.0, 0.0, -0.03))
    assert explained.rest((K * side, 0.0, 15.0)) > THRESHOLD_N


def test_a_surface_that_comes_is_not_explained():
    explained = pressing()
    for back in np.linspace(0.0, 0.025, 100):
        follow(explained, (0.0, 0.0, back), (0.0, 0.0, -0.03))
    assert explained.rest((0.0, 0.0, K * 0.055)) > THRESHOLD_N


def test_pressing_harder_is_explained():
    explained = pressing(0.03)
    assert explained.rest((0.0, 0.0, 30.0)) > THRESHOLD_N
    for extra in np.linspace(0.0, 0.03, 50):
        follow(explained, ZERO, (0.0, 0.0, -0.03 - extra))
    assert explained.rest((0.0, 0.0, 30.0)) <= 0.0


def test_friction_against_a_hand_that_is_drawn_along_is_explained():
    explained = pressing()
    for lag in np.linspace(0.0, 0.02, 50):
        follow(explained, ZERO, (lag, 0.0, -0.03))
    assert explained.rest((-9.0, 0.0, 15.0)) < THRESHOLD_N
    assert explained.rest((12.0, 0.0, 15.0)) > THRESHOLD_N


def test_a_hand_that_comes_back_is_followed_again():
    explained = pressing()
    for height in (0.0, 0.02, 0.0, -0.01):
        follow(explained, (0.0, 0.0, height), (0.0, 0.0, -0.03))
    np.testing.assert_allclose(explained.push, [0.0, 0.0, -K * 0.02], atol=1e-9)


def test_a_fed_forward_force_is_explained_up_to_the_limit():
    explained = Explained(CONFIG, DT)
    follow(explained, ZERO, ZERO, fed=(0.0, 100.0, 0.0))
    np.testing.assert_allclose(explained.push, [0.0, 40.0, 0.0])
    assert explained.rest((0.0, -40.0, 0.0)) <= 0.0


def test_an_impact_is_explained_for_a_moment():
    explained = Explained(CONFIG, DT)
    follow(explained, ZERO, ZERO, impact=(0.0, 0.0, -30.0))
    assert explained.rest((0.0, 0.0, 30.0)) <= 0.0
    for _ in range(round(3.0 * CONFIG.impact_s / DT)):
        follow(explained, ZERO, ZERO)
    assert explained.rest((0.0, 0.0, 30.0)) > THRESHOLD_N


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_never_explained(bad):
    for poison in ("hand", "anchor", "impact", "fed"):
        explained = pressing()
        values = {"hand": ZERO, "anchor": (0.0, 0.0, -0.03)}
        values[poison] = (bad, 0.0, 0.0)
        follow(explained, **values)
        assert not explained.rest((0.0, 0.0, 15.0)) <= THRESHOLD_N
