"""The retreat: renewed while pushed, slowed when fast, over when opposed."""

import numpy as np
import pytest

from neural_brain.models.reflex import ForceConfig, Retreat

CONFIG = ForceConfig()
LEFT = np.array([0.0, 1.0, 0.0])
REST, ORIGIN = np.zeros(3), np.zeros(3)


@pytest.fixture
def retreat():
    made = Retreat(CONFIG)
    made.start(LEFT)
    return made


def ticks_until_renewal(retreat, force, most=20):
    for tick in range(1, most + 1):
        if retreat.needs_renewal(np.array(force)):
            return tick
    return None


def test_the_first_lead_is_the_whole_way_along_the_normal(retreat):
    lead = retreat.lead(LEFT, ORIGIN, REST)
    np.testing.assert_allclose(lead, CONFIG.retract_m * LEFT)


def test_the_lead_falls_to_zero_at_the_retreat_speed(retreat):
    sizes = [
        retreat.lead(LEFT, ORIGIN, share * CONFIG.retract_m_s * LEFT)[1]
        for share in (-1.0, 0.0, 0.5, 1.0, 3.0)
    ]
    expected = CONFIG.retract_m * np.array([1.0, 1.0, 0.5, 0.0, 0.0])
    np.testing.assert_allclose(sizes, expected, atol=1e-12)


def test_the_way_ends_when_nothing_pushes_any_more(retreat):
    retreat.lead(LEFT, ORIGIN, REST)
    assert ticks_until_renewal(retreat, [0.0, 0.0, 0.0]) == 5
    for share in (0.5, 1.0, 1.5):
        hand = share * CONFIG.retract_m * LEFT
        left = max(1.0 - share, 0.0) * CONFIG.retract_m
        lead = retreat.lead(LEFT, hand, REST)
        np.testing.assert_allclose(lead, left * LEFT, atol=1e-12)


def test_a_hand_that_is_still_pushed_goes_on(retreat):
    retreat.lead(LEFT, ORIGIN, REST)
    assert ticks_until_renewal(retreat, [0.0, 12.0, 0.0]) == 5
    hand = 2.0 * CONFIG.retract_m * LEFT
    lead = retreat.lead(LEFT, hand, REST)
    np.testing.assert_allclose(lead, CONFIG.retract_m * LEFT)


def test_an_opposing_force_ends_it_within_the_reaction_ticks(retreat):
    against = [0.0, -CONFIG.opposed_n - 1.0, 0.0]
    assert ticks_until_renewal(retreat, against) == CONFIG.ticks
    assert retreat.blocked
    np.testing.assert_array_equal(retreat.lead(-LEFT, ORIGIN, REST), np.zeros(3))


def test_the_inertia_of_the_hand_does_not_end_it(retreat):
    assert ticks_until_renewal(retreat, [0.0, -0.7 * CONFIG.opposed_n, 0.0]) == 5
    assert not retreat.blocked


def test_a_blocked_hand_gives_way_only_while_it_is_pushed(retreat):
    ticks_until_renewal(retreat, [0.0, -CONFIG.opposed_n - 1.0, 0.0])
    assert ticks_until_renewal(retreat, [0.0, 0.5, 0.0]) is None
    assert ticks_until_renewal(retreat, [8.0, 0.0, 0.0]) <= 5
    assert retreat.blocked


def test_the_newest_normal_is_followed_unless_it_points_back(retreat):
    aside = np.array([0.6, 0.8, 0.0])
    np.testing.assert_allclose(
        retreat.lead(aside, ORIGIN, REST), CONFIG.retract_m * aside
    )
    back = retreat.lead(-LEFT, ORIGIN, REST)
    np.testing.assert_allclose(back, CONFIG.retract_m * aside)


def test_a_new_retreat_forgets_the_last_one(retreat):
    ticks_until_renewal(retreat, [0.0, -CONFIG.opposed_n - 1.0, 0.0])
    retreat.start(-LEFT)
    assert not retreat.blocked
    np.testing.assert_allclose(
        retreat.lead(-LEFT, ORIGIN, REST), -CONFIG.retract_m * LEFT
    )
