import math

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.reflex import (
    FEATURES,
    FIRST_ACTION,
    CriticConfig,
    LadderConfig,
    RiskNet,
    SafetyCritic,
    load_critic,
)
from neural_brain.models.signals import ReflexLevel
from neural_brain.models.weights import save_weights

INPUTS = len(FEATURES)
CALM = np.zeros(INPUTS)


@pytest.fixture
def it(critics):
    """Never at risk near zero, whatever the random weights say."""
    config = CriticConfig(enabled=True, risk_max=1.0, strange_max=1e5)
    return critics.critic(config=config)


def test_what_is_known_and_harmless_is_let_through(it):
    it.look(CALM)
    assert it.level is ReflexLevel.NOMINAL


@pytest.mark.parametrize(
    ("features", "name"),
    [
        (None, "malformed"),
        (np.zeros(INPUTS - 1), "malformed"),
        (np.zeros((1, INPUTS)), "malformed"),
        ("junk", "malformed"),
        ([0.0] * INPUTS, "malformed"),
        (np.full(INPUTS, np.nan), "not finite"),
        (np.full(INPUTS, np.inf), "not finite"),
        (np.full(INPUTS, -1e300), "not finite"),
        (np.array(["a"] * INPUTS), "malformed"),
        (np.full(INPUTS, 1j), "malformed"),
    ],
)
def test_a_bad_input_is_danger_at_once_and_named(it, features, name):
    it.look(features)
    assert it.level is ReflexLevel.HOLD and name in it.cause.name


def test_the_unknown_is_danger(critics):
    it = critics.critic(
        config=CriticConfig(enabled=True, risk_max=1.0, strange_max=2.0)
    )
    it.look(np.full(INPUTS, 50.0))
    assert it.level is ReflexLevel.HOLD and it.cause.name == "never seen in training"


def test_a_tick_without_a_look_is_danger_and_a_skipped_one_is_not(it):
    it.skip()
    it.close()
    assert it.level is ReflexLevel.NOMINAL
    it.close()
    assert it.level is ReflexLevel.HOLD and it.cause.name == "risk unknown"


@pytest.fixture
def pulled(critics):
    """A critic whose risk is made by hand: sigmoid of the spring against 10 N."""
    made = critics.tensors(width=4, strange_max=1e6)
    for name in ("w0", "w1", "w2", "b0", "b1", "b2", "input_mean"):
        made[name][:] = 0.0
    made["input_std"][:] = 1.0
    made["w0"][:, FIRST_ACTION, 0] = made["w1"][:, 0, 0] = 1.0
    made["w2"][:, 0, 0], made["b2"][:] = 10.0, -100.0
    return SafetyCritic(CriticConfig(enabled=True), LadderConfig(), RiskNet(made))


def pull(newton):
    x = CALM.copy()
    x[FIRST_ACTION] = newton
    return x


@pytest.mark.parametrize(
    ("newton", "level", "share"),
    [
        (9.0, ReflexLevel.NOMINAL, 1.0),
        (12.0, ReflexLevel.SLOW, 0.75),
        (18.0, ReflexLevel.SLOW, 0.5),
        (38.0, ReflexLevel.SLOW, 0.25),
        (50.0, ReflexLevel.HOLD, 0.25),
    ],
)
def test_it_leaves_the_largest_share_that_is_not_too_risky(
    pulled, newton, level, share
):
    pulled.look(pull(newton))
    assert pulled.level is level and pulled.share == pytest.approx(share)


def test_the_share_falls_at_once_and_rises_slowly(pulled):
    pulled.look(pull(38.0))
    shares = []
    for _ in range(CriticConfig().rise_ticks):
        pulled.look(CALM)
        shares.append(pulled.share)
    steps = np.diff([0.25, *shares])
    assert shares[-1] == 1.0 and (steps >= 0.0).all()
    assert steps.max() <= 1.0 / CriticConfig().rise_ticks + 1e-9


def test_it_lets_go_after_its_dwell(it):
    config = LadderConfig()
    it.look(np.full(INPUTS, math.nan))
    ticks = 0
    while it.level is not ReflexLevel.NOMINAL:
        it.look(CALM)
        ticks += 1
    assert ticks >= max(config.dwell_ticks, config.clear_ticks)


def test_switched_off_it_reads_no_file():
    config = CriticConfig(weights="/nowhere/at/all.safetensors")
    assert load_critic(config, LadderConfig()) is None
    on = CriticConfig(enabled=True, weights="/nowhere/at/all.safetensors")
    with pytest.raises(ModelFileError, match="train reflex"):
        load_critic(on, LadderConfig())


def test_weights_for_other_features_are_refused(critics, tmp_path):
    path = tmp_path / "reflex.safetensors"
    save_weights(path, critics.tensors(inputs=5), {"model": "reflex", "version": 2})
    config = CriticConfig(enabled=True, weights=str(path))
    with pytest.raises(ModelFileError, match="takes 5 inputs"):
        load_critic(config, LadderConfig())


@pytest.mark.parametrize("recovers", [False, True])
def test_the_shipped_critic_loads_and_judges(recovers):
    it = load_critic(CriticConfig(enabled=True, recovers=recovers), LadderConfig())
    assert (it.recovery is not None) is recovers
    it.look(CALM)
    assert it.looks == 1 and it.level in (ReflexLevel.NOMINAL, ReflexLevel.HOLD)
    it.look(np.full(INPUTS, 1e5))
    assert it.level is ReflexLevel.HOLD
