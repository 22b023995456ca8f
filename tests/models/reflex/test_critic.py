import math

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.reflex import (
    FEATURES,
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


def test_it_slows_when_that_is_enough_and_holds_when_it_is_not(critics):
    """Risk made by hand: sigmoid of the anchor's speed against 0.1 m/s."""
    made = critics.tensors(width=4, strange_max=1e6)
    for name in ("w0", "w1", "w2", "b0", "b1", "b2", "input_mean"):
        made[name][:] = 0.0
    made["input_std"][:] = 1.0
    made["w0"][:, 9, 0] = made["w1"][:, 0, 0] = 1.0
    made["w2"][:, 0, 0], made["b2"][:] = 100.0, -10.0

    def level(speed):
        it = SafetyCritic(CriticConfig(enabled=True), LadderConfig(), RiskNet(made))
        x = CALM.copy()
        x[9] = speed
        it.look(x)
        return it.level

    assert level(0.09) is ReflexLevel.NOMINAL
    assert level(0.15) is ReflexLevel.SLOW
    assert level(0.30) is ReflexLevel.HOLD


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
    save_weights(path, critics.tensors(inputs=5), {"model": "reflex", "version": 1})
    config = CriticConfig(enabled=True, weights=str(path))
    with pytest.raises(ModelFileError, match="takes 5 inputs"):
        load_critic(config, LadderConfig())


def test_the_shipped_critic_loads_and_judges():
    it = load_critic(CriticConfig(enabled=True), LadderConfig())
    it.look(CALM)
    assert it.looks == 1 and it.level in (ReflexLevel.NOMINAL, ReflexLevel.HOLD)
    it.look(np.full(INPUTS, 1e5))
    assert it.level is ReflexLevel.HOLD
