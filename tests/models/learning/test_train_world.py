import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.learning import (
    WorldTraining,
    train_world,
    transitions,
    usual_surprise,
)
from neural_brain.models.weights import load_weights, save_weights
from neural_brain.models.world import (
    VERSION,
    Ensemble,
    WorldConfig,
    WorldModel,
    channel_nll,
)

pytest.importorskip("torch")


def recording(seed, steps=400):
    """Channels and actions of a base that follows its commands with a lag."""
    rng = np.random.default_rng(seed)
    x, u = np.zeros((steps, 12)), np.zeros((steps, 4))
    speed, wish = np.zeros(2), np.zeros(2)
    noise = np.array([0.005, 0.01, 0.005, 0.1, 0.1, *[0.2] * 3, *[0.02] * 3, 0.01])
    for t in range(steps):
        if rng.random() < 0.06:
            wish = rng.uniform([-0.2, -1.0], [0.6, 1.0])
        before = speed
        speed = speed + 0.3 * (wish - speed)
        x[t, :2], x[t, 2] = speed, speed[1]
        x[t, 3], x[t, 4] = (speed[0] - before[0]) / 0.05, speed[0] * speed[1]
        x[t] += rng.normal(size=12) * noise
        u[t, :2] = wish
    return x, u


@pytest.fixture(scope="module")
def trained():
    data = transitions([recording(seed) for seed in range(6)])
    return train_world(data, WorldTraining(updates=800, batch=128, width=32, members=3))


@pytest.fixture(scope="module")
def held_out():
    return transitions([recording(99)])


def test_loss_falls(trained):
    _, losses = trained
    assert np.mean(losses[-20:]) < np.mean(losses[:20]) - 3.0


def test_driving_is_predicted_better_than_by_persistence(trained, held_out):
    mean, variance, _ = Ensemble(trained[0]).predict(held_out.inputs)
    error = np.sqrt(((mean - held_out.deltas) ** 2).mean(axis=0))
    persistence = np.sqrt((held_out.deltas**2).mean(axis=0))
    assert np.all(error[:4] < 0.7 * persistence[:4])
    z = (held_out.deltas - mean) / np.sqrt(variance)
    assert np.all(z.std(axis=0) < 2.0) and np.all(z.std(axis=0) > 0.5)


def test_odd_steps_are_less_likely(trained, held_out):
    mean, variance, _ = Ensemble(trained[0]).predict(held_out.inputs)
    usual = channel_nll(held_out.deltas, mean, variance).sum(axis=1)
    shoved = held_out.deltas + np.eye(12)[0] * 0.3
    odd = channel_nll(shoved, mean, variance).sum(axis=1)
    assert np.median(odd) > np.quantile(usual, 0.99)


def test_weights_round_trip_into_a_world_model(trained, held_out, tmp_path):
    tensors = {**trained[0], **usual_surprise(trained[0], held_out)}
    path = tmp_path / "world.safetensors"
    save_weights(path, tensors, {"model": "world", "version": VERSION})
    world = WorldModel(WorldConfig(weights=str(path)))
    expected = Ensemble(tensors).predict(held_out.inputs[:5])
    np.testing.assert_array_equal(
        world.ensemble.predict(held_out.inputs[:5])[0], expected[0]
    )


def test_weights_of_another_layout_are_refused(trained, tmp_path):
    path = tmp_path / "world.safetensors"
    save_weights(path, trained[0], {"model": "world", "version": VERSION})
    with pytest.raises(ModelFileError, match="neural-brain train world"):
        WorldModel(WorldConfig(weights=str(path)))
    cut = {**trained[0], "w1": trained[0]["w1"][:, :5]}
    save_weights(path, cut, {"model": "world", "version": VERSION})
    tensors, _ = load_weights(path, name="world", version=VERSION)
    with pytest.raises(ModelFileError, match="ensemble"):
        Ensemble(tensors)


def test_same_seed_same_weights():
    data = transitions([recording(0, steps=100)])
    config = WorldTraining(updates=5, batch=16, width=8, members=2, seed=3)
    first, second = (train_world(data, config)[0] for _ in range(2))
    assert all(np.array_equal(first[key], second[key]) for key in first)


def test_without_torch_the_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    data = transitions([recording(0, steps=20)])
    with pytest.raises(ModelFileError, match=r"neural_brain\[learn\]"):
        train_world(data, WorldTraining(updates=1))
