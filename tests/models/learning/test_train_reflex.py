import copy

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.learning import (
    ReflexTraining,
    RiskData,
    RiskTrainer,
    recovered,
)
from neural_brain.models.reflex import FEATURES, FIRST_ACTION, RecoveryNet, RiskNet
from neural_brain.models.reflex.recovery import CHOICES, choice

TORCH = pytest.importorskip("torch")
TORCH.set_num_threads(1)


def cliff(runs=2, n=1500, discount=0.8, seed=0):
    """A point on a line that walks by its action; beyond 1 is a cliff."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, (runs, n, 1))
    a = rng.uniform(-1.0, 1.0, (runs, n, 1))
    after = x + 0.3 * a
    falls = after[..., 0] > 1.0
    next_a = rng.uniform(-1.0, 1.0, (runs, n, 1))
    return RiskData(
        inputs=np.concatenate((x, a), axis=2),
        costs=falls.astype(float),
        discounts=np.where(falls, 0.0, discount),
        next_inputs=np.concatenate((after, next_a), axis=2),
    )


@pytest.fixture(scope="module")
def trained():
    config = ReflexTraining(width=16, batch=64, learning_rate=5e-3, target_share=0.05)
    trainer = RiskTrainer(config, cliff(), actions=1)
    trainer.update(800)
    return trainer


def test_risk_is_high_where_the_action_leads_over_the_cliff_and_low_far_away(trained):
    asked = np.tile([[0.9, 1.0], [0.9, -1.0], [-0.9, -1.0]], (2, 1, 1))
    risk = trained.risk(asked)
    assert (risk[:, 0] > 0.85).all()
    assert (risk[:, 1] < risk[:, 0] - 0.3).all()
    assert (risk[:, 2] < 0.15).all()


def test_rare_violations_are_not_taken_for_frequent_ones():
    """A coin: whatever is done, one step in twenty is a violation."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1, 4000, 2))
    costs = (rng.random((1, 4000)) < 0.05).astype(float)
    data = RiskData(inputs=x, costs=costs, discounts=np.zeros((1, 4000)), next_inputs=x)
    config = ReflexTraining(width=4, learning_rate=5e-3, recovers=False)
    trainer = RiskTrainer(config, data, actions=1)
    trainer.update(600)
    assert trainer.risk(x[:, :200]).mean() == pytest.approx(0.05, abs=0.03)


def test_the_recovery_policy_goes_away_from_the_cliff(trained):
    actions = trained.recover(np.full((2, 1, 1), 0.9))
    assert (actions < -0.3).all()


def test_the_exported_critic_says_in_numpy_what_it_says_in_torch(trained):
    for run in (0, 1):
        tensors = trained.tensors(run)
        tensors["prototypes"] = np.zeros((1, 2), np.float32)
        tensors["risk_max"] = tensors["strange_max"] = np.ones(1, np.float32)
        net, asked = RiskNet(tensors), cliff().inputs[:, :50]
        ours = [net.risk(x.astype(np.float32)) for x in asked[run]]
        np.testing.assert_allclose(ours, trained.risk(asked)[run], atol=1e-5)


def pushing(n=1500, seed=0):
    """A made-up contact: the harder the spring pushes into it, the more dangerous."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0, 1.0, (1, n, len(FEATURES)))
    x[..., 0] = rng.uniform(5.0, 25.0, (1, n))
    x[..., 11] = rng.uniform(-5.0, 20.0, (1, n))
    x[..., 10] = np.abs(x[..., 11]) + rng.uniform(0.0, 5.0, (1, n))
    hit = rng.random((1, n)) < np.clip(x[..., 11] / 20.0, 0.0, 1.0)
    return RiskData(
        inputs=x,
        costs=hit.astype(float),
        discounts=np.zeros((1, n)),
        next_inputs=x,
    )


@pytest.fixture(scope="module")
def arm():
    data = pushing()
    actions = len(FEATURES) - FIRST_ACTION
    config = ReflexTraining(width=16, batch=64, learning_rate=5e-3, target_share=0.05)
    trainer = RiskTrainer(config, data, actions, perform=recovered, choices=CHOICES)
    trainer.update(600)
    return trainer


def test_the_policy_of_the_arm_takes_the_push_away_that_is_dangerous(arm):
    states = pushing(seed=1).inputs[..., :FIRST_ACTION]
    _, back = choice(*np.moveaxis(arm.recover(states)[0], -1, 0))
    assert back.mean() > 0.8


def test_the_exported_policy_says_in_numpy_what_it_says_in_torch(arm):
    policy = RecoveryNet(arm.tensors() | arm.recovery_tensors())
    asked = pushing(seed=1).inputs[0, :50]
    ours = np.array([policy.choose(x) for x in asked.astype(np.float32)])
    there = arm.recover(asked[None, :, :FIRST_ACTION])[0]
    np.testing.assert_allclose(ours, np.column_stack(choice(*there.T)), atol=1e-5)


def test_runs_do_not_touch_each_other():
    data = cliff()
    other = RiskData(
        **{k: np.concatenate((v[:1], v[1:] * 0.5)) for k, v in vars(data).items()}
    )
    config = ReflexTraining(width=8, batch=16)
    risks = []
    for some in (data, other):
        trainer = RiskTrainer(config, some, actions=1)
        trainer.update(10)
        risks.append(trainer.risk(data.inputs[:, :20])[0])
    np.testing.assert_allclose(*risks, atol=1e-6)


def test_same_seed_same_critic_and_a_copy_goes_its_own_way():
    config = ReflexTraining(width=8, batch=16, seed=3)
    one, two = (RiskTrainer(config, cliff(), actions=1) for _ in range(2))
    one.update(5), two.update(5)
    asked = cliff().inputs[:, :10]
    np.testing.assert_array_equal(one.risk(asked), two.risk(asked))
    twin = copy.deepcopy(one)
    twin.update(20)
    np.testing.assert_array_equal(one.risk(asked), two.risk(asked))
    assert not np.array_equal(twin.risk(asked), one.risk(asked))


def test_without_torch_the_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelFileError, match=r"neural_brain\[learn\]"):
        RiskTrainer(ReflexTraining(), cliff(n=8), actions=1)
