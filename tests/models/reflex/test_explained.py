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


def follow(explained, hand, anchor, *, impact=ZERO, felt_n=0.0, **more):
    explained.follow(tuple(hand), tuple(anchor), impact=impact, felt_n=felt_n)
    explained.pull(ROWS, longest_m=0.08, most_n=40.0, **more)


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


@given(unit, st.floats(0.0, 50.0))
def test_no_more_is_left_than_there_is(way, size):
    """So a force below the threshold need not be looked at."""
    assert (
        pressing().rest(tuple(size * v for v in way)) <= size * math.hypot(*way) + 1e-9
    )


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


@pytest.mark.parametrize("surface", [CONFIG.soft_n_m, 5e3, 1e5])
def test_a_hand_that_withdraws_from_a_soft_thing_is_explained(surface):
    """It pushes the hand back, away from the anchor, but ever less."""
    explained = Explained(CONFIG, DT)
    share, most = surface / (K + surface), 0.0
    for depth in (*np.linspace(0.0, 0.05, 200), *np.linspace(0.05, -0.02, 400)):
        hand = -max(K * depth / (K + surface), 0.0) if depth > 0.0 else -depth
        force = max(K * share * depth, 0.0)
        follow(explained, (0.0, 0.0, hand), (0.0, 0.0, -depth), felt_n=force)
        most = max(most, explained.rest((0.0, 0.0, force)))
    assert most < 0.25 * THRESHOLD_N


def test_the_same_way_back_with_a_force_that_does_not_fall_is_not_explained():
    explained = pressing(0.05)
    for share in np.linspace(1.0, 0.0, 400):
        anchor = (0.0, 0.0, -0.05 * share)
        follow(explained, (0.0, 0.0, 0.02 * (1.0 - share)), anchor, felt_n=25.0)
    assert explained.rest((0.0, 0.0, 25.0)) > THRESHOLD_N


def test_the_damper_explains_a_hand_that_moves_on_its_own_only():
    free, pushed = Explained(CONFIG, DT), pressing()
    drag = (-10.0, 0.0, 0.0)
    follow(free, ZERO, (0.02, 0.0, 0.0), drag=drag)
    np.testing.assert_allclose(free.push, [0.02 * K - 10.0, 0.0, 0.0], atol=1e-9)
    follow(pushed, (0.01, 0.0, 0.0), (0.0, 0.0, -0.03), drag=drag, felt_n=30.0)
    np.testing.assert_allclose(pushed.push, [0.0, 0.0, -0.03 * K], atol=1e-9)


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
