import numpy as np
import pytest

from neural_brain.models.learning import (
    DetectorData,
    DetectorTraining,
    train_detector,
)
from neural_brain.models.learning.detector_net import TorchEngine
from neural_brain.models.sensing.net import NumpyEngine, forward

pytest.importorskip("torch")
COLOURS = ((200, 30, 30), (30, 200, 30), (30, 30, 200))


def frames(n, seed):
    """Squares whose colour tells their class, on grey."""
    rng = np.random.default_rng(seed)
    rgb = np.full((n, 64, 96, 3), 120, np.uint8)
    labels = np.zeros((n, 32, 48), np.uint8)
    for i in range(n):
        y, x, kind = rng.integers(0, 22), rng.integers(0, 38), rng.integers(0, 3)
        labels[i, y : y + 10, x : x + 10] = kind + 1
        rgb[i, 2 * y : 2 * y + 20, 2 * x : 2 * x + 20] = COLOURS[kind]
    geometry = np.zeros((n, 4, 32, 48), np.float16)
    return DetectorData(rgb=rgb, geometry=geometry, labels=labels)


def test_a_tiny_training_learns_and_runs_in_numpy():
    tensors, losses = train_detector(
        frames(24, 0), DetectorTraining(epochs=10, batch=6)
    )
    assert losses[-1] < 0.25 * losses[0]
    engine, test = NumpyEngine(tensors), frames(6, 1)
    hits = []
    for i in range(6):
        rgb = test.rgb[i].transpose(2, 0, 1).astype(np.float32) / 255 - 0.5
        scores = forward(engine, rgb, test.geometry[i].astype(np.float32))
        things = test.labels[i] > 0
        hits.append((scores.argmax(axis=0) == test.labels[i])[things].mean())
    assert np.mean(hits) > 0.8


def test_training_goes_on_from_where_it_ended():
    data = frames(24, 0)
    first, losses = train_detector(data, DetectorTraining(epochs=6, batch=6))
    for name, array in TorchEngine(start=first).export().items():
        np.testing.assert_array_equal(array, first[name])
    gentle = DetectorTraining(epochs=2, batch=6, learning_rate=1e-3)
    _, more = train_detector(data, gentle, start=first)
    assert np.mean(more[:4]) < 0.5 * losses[0]
    assert np.mean(more[-4:]) < np.mean(losses[-4:])
