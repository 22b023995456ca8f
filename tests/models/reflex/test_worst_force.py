"""The bound on the force ahead, and the stiffness of what is felt."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.reflex import WatchdogConfig
from neural_brain.models.reflex.worst_force import ContactStiffness, worst_force

CONFIG = WatchdogConfig()
DT = 1e-3


def swing(force, speed, push, stiffness, mass, horizon):
    """The largest force of the same mass and springs, step by step."""
    steps = 20_000
    dt, worst = horizon / steps, force
    for _ in range(steps):
        speed += dt * (push - force) / mass
        force += dt * stiffness * speed
        worst = max(worst, force)
    return worst


def ahead(force, speed, push, stiffness, mass, horizon):
    return worst_force(
        force, speed, push_n=push, stiffness_n_m=stiffness, mass_kg=mass,
        horizon_s=horizon,
    )  # fmt: skip


numbers = st.tuples(
    st.floats(0.0, 40.0),
    st.floats(0.0, 0.3),
    st.floats(0.0, 40.0),
    st.floats(3.0, 5.0).map(lambda power: 10.0**power),
    st.floats(1.0, 12.0),
    st.floats(0.005, 0.1),
)


@settings(max_examples=40, deadline=None)
@given(numbers)
def test_it_is_the_largest_force_of_mass_and_springs(given):
    assert ahead(*given) == pytest.approx(swing(*given), rel=0.02, abs=0.3)


def test_a_hard_hit_comes_to_v_sqrt_k_m():
    assert ahead(0.0, 0.2, 0.0, 1e5, 4.0, 0.05) == pytest.approx(0.2 * math.sqrt(4e5))


def test_a_hand_that_leaves_is_not_pulled_back():
    """The spring of the model would; the next top of that swing is no contact."""
    assert ahead(20.0, -0.3, 0.0, 1e5, 4.0, 0.05) == 20.0
    assert ahead(20.0, -0.3, 5.0, 1e5, 4.0, 0.05) == 20.0


@pytest.mark.parametrize("place", [0, 1, 2])
def test_nan_stays_nan(place):
    """So that no comparison with a limit takes it for harmless."""
    numbers = [5.0, 0.1, 5.0, 1e4, 4.0, 0.05]
    numbers[place] = math.nan
    assert not ahead(*numbers) <= 1e300


def press(contact, stiffness, way_m=0.004, speed=0.05, start_n=6.0):
    x = 0.0
    while x < way_m:
        contact.feel(start_n + stiffness * x, speed)
        x += speed * DT
    return contact.stiffness_n_m


@pytest.mark.parametrize("stiffness", [2e3, 1e4, 3e4])
def test_the_stiffness_is_found_and_counts_with_its_margin(stiffness):
    found = press(ContactStiffness(CONFIG, DT), stiffness)
    assert found == pytest.approx(CONFIG.stiffness_margin * stiffness, rel=0.2)


def test_before_enough_way_is_made_a_contact_is_hard():
    contact = ContactStiffness(CONFIG, DT)
    assert press(contact, 1e3, way_m=0.8 * CONFIG.felt_m) == CONFIG.contact_n_m


def test_no_contact_is_softer_or_harder_than_configured():
    assert press(ContactStiffness(CONFIG, DT), 1e7) == CONFIG.contact_n_m
    assert press(ContactStiffness(CONFIG, DT), -5e3) == CONFIG.soft_n_m


def test_a_thing_that_gets_stiffer_is_followed():
    contact = ContactStiffness(CONFIG, DT)
    soft = press(contact, 1e3)
    assert press(contact, 2e4, start_n=10.0) > 5.0 * soft


def test_nan_counts_as_hard():
    contact = ContactStiffness(CONFIG, DT)
    press(contact, 1e3)
    for force in (np.nan, 8.0, 9.0, 10.0):
        for _ in range(50):
            contact.feel(force, 0.05)
        if math.isnan(force):
            assert contact.stiffness_n_m == CONFIG.contact_n_m
    contact.forget()
    assert contact.stiffness_n_m == CONFIG.contact_n_m
