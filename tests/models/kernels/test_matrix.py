"""Small symmetric matrices against NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.kernels.matrix import (
    congruence,
    factor,
    modes,
    solve_backward,
    solve_forward,
)

seeds = st.integers(0, 10**6)


def spd(seed):
    A = np.random.default_rng(seed).standard_normal((6, 6))
    return A @ A.T + 1e-3 * np.eye(6)


@given(seeds)
def test_the_factor_is_that_of_cholesky_and_solves(seed):
    A, L = spd(seed), np.zeros((6, 6))
    assert factor(A, L)
    np.testing.assert_allclose(L, np.linalg.cholesky(A), atol=1e-9)
    b = np.random.default_rng(seed).standard_normal(6)
    x = b.copy()
    solve_forward(L, x)
    solve_backward(L, x)
    np.testing.assert_allclose(A @ x, b, atol=1e-6 * np.abs(x).max())


@pytest.mark.parametrize("bad", [-1.0, 0.0, np.nan, np.inf])
def test_what_is_not_positive_definite_has_no_factor(bad):
    A = np.eye(6)
    A[3, 3] = bad
    assert not factor(A, np.zeros((6, 6)))


@given(seeds, st.floats(-3.0, 3.0))
def test_the_modes_rebuild_the_matrix(seed, exponent):
    A = spd(seed)
    A[3:] *= 10.0**exponent
    A[:, 3:] *= 10.0**exponent
    D, V = A.copy(), np.zeros((6, 6))
    modes(D, V)
    size = np.abs(A).max()
    np.testing.assert_allclose(V @ V.T, np.eye(6), atol=1e-12)
    np.testing.assert_allclose((V * D.diagonal()) @ V.T, A, atol=1e-12 * size)
    values = np.linalg.eigvalsh(A)
    np.testing.assert_allclose(np.sort(D.diagonal()), values, atol=1e-12 * size)


def test_equal_eigenvalues_and_numbers_that_are_none_end_the_search():
    D, V = np.eye(6), np.zeros((6, 6))
    modes(D, V)
    np.testing.assert_array_equal(V, np.eye(6))
    D[0, 1] = D[1, 0] = np.nan
    modes(D, V)


@given(seeds)
def test_a_congruence_keeps_symmetry_to_the_last_bit(seed):
    A, L, out = spd(seed), np.linalg.cholesky(spd(seed + 1)), np.zeros((6, 6))
    congruence(L, A, out)
    np.testing.assert_array_equal(out, out.T)
    np.testing.assert_allclose(out, L.T @ A @ L, atol=1e-9)
