"""A simulated arm told by joint positions: the reflex stays in between."""

import numpy as np
import pytest

from neural_brain.models.signals import ReflexLevel
from neural_brain.robots.guarded_arm import GuardedArm, GuardedArmConfig


@pytest.fixture
def arm():
    arm = GuardedArm(GuardedArmConfig(rate_hz=20.0))
    yield arm
    arm.close()


def test_it_follows_joint_positions(arm):
    start = arm.state.q.copy()
    goal = start + 0.2
    for k in range(40):
        aimed = arm.act(start + 0.2 * min(1.0, k / 20))
    np.testing.assert_allclose(aimed, goal)
    np.testing.assert_allclose(arm.state.q, goal, atol=0.01)
    assert arm.level is ReflexLevel.NOMINAL and arm.audit.total == 0


def test_time_is_simulated_and_exact(arm):
    before = arm.state.stamp
    for _ in range(7):
        arm.act(arm.state.q)
    assert arm.state.stamp - before == pytest.approx(0.35)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_and_the_arm_holds(arm, bad):
    start = arm.state.q.copy()
    for _ in range(10):
        aimed = arm.act(np.full(7, bad))
    assert arm.level is ReflexLevel.HOLD
    assert np.isfinite(aimed).all()
    np.testing.assert_allclose(arm.state.q, start, atol=0.01)
    for _ in range(5):
        arm.act(start)
    assert arm.level is ReflexLevel.NOMINAL


def test_wild_targets_never_leave_the_limits(arm):
    rng = np.random.default_rng(1)
    low, high = arm.limits.q_min, arm.limits.q_max
    for _ in range(30):
        aimed = arm.act(rng.uniform(-50.0, 50.0, 7))
        assert (aimed >= low - 1e-6).all() and (aimed <= high + 1e-6).all()
        assert (arm.state.q > low).all() and (arm.state.q < high).all()
    assert arm.audit.total == 0


def test_one_seed_gives_one_run():
    arm = GuardedArm(GuardedArmConfig(button=True))
    runs = []
    for seed in (4, 4, 5):
        arm.reset(seed)
        for _ in range(5):
            arm.act(arm.state.q + 0.05)
        runs.append((arm.button.tolist(), arm.state.q.tolist()))
    arm.close()
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.gl
def test_the_picture_shows_the_button():
    arm = GuardedArm(GuardedArmConfig(button=True, width=80, height=60))
    picture = arm.picture().astype(int)
    arm.close()
    assert picture.shape == (60, 80, 3)
    red = (picture[..., 0] > 120) & (picture[..., 1] < 60) & (picture[..., 2] < 60)
    assert red.sum() >= 3
