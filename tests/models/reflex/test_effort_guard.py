"""Effort bounds: joints stay below their speed and stop before their limits."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.reflex import JointConfig
from neural_brain.models.reflex.effort_guard import EffortGuard

CONFIG = JointConfig()
INERTIA = np.array([1.5, 2.0, 0.15, 0.1])


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_full_effort_into_a_limit_stops_before_it(make, sign):
    limits = make.LIMITS
    guard = EffortGuard(CONFIG, limits)
    q = 0.5 * (limits.q_min + limits.q_max)
    dq, zero = np.zeros(4), np.zeros(4)
    fastest = np.zeros(4)
    for _ in range(8000):
        effort = guard.limit(sign * limits.effort_max, q, dq, zero)
        dq = dq + 1e-3 * effort / INERTIA
        q = q + 1e-3 * dq
        fastest = np.maximum(fastest, np.abs(dq))
        assert (q > limits.q_min).all() and (q < limits.q_max).all()
    assert (fastest <= limits.dq_max).all()
    assert np.abs(dq).max() < 0.05  # it came to rest there
    assert guard.cuts > 0


def test_a_joint_beyond_its_limit_is_driven_back(make):
    limits = make.LIMITS
    guard = EffortGuard(CONFIG, limits)
    for _ in range(200):
        effort = guard.limit(np.zeros(4), limits.q_max + 0.1, np.zeros(4), np.zeros(4))
    assert (effort < 0.0).all()


def test_ordinary_efforts_pass_unchanged(make):
    limits = make.LIMITS
    guard = EffortGuard(CONFIG, limits)
    middle = 0.5 * (limits.q_min + limits.q_max)
    effort = np.array([20.0, -30.0, 3.0, -2.0])
    sent = guard.limit(effort, middle, np.full(4, 0.3), np.array([5.0, 9.0, 1.0, 0.5]))
    np.testing.assert_array_equal(sent, effort)
    assert guard.cuts == 0


def test_effort_and_rate_limits_hold_for_any_sequence(make):
    limits = make.LIMITS
    guard = EffortGuard(CONFIG, limits)
    rng = np.random.default_rng(0)
    last = None
    for _ in range(3000):
        q = rng.uniform(limits.q_min - 0.3, limits.q_max + 0.3)
        dq, bias = rng.uniform(-5, 5, 4), rng.uniform(-50, 50, 4)
        sent = guard.limit(
            rng.uniform(-1, 1, 4) * 10.0 ** rng.integers(-300, 6), q, dq, bias
        )
        assert (np.abs(sent) <= limits.effort_max).all()
        if last is not None:
            assert (np.abs(sent - last) <= limits.effort_rate_max * 1e-3 + 1e-9).all()
        last = sent


@pytest.mark.parametrize(("lead_s", "kept"), [(CONFIG.lead_s, True), (0.0, False)])
def test_a_joint_that_others_speed_up_is_braked_in_time(make, lead_s, kept):
    """Another joint throws this one, which may change its effort but slowly."""
    limits = replace(make.LIMITS, effort_rate_max=np.full(4, 1000.0))
    guard = EffortGuard(JointConfig(lead_s=lead_s), limits)
    q, dq, zero = np.zeros(4), np.zeros(4), np.zeros(4)
    fastest = 0.0
    for tick in range(60):
        thrown = 85.0 if tick < 25 else 0.0  # [rad/s2]
        effort = guard.limit(zero, q, dq, zero)
        dq = dq + 1e-3 * (effort / 0.6 + thrown) * np.array([1.0, 0.0, 0.0, 0.0])
        q = q + 1e-3 * dq
        fastest = max(fastest, float(dq[0]))
    assert (fastest <= limits.dq_max[0]) == kept


def test_noise_of_speeds_alone_brakes_nothing(make):
    limits = make.LIMITS
    guard = EffortGuard(CONFIG, limits)
    middle = 0.5 * (limits.q_min + limits.q_max)
    rng = np.random.default_rng(3)
    for _ in range(500):
        dq = 0.97 * CONFIG.speed_share * limits.dq_max + rng.uniform(-0.01, 0.01, 4)
        guard.limit(np.zeros(4), middle, dq, np.zeros(4))
    assert guard.cuts == 0


def test_foresight_brakes_and_never_reverses(make):
    """A leap of the measured speed asks for no more than the joint's damping."""
    limits = make.LIMITS
    middle = 0.5 * (limits.q_min + limits.q_max)
    zero = np.zeros(4)
    guard = EffortGuard(CONFIG, limits)
    guard.limit(zero, middle, zero, zero)
    guard.limit(zero, middle, np.full(4, 2.0), zero)
    sent = guard.limit(zero, middle, zero, zero)
    assert (sent <= 0.0).all() and (sent >= -guard.gain * 2.0).all()


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("size", [0, 3, 5])
def test_vectors_of_another_size_are_not_read(make, place, size):
    vectors = [np.zeros(4)] * 4
    vectors[place] = np.zeros(size)
    with pytest.raises(ValueError, match="size"):
        EffortGuard(CONFIG, make.LIMITS).limit(*vectors)
