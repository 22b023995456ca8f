"""The recovery policy can only make an action safer, whatever its weights say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.errors import ModelFileError
from neural_brain.models.impedance.back_off import BackOff
from neural_brain.models.reflex import (
    FEATURES,
    FIRST_ACTION,
    CriticConfig,
    ForceConfig,
    RecoveryNet,
    recovery_bounds,
)
from neural_brain.models.reflex.recovery import (
    BACK_N,
    SOFT_SHARE,
    Scalars,
    executed,
    picked,
    seen,
    with_action,
)
from neural_brain.models.signals import ReflexLevel

INPUTS = len(FEATURES)
BAD = (math.nan, math.inf, -math.inf, 1e30)
units = st.floats(0.0, 1.0)


def features(rng, count=50):
    """Random features (count, 14) whose projections are shorter than their lengths."""
    x = rng.normal(0.0, 10.0, (count, INPUTS))
    x[:, 0] = rng.uniform(0.0, 30.0, count)
    x[:, 5] = rng.normal(0.0, 0.05, count)
    x[:, 10] = np.abs(x[:, 11]) + rng.uniform(0.0, 20.0, count)
    x[:, 12] = np.abs(x[:, 13]) + rng.uniform(0.0, 1.0, count)
    return x


@given(st.integers(0, 2**32 - 1), units, units)
def test_what_is_executed_never_pushes_harder_than_the_share(seed, share, back):
    x = features(np.random.default_rng(seed))
    done = with_action(x, np.full(50, share), np.full(50, back))
    np.testing.assert_array_equal(done[:, :FIRST_ACTION], x[:, :FIRST_ACTION])
    assert (done[:, 11] <= share * x[:, 11] + 1e-9).all()
    assert (done[:, 13] <= share * x[:, 13] + 1e-9).all()
    assert (done[:, 11] >= np.minimum(share * x[:, 11], -BACK_N) - 1e-9).all()
    longest = np.maximum(share * x[:, 10], BACK_N + share * x[:, 10])
    assert (done[:, 10] <= longest + 1e-3).all()


@pytest.mark.parametrize("back", [0.0, 0.3, 1.0])
def test_numbers_and_arrays_and_torch_say_the_same(back):
    torch = pytest.importorskip("torch")
    from neural_brain.models.learning import recovered

    x = features(np.random.default_rng(3))
    many = with_action(x, np.full(50, 0.5), np.full(50, back))
    ones = [executed(picked(row.tolist()), 0.5, back, Scalars) for row in x]
    np.testing.assert_allclose(np.array(ones), many[:, FIRST_ACTION:])
    first = (0.5 - SOFT_SHARE) / (1.0 - SOFT_SHARE) * 2.0 - 1.0
    chosen = torch.tensor([first, 2.0 * back - 1.0], dtype=torch.float64)
    there = recovered(torch.as_tensor(x), chosen.expand(50, 2))
    np.testing.assert_allclose(there.numpy(), many)


def test_without_a_felt_force_there_is_no_way_back():
    x = features(np.random.default_rng(0))
    x[:, 0] = 1.0
    action = executed(seen(x), 0.5, 1.0, np)
    np.testing.assert_allclose(np.column_stack(action), 0.5 * x[:, 10:], atol=1e-4)


@given(st.integers(0, 2**32 - 1), units, units)
def test_in_the_spring_it_only_takes_from_the_push_into_the_contact(
    seed, share, opening
):
    rng = np.random.default_rng(seed)
    it = BackOff(1e-3)
    away = rng.normal(size=3)
    it.bound(away / np.linalg.norm(away), 3.0, 0.05)
    for _ in range(3):
        it.share = share
        force, velocity = rng.normal(0.0, 20.0, 3), rng.normal(0.0, 0.1, 3)
        before = force.copy()
        power = it.apply(force, rng.normal(0.0, 0.02, 3), velocity, opening)
        change = force - before
        along = float(change.dot(it.away))
        np.testing.assert_allclose(change, along * it.away, atol=1e-12)
        assert along >= 0.0 and power >= 0.0
        assert force.dot(it.away) <= max(before.dot(it.away), 3.0) + 1e-9
        if velocity.dot(it.away) > 0.05:  # nothing is driven out faster than that
            assert force.dot(it.away) <= max(before.dot(it.away), 0.0) + 1e-9
        assert power + 1e-12 >= change.dot(velocity)


def test_an_empty_tank_pushes_nothing_out_and_gives_nothing_back():
    it = BackOff(1e-3)
    it.bound(np.array([0.0, 1.0, 0.0]), 3.0, 0.05)
    it.share = 1.0
    force = np.array([1.0, -10.0, 0.0])
    assert it.apply(force, np.zeros(3), np.zeros(3), 0.0) == 0.0
    np.testing.assert_allclose(force, [1.0, 0.0, 0.0])
    it.share, force[1] = 0.0, -10.0
    it.apply(force, np.zeros(3), np.zeros(3), 0.0)
    np.testing.assert_allclose(force, [1.0, 0.0, 0.0])
    assert it.acts


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_changes_no_force(value):
    it = BackOff(1e-3)
    it.bound(np.array([0.0, value, 0.0]), 3.0, 0.05)
    it.share = 1.0
    force = np.array([1.0, -10.0, 0.0])
    with np.errstate(invalid="ignore"):
        it.apply(force, np.zeros(3), np.zeros(3), 1.0)
    np.testing.assert_allclose(force, [1.0, -10.0, 0.0])
    it = BackOff(1e-3)
    it.bound(np.array([0.0, 1.0, 0.0]), 3.0, 0.05)
    it.share = value
    assert it.apply(force, np.zeros(3), np.zeros(3), 1.0) == 0.0
    np.testing.assert_allclose(force, [1.0, -10.0, 0.0])


def test_the_push_is_never_that_of_more_than_a_retreat():
    for limit_n in (10.0, 30.0, 200.0):
        force = ForceConfig(limit_n=limit_n, retract_m=0.01, retract_m_s=0.05)
        push_n, speed_m_s = recovery_bounds(force, 300.0)
        assert 0.0 < push_n <= 3.0 and 0.0 < speed_m_s <= 0.05


def looks(rng, count):
    """Inputs of every kind, bad ones included."""
    for _ in range(count):
        x = rng.normal(0.0, 2.0, INPUTS)
        x[0] = abs(x[0]) * 5.0
        if rng.random() < 0.1:
            x[rng.integers(INPUTS)] = BAD[rng.integers(len(BAD))]
        yield None if rng.random() < 0.05 else x


def two(critics, seed):
    """The same critic, without and with a recovery policy."""
    config = CriticConfig(enabled=True, strange_max=1e5)
    alone, both = (critics.critic(seed, config) for _ in range(2))
    both.recovery = critics.policy(seed)
    return alone, both


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_with_the_policy_it_is_never_less_safe_than_without(critics, seed):
    rng = np.random.default_rng(seed)
    alone, both = two(critics, int(rng.integers(1000)))
    for x in looks(rng, 40):
        for it in (alone, both):
            it.look(x)
            it.close()
        assert both.level is alone.level and both.cause.name == alone.cause.name
        assert both.share <= alone.share
        assert 0.0 <= both.back <= 1.0 and alone.back == 0.0
        if x is None or not np.isfinite(x).all():
            assert both.back == 0.0 and both.level is ReflexLevel.HOLD


def test_the_policy_does_act_in_these_sequences(critics):
    """Else the promise would be kept by doing nothing."""
    acted = []
    for seed in range(20):
        _, both = two(critics, seed)
        for x in looks(np.random.default_rng(seed), 40):
            both.look(x)
            acted.append(both.back > 0.0)
    assert 0.05 < np.mean(acted) < 0.95


def test_what_does_not_lower_the_risk_is_not_done(critics):
    """Its outcome is compared with that of the critic's own answer."""
    rng = np.random.default_rng(5)
    for seed in range(30):
        _, both = two(critics, seed)
        for x in features(rng, 30):
            both.back = 0.0
            cause, share = both.judge(x)
            if cause.name != "learned risk":
                continue
            done, back = both._recovered(both.recovery, share)
            usual = x.copy()
            usual[FIRST_ACTION:] *= share
            better = with_action(x[None], np.array([done]), np.array([back]))[0]
            risks = [both.net.risk(v.astype(np.float32)) for v in (better, usual)]
            assert risks[0] <= risks[1] + 1e-5


