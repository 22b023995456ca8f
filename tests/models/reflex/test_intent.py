import numpy as np
import pytest

from neural_brain.models.reflex import FEATURES, Intent

ZERO = np.zeros(3)


def read(intent, force=ZERO, velocity=ZERO, pull=ZERO, K=400.0, anchor=ZERO):
    wrench = np.r_[force, np.zeros(3)]
    return intent.read(wrench, velocity, pull, K * np.eye(3), anchor, contact=True)


def test_without_touch_the_projections_are_the_full_lengths():
    x = read(Intent(1e-3), velocity=np.array([0.0, 0.3, 0.4]), pull=np.full(3, 0.01))
    assert len(x) == len(FEATURES)
    assert x[3] == x[4] == pytest.approx(0.5)
    assert x[5] == x[6] == pytest.approx(400.0 * 0.01 * 3**0.5)
    assert x[7] == pytest.approx(np.log10(400.0)) and x[8] == 1.0


def test_motion_into_and_out_of_a_contact_have_opposite_signs():
    push = np.array([-10.0, 0.0, 0.0])  # something ahead pushes back
    way = np.array([0.1, 0.0, 0.0])
    into = read(Intent(1e-3), push, way, 0.2 * way, anchor=way).copy()
    out = read(Intent(1e-3), push, -way, -0.2 * way, anchor=-way)
    for i in (4, 6, 10):
        assert into[i] > 0.0 and out[i] == pytest.approx(-into[i])


def test_features_do_not_know_directions():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(4, 3)) * np.array([[8.0], [0.1], [0.02], [0.1]])
    R, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    first = read(Intent(1e-3), *vectors[:3], anchor=vectors[3]).copy()
    turned = vectors @ R.T
    second = read(Intent(1e-3), *turned[:3], anchor=turned[3])
    np.testing.assert_allclose(first, second, atol=1e-9)


def test_the_rise_of_the_force_is_felt_within_some_ticks():
    intent = Intent(1e-3)
    for k in range(20):
        x = read(intent, force=np.array([0.5 * k, 0.0, 0.0]))
    assert x[1] == pytest.approx(0.5, rel=0.01)
    intent.reset()
    assert read(intent)[1] == 0.0
