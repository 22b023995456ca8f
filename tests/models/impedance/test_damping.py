"""Damping by double diagonalisation: the right ratio for every mass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.impedance import double_diagonal_damping


def overshoot(mass, K, D, dt=1e-4):
    """Largest overshoot of a unit step of m xdd + D xd + K x = K [share]."""
    x = v = top = 0.0
    for _ in range(30_000):
        v += dt * (K * (1.0 - x) - D * v) / mass
        x += dt * v
        top = max(top, x)
    return top - 1.0


@pytest.mark.parametrize(("mass", "plain"), [(1.0, 0.0), (3.0, 0.108), (8.0, 0.305)])
@pytest.mark.parametrize("K", [300.0, 1000.0])
def test_no_overshoot_at_any_mass_while_the_plain_rule_overshoots(mass, plain, K):
    chol = np.array([[1.0 / np.sqrt(mass)]])
    D = double_diagonal_damping(np.array([[K]]), chol, ratio=1.0)[0, 0]
    assert overshoot(mass, K, D) < 0.01
    assert overshoot(mass, K, 2.0 * np.sqrt(K)) == pytest.approx(plain, abs=0.01)


def spd(seed, scale):
    A = np.random.default_rng(seed).standard_normal((6, 6))
    return scale * (A @ A.T + 0.3 * np.eye(6))


@given(st.integers(0, 10**6), st.floats(0.3, 2.0))
def test_every_mode_has_the_wanted_ratio(seed, ratio):
    K, mobility = spd(seed, 100.0), spd(seed + 1, 0.3)
    D = double_diagonal_damping(K, np.linalg.cholesky(mobility), ratio=ratio)
    values, modes = np.linalg.eig(mobility @ K)
    modal = np.linalg.inv(modes) @ mobility @ D @ modes
    wanted = 2.0 * ratio * np.sqrt(values.real)
    np.testing.assert_allclose(modal, np.diag(wanted), atol=1e-6 * wanted.max())
    np.testing.assert_array_equal(D, D.T)


def test_the_floor_keeps_soft_modes_damped():
    mobility = np.eye(6) / 2.0
    D = double_diagonal_damping(
        1e-3 * np.eye(6), np.linalg.cholesky(mobility), ratio=1.0, rate_floor=5.0
    )
    np.testing.assert_allclose(D, 10.0 * np.eye(6), atol=1e-3)
