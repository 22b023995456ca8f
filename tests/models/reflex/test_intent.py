import numpy as np
import pytest

from neural_brain.models.reflex import FEATURES, Intent

ZERO = np.zeros(3)


def read(intent, force=ZERO, velocity=ZERO, pull=ZERO, K=400.0, anchor=ZERO):
    wrench = np.r_[force, np.zeros(3)]
    return intent.read(wrench, velocity, pull, K * np.eye(3), anchor)


def at(name):
    """Index of the feature whose name starts like that."""
    return next(i for i, full in enumerate(FEATURES) if full.startswith(name))


FORCE, RISE = at("force ["), at("rise")
SPEED, INTO = at("hand speed ["), at("hand speed into")
HARD, BANG, SINCE = (
    at("log10 of the stiffness of"),
    at("force of st"),
    at("log10 of the t"),
)
SPRING, SPRING_INTO = at("spring force ["), at("spring force into")
ANCHOR_INTO = at("anchor speed into")


def test_without_touch_the_projections_are_the_full_lengths():
    x = read(Intent(1e-3), velocity=np.array([0.0, 0.3, 0.4]), pull=np.full(3, 0.01))
    assert len(x) == len(FEATURES)
    assert x[SPEED] == x[INTO] == pytest.approx(0.5)
    assert x[SPRING] == x[SPRING_INTO] == pytest.approx(400.0 * 0.01 * 3**0.5)
    assert x[at("log10 of the stiffness along")] == pytest.approx(np.log10(400.0))


def test_motion_into_and_out_of_a_contact_have_opposite_signs():
    push = np.array([-10.0, 0.0, 0.0])  # something ahead pushes back
    way = np.array([0.1, 0.0, 0.0])
    into = read(Intent(1e-3), push, way, 0.2 * way, anchor=way).copy()
    out = read(Intent(1e-3), push, -way, -0.2 * way, anchor=-way)
    for i in (INTO, SPRING_INTO, ANCHOR_INTO):
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
    assert x[RISE] == pytest.approx(0.5, rel=0.01)
    intent.reset()
    assert read(intent)[RISE] == 0.0


@pytest.mark.parametrize("k", [3e2, 3e3, 3e4])
def test_the_stiffness_of_what_is_pressed_is_found_while_pressing(k):
    """A hand that moves sinusoidally into a spring, with the noise of the wrist."""
    intent, rng, hard = Intent(1e-3), np.random.default_rng(0), []
    for tick in range(400):
        depth = 5.0 / k + (5.0 / k) * (1.0 - np.cos(0.05 * tick))
        speed = 1e3 * (5.0 / k) * 0.05 * np.sin(0.05 * tick)
        force = np.array([-k * depth + rng.normal(0.0, 0.1), 0.0, 0.0])
        x = read(intent, force, np.array([speed, 0.0, 0.0]))
        hard.append(x[HARD])
    assert 10.0 ** np.median(hard[150:]) == pytest.approx(k, rel=0.3)


def test_what_slides_away_is_soft():
    """The force does not grow with the way: a block that is pushed along."""
    intent, rng = Intent(1e-3), np.random.default_rng(0)
    for _ in range(400):
        force = np.array([-12.0 + rng.normal(0.0, 0.15), 0.0, 0.0])
        x = read(intent, force, np.array([0.05, 0.0, 0.0]))
    assert 10.0 ** x[HARD] < 500.0


def test_a_heavy_hand_hits_harder():
    light, heavy = (
        Intent(1e-3).read(
            np.array([-10.0, 0, 0, 0, 0, 0]), np.array([0.1, 0, 0]), ZERO,
            400.0 * np.eye(3), ZERO, mobility_root=np.eye(3) / mass**0.5,
        )[BANG]
        for mass in (1.0, 4.0)
    )  # fmt: skip
    assert heavy == pytest.approx(2.0 * light)


def test_touch_is_remembered_for_a_while_and_then_forgotten():
    intent = Intent(1e-3)
    assert not intent.touching
    for _ in range(50):
        x = read(intent, np.array([-5.0, 0.0, 0.0])).copy()
    assert intent.touching and x[SINCE] == pytest.approx(np.log10(51.0))
    read(intent)
    assert intent.touching
    for _ in range(300):
        x = read(intent)
    assert not intent.touching and x[SINCE] == 0.0


def test_contact_scales_with_the_limit():
    """Twice the limit, forces and speeds: the same features."""
    small, large = Intent(1e-3, 30.0), Intent(1e-3, 60.0)
    for tick in range(30):
        force = np.array([-3.0 - 0.2 * tick, 1.0, 0.0])
        way = np.array([0.01, 0.002, 0.0])
        one = read(small, force, 4 * way, way, anchor=2 * way).copy()
        two = read(large, 2 * force, 8 * way, 2 * way, anchor=4 * way)
    np.testing.assert_allclose(one, two, atol=1e-9)


def test_an_absurd_force_is_told_and_not_remembered():
    intent = Intent(1e-3)
    for force in (np.nan, np.inf, 1e9):
        assert np.isnan(read(intent, np.array([force, 0.0, 0.0]))).all()
        assert intent.touching
    assert np.isfinite(read(intent, np.array([5.0, 0.0, 0.0]))).all()
