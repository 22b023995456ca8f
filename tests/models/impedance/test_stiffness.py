"""Varying stiffness: the guard keeps stable what free switching drives apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.impedance import (
    ImpedanceConfig,
    StiffnessSchedule,
    condition_stiffness,
)

LOW, HIGH = 100.0, 1000.0


def worst_stiffness(x, v):
    """The adversary: stiff towards the middle, soft away from it."""
    return HIGH if x * v < 0.0 else LOW


@pytest.mark.parametrize("D", [0.5, 1.0, 2.0, 5.0, 10.0])
def test_free_switching_diverges(D):
    x, v, dt = 0.01, 0.0, 1e-4
    for _ in range(200_000):
        v += dt * (-worst_stiffness(x, v) * x - D * v)
        x += dt * v
        if abs(x) > 1.0:
            return
    pytest.fail("the adversary is too weak for this test to mean anything")


@pytest.mark.parametrize("ratio", [0.3, 0.5, 1.0])
@pytest.mark.parametrize("alpha", [0.5, 2.0, 6.0])
def test_guarded_switching_stays_bounded(ratio, alpha):
    config = ImpedanceConfig(damping_ratio=ratio, stability_rate_per_s=alpha)
    schedule, chol = StiffnessSchedule(config), np.eye(6)
    schedule.aim(LOW * np.eye(6))
    schedule.jump(chol)
    x, v, dt, top = 0.01, 0.0, config.tick_s, 0.0
    seen = [LOW, LOW]
    for tick in range(8000):
        if tick % config.refresh_ticks == 0:
            schedule.aim(worst_stiffness(x, v) * np.eye(6))
            schedule.plan(chol)
        schedule.advance()
        v += dt * (-schedule.K[0, 0] * x - schedule.D[0, 0] * v)
        x += dt * v
        top = max(top, abs(x))
        seen = [min(seen[0], schedule.K[0, 0]), max(seen[1], schedule.K[0, 0])]
    assert top < 0.05
    assert abs(x) < 0.01
    assert seen[1] <= HIGH + 1e-6 and seen[0] >= LOW - 1e-6


def test_a_wanted_stiffness_is_reached_in_time_and_kept():
    config = ImpedanceConfig()
    schedule, chol = StiffnessSchedule(config), np.linalg.cholesky(np.eye(6) / 3.0)
    schedule.aim(200.0 * np.eye(6))
    schedule.jump(chol)
    schedule.aim(np.diag([900.0, 100.0, 200.0, 60.0, 60.0, 60.0]))
    largest = 0.0
    for tick in range(1500):
        if tick % config.refresh_ticks == 0:
            schedule.plan(chol)
        before = schedule.K[0, 0]
        schedule.advance()
        largest = max(largest, schedule.K[0, 0] - before)
    np.testing.assert_allclose(
        schedule.K.diagonal(), [900.0, 100.0, 200.0, 60.0, 60.0, 60.0], rtol=1e-6
    )
    assert largest < 10.0  # N/m in one tick: no jump


def test_an_empty_tank_lets_stiffness_only_fall():
    config = ImpedanceConfig()
    schedule, chol = StiffnessSchedule(config), np.eye(6)
    schedule.aim(400.0 * np.eye(6))
    schedule.jump(chol)
    schedule.aim(np.diag([800.0, 100.0, 400.0, 50.0, 50.0, 50.0]))
    for _ in range(10):
        schedule.plan(chol, opening=0.0)
        for _ in range(config.refresh_ticks):
            schedule.advance()
    np.testing.assert_allclose(
        schedule.K.diagonal(), [400.0, 100.0, 400.0, 50.0, 50.0, 50.0]
    )


def random_spd(rng, low, high):
    Q, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    return (Q * rng.uniform(low, high, 6)) @ Q.T


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.floats(0.3, 2.0), st.floats(0.5, 15.0))
def test_both_conditions_hold_inside_every_segment(seed, ratio, alpha):
    config = ImpedanceConfig(damping_ratio=ratio, stability_rate_per_s=alpha)
    rng = np.random.default_rng(seed)
    mass = random_spd(rng, 0.5, 8.0)
    chol = np.linalg.cholesky(np.linalg.inv(mass))
    schedule = StiffnessSchedule(config)
    schedule.aim(random_spd(rng, 20.0, 1500.0))
    schedule.jump(chol)
    for _ in range(3):
        schedule.aim(random_spd(rng, 20.0, 1500.0))
        schedule.plan(chol)
        rate_K, rate_D = schedule.dK * 1000.0, schedule._dD * 1000.0
        for _ in range(config.refresh_ticks):
            damping = np.linalg.eigvalsh(alpha * mass - schedule.D)
            assert damping.max() <= 1e-6 * alpha * 8.0
            change = rate_K + alpha * rate_D - 2.0 * alpha * schedule.K
            assert np.linalg.eigvalsh(change).max() < 1e-6
            schedule.advance()


@given(st.integers(0, 10**6), st.floats(0.01, 1e5))
def test_any_stiffness_is_made_symmetric_and_bounded(seed, size):
    config = ImpedanceConfig()
    K = size * np.random.default_rng(seed).standard_normal((6, 6))
    safe = condition_stiffness(K, config)
    np.testing.assert_allclose(safe, safe.T, rtol=1e-9, atol=1e-9)
    assert np.linalg.eigvalsh(safe).min() > 0.0
    assert safe[:3, :3].max() <= config.stiffness_max_n_m + 1e-6
    assert safe[3:, 3:].max() <= config.stiffness_max_nm_rad + 1e-6


def test_an_allowed_stiffness_is_left_alone():
    K = np.diag([300.0, 400.0, 500.0, 20.0, 30.0, 40.0])
    K[0, 1] = K[1, 0] = 50.0
    np.testing.assert_array_equal(condition_stiffness(K, ImpedanceConfig()), K)


def test_uncoupled_axes_are_split_like_coupled_ones():
    """A coupling too small to matter takes the general way; both must agree."""
    start, wanted = np.diag([400.0, 900.0, 300.0, 20.0, 30.0, 40.0]), np.eye(6)
    wanted[:3] *= 500.0
    wanted[3:] *= 30.0
    parts = []
    for coupling in (0.0, 1e-9):
        schedule = StiffnessSchedule(ImpedanceConfig())
        schedule.K[:] = start
        schedule.K[0, 1] = schedule.K[1, 0] = coupling
        schedule.aim(wanted)
        schedule._split()
        parts.append((schedule._rise, schedule._fall))
    np.testing.assert_allclose(parts[0], parts[1], atol=1e-6)
    np.testing.assert_allclose(np.add(*parts[0]), wanted - start, atol=1e-9)
