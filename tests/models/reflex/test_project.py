"""The smallest change of efforts under bounds, against the optimality conditions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.reflex.project import Projection

N = 6
WIDE = np.full(N, 1e3)


def problem(seed, rows):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(N, N))
    mass = root @ root.T + 0.2 * np.eye(N)
    return mass, rng.normal(size=(rows, N)), rng.normal(size=N) * 5.0, rng


def solve(mass, A, tau, b, low=-WIDE, high=WIDE, passes=500):
    project = Projection(len(A) + 2, N, passes)
    project.load(A, np.linalg.inv(mass), mass)
    return project, project.solve(tau, b, low, high)


def test_one_bound_is_the_closed_form():
    mass, A, tau, _ = problem(0, 1)
    inverse = np.linalg.inv(mass)
    b = A @ inverse @ tau + 3.0
    project, out = solve(mass, A, tau, b)
    force = 3.0 / float((A @ inverse @ A.T)[0, 0])
    np.testing.assert_allclose(out, tau + force * A[0])
    np.testing.assert_allclose(project.weights, [force])


def test_efforts_that_obey_stay():
    mass, A, tau, _ = problem(1, 4)
    b = A @ np.linalg.inv(mass) @ tau - 0.1
    project, out = solve(mass, A, tau, b)
    np.testing.assert_array_equal(out, tau)
    assert not project.weights.any()


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_several_bounds_meet_the_conditions_of_karush_kuhn_and_tucker(seed, rows):
    """Feasible, forces that only push, and only where the bound is reached."""
    mass, A, tau, rng = problem(seed, rows)
    B = A @ np.linalg.inv(mass)
    b = B @ tau + rng.normal(size=rows)
    project, out = solve(mass, A, tau, b, passes=5000)
    size = np.sqrt(np.einsum("ri,ri->r", A, B))
    assert ((b - B @ out) / size).max() < 0.02
    assert (project.weights >= 0.0).all()
    np.testing.assert_allclose(out, tau + A.T @ project.weights, atol=1e-6)
    assert (project.weights * (B @ out - b) / size < 0.1).all()


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_efforts_stay_in_their_interval_whatever_is_asked(seed, rows):
    mass, A, tau, rng = problem(seed, rows)
    b = rng.normal(size=rows) * 10.0 ** rng.integers(-3, 4)
    low, high = -rng.uniform(0.1, 5.0, N), rng.uniform(0.1, 5.0, N)
    _, out = solve(mass, A, tau, b, low, high, passes=60)
    assert np.isfinite(out).all()
    assert (out >= low).all() and (out <= high).all()


def test_an_interval_makes_the_other_joints_do_it():
    mass, A, tau, _ = problem(3, 1)
    b = A @ np.linalg.inv(mass) @ tau + 2.0
    _, free = solve(mass, A, tau, b)
    high = np.where(np.arange(N) == int(np.argmax(free - tau)), tau, WIDE)
    project, out = solve(mass, A, tau, b, high=high)
    assert (out <= high + 1e-12).all()
    assert project.shortfall(out, b).max() < 0.02


def test_what_no_joint_changes_is_not_asked_for():
    mass, A, tau, _ = problem(4, 2)
    A[1] = 0.0
    project, out = solve(mass, A, tau, np.array([-1e3, 5.0]))
    np.testing.assert_array_equal(out, tau)
    assert project.shortfall(out, np.array([-1e3, 5.0]))[1] == -np.inf
