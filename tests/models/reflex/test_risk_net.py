import math
import tracemalloc

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.reflex import FEATURES, RiskNet
from neural_brain.models.reflex.risk_net import sigmoid

INPUTS = len(FEATURES)


@pytest.mark.parametrize("seed", range(5))
def test_risk_and_strangeness_follow_the_equations(critics, seed):
    made = critics.tensors(seed)
    net = RiskNet(made)
    for x in np.random.default_rng(seed).normal(0.0, 2.0, (20, INPUTS)):
        risk, far = critics.reference(made, x)
        assert net.risk(x.astype(np.float32)) == pytest.approx(risk, abs=1e-5)
        assert net.strangeness(x.astype(np.float32)) == pytest.approx(far, rel=1e-3)


@pytest.mark.parametrize("name", ["w0", "w1", "w2", "b0", "b1", "b2", "input_mean"])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_refused(critics, name, bad):
    made = critics.tensors()
    made[name].flat[0] = bad
    with pytest.raises(ModelFileError, match="not finite"):
        RiskNet(made)


@pytest.mark.parametrize("name", ["w0", "w1", "w2", "b0", "b1", "prototypes"])
def test_weights_that_turn_into_nan_later_are_the_highest_risk(critics, name):
    made = critics.tensors()
    net = RiskNet(made)
    for values in vars(net).values():
        arrays = values if isinstance(values, list | tuple) else [values]
        for array in arrays:
            if isinstance(array, np.ndarray):
                array.fill(np.nan)
    x = np.zeros(INPUTS, np.float32)
    assert net.risk(x) == math.inf and net.strangeness(x) == math.inf


def test_an_input_that_is_not_finite_is_the_highest_risk(critics):
    net = RiskNet(critics.tensors())
    x = np.zeros(INPUTS, np.float32)
    x[3] = np.nan
    assert net.risk(x) == math.inf and net.strangeness(x) == math.inf


@pytest.mark.parametrize("name", ["w0", "w2", "b1", "input_std", "prototypes"])
def test_wrong_shapes_and_missing_tensors_are_refused(critics, name):
    made = critics.tensors()
    made[name] = made[name][..., :-1]
    with pytest.raises(ModelFileError, match="train reflex"):
        RiskNet(made)
    del made[name]
    with pytest.raises(ModelFileError, match=name):
        RiskNet(made)


def test_a_spread_of_zero_is_refused(critics):
    made = critics.tensors()
    made["input_std"][0] = 0.0
    with pytest.raises(ModelFileError):
        RiskNet(made)


def test_sigmoid_has_no_overflow_and_no_excuse():
    assert sigmoid(0.0) == 0.5 and sigmoid(-800.0) == 0.0 and sigmoid(800.0) == 1.0
    for bad in (math.nan, math.inf, -math.inf):
        assert sigmoid(bad) == math.inf


def test_a_call_keeps_no_memory(critics):
    net, x = RiskNet(critics.tensors(width=512)), np.zeros(INPUTS, np.float32)
    for _ in range(1100):  # Python 3.10 makes a cache of what was called 1024 times
        net.risk(x), net.strangeness(x)
    tracemalloc.start()
    try:
        net.risk(x), net.strangeness(x)
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(200):
            net.risk(x), net.strangeness(x)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 200
    assert peak - before < 1500  # a few scalars, no layer of 512 floats