@pytest.mark.parametrize("poison", [math.nan, math.inf])
@pytest.mark.parametrize("name", ["w", "b"])
def test_weights_that_turn_bad_leave_the_answer_of_the_critic(critics, name, poison):
    alone, both = two(critics, 7)
    for part in getattr(both.recovery, f"_{name}"):
        part[...] = poison
    both.back = 0.7
    bad = False
    for x in looks(np.random.default_rng(2), 60):
        alone.look(x)
        with np.errstate(invalid="ignore"):
            both.look(x)
        bad |= both.cause.level > ReflexLevel.NOMINAL
        assert both.back == 0.0 or not bad
        assert both.share == alone.share
        assert both.level is alone.level


def test_the_policy_in_numpy_is_that_of_the_equations(critics):
    made = critics.policy_tensors(4)
    policy, x = RecoveryNet(made), np.random.default_rng(1).normal(size=INPUTS)
    h = (x - made["input_mean"]) / made["input_std"]
    h = h[:FIRST_ACTION]
    for i in range(3):
        h = h @ made[f"recovery_w{i}"].astype(float) + made[f"recovery_b{i}"]
        h = np.maximum(h, 0.0) if i < 2 else np.tanh(h)
    share = SOFT_SHARE + (1.0 - SOFT_SHARE) * (h[0] + 1.0) / 2.0
    expected = (share, (h[1] + 1.0) / 2.0)
    np.testing.assert_allclose(policy.choose(x.astype(np.float32)), expected, rtol=1e-4)


@pytest.mark.parametrize("kind", ["missing", "bad", "shape", "outputs"])
def test_weights_that_make_no_policy_are_refused(critics, kind):
    made = critics.policy_tensors()
    if kind == "missing":
        del made["recovery_b1"]
    elif kind == "bad":
        made["recovery_w0"][0, 0] = np.nan
    elif kind == "shape":
        made["recovery_w1"] = made["recovery_w1"][:-1]
    else:
        made["recovery_w2"] = made["recovery_w2"][:, :1]
        made["recovery_b2"] = made["recovery_b2"][:1]
    with pytest.raises(ModelFileError, match="train reflex"):
        RecoveryNet(made)


def test_the_retreat_ends_slowly_when_there_is_nothing_to_judge(critics):
    _, both = two(critics, 1)
    both.back, ticks = 1.0, 0
    while both.back > 0.0:
        both.skip()
        both.close()
        ticks += 1
    assert ticks == pytest.approx(CriticConfig().rise_ticks, abs=1)
