import dataclasses

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.sensing import NetDetector
from neural_brain.models.sensing.inputs import geometry_channels
from neural_brain.models.sensing.net import LAYERS, NumpyEngine, forward
from neural_brain.models.sensing.net_detector import split


def random_tensors(seed=0):
    rng = np.random.default_rng(seed)
    tensors = {}
    for name, layer in LAYERS.items():
        shape = (layer.outputs, layer.inputs, layer.kernel, layer.kernel)
        scale = 1.0 / np.sqrt(layer.inputs * layer.kernel**2)
        tensors[f"{name}.weight"] = (scale * rng.normal(size=shape)).astype(np.float32)
        tensors[f"{name}.bias"] = rng.normal(size=layer.outputs).astype(np.float32)
    return tensors


def test_numpy_equals_torch():
    torch = pytest.importorskip("torch")
    from neural_brain.models.learning import TorchEngine

    engine = TorchEngine(seed=1)
    generator = torch.Generator().manual_seed(2)
    rgb = torch.rand((2, 3, 64, 96), generator=generator) - 0.5
    geometry = torch.randn((2, 4, 32, 48), generator=generator)
    forward(engine, rgb, geometry)  # moves the running statistics
    engine.net.eval()
    with torch.no_grad():
        expected = forward(engine, rgb, geometry).numpy()
    numpy_engine = NumpyEngine(engine.export())
    for i in range(2):
        got = forward(numpy_engine, rgb[i].numpy(), geometry[i].numpy())
        np.testing.assert_allclose(got, expected[i], atol=1e-4)


def test_a_layer_of_wrong_shape_is_refused():
    tensors = random_tensors()
    tensors["b1.weight"] = tensors["b1.weight"][:, :3]
    with pytest.raises(ModelFileError, match=r"b1.*neural-brain train detector"):
        NumpyEngine(tensors)
    del tensors["b1.weight"]
    with pytest.raises(ModelFileError, match="b1"):
        NumpyEngine(tensors)


def test_geometry_of_floor_and_wall(scene):
    frame, _ = scene.render(scene.camera_pose(tilt=0.3), wall_x=2.0)
    known, distance, height, upward = geometry_channels(frame)
    assert known.all() and np.abs(distance).max() <= 1.0
    wall = height + 0.7 > 0.2
    floor = np.abs(height + 0.7) < 1e-3
    inner = np.zeros_like(wall)
    inner[2:-2, 2:-2] = True
    assert np.median(upward[floor & inner]) > 0.99
    assert np.median(upward[wall & inner]) < 0.05


def test_split_separates_classes_and_depth_steps():
    classes = np.zeros((10, 20), np.int32)
    classes[2:8, 1:10] = 3
    classes[2:8, 10:14] = 4
    depth = np.full((10, 20), 1.0, np.float32)
    depth[:, 5:] = 1.5
    pieces = split(classes, depth)
    assert pieces[4, 2] != pieces[4, 8] and pieces[4, 8] != pieces[4, 12]
    assert len(np.unique(pieces)) == 4 and pieces[0, 0] == 0


def test_detector_survives_odd_sizes_and_blind_depth(scene):
    detector = NetDetector()
    frame, _ = scene.render(scene.camera_pose(), wall_x=2.0)
    odd = dataclasses.replace(
        frame, rgb=frame.rgb[:-3, :-5], depth=frame.depth[:-3, :-5]
    )
    classes, probability = detector.segment(odd)
    assert classes.shape == probability.shape == (70, 93)
    assert np.all((probability > 0.0) & (probability <= 1.0))
    blind = dataclasses.replace(frame, depth=np.full_like(frame.depth, np.nan))
    assert detector.detect(blind) == ()


def test_missing_file_names_itself_and_the_remedy(tmp_path):
    with pytest.raises(
        ModelFileError, match=r"none\.json.*neural-brain train detector"
    ):
        NetDetector(tmp_path / "none.safetensors")


def test_exported_weights_compute_the_same():
    torch = pytest.importorskip("torch")
    from neural_brain.models.learning import TorchEngine

    engine = TorchEngine()
    for _, norm in engine.net.values():
        if hasattr(norm, "running_mean"):  # as after training
            norm.running_mean.normal_(0.0, 0.1)
            norm.running_var.uniform_(0.5, 2.0)
    engine.net.eval()
    tensors = engine.export()
    rng = np.random.default_rng(0)
    rgb = rng.random((3, 32, 48), np.float32) - 0.5
    geometry = rng.random((4, 16, 24), np.float32)
    with torch.no_grad():
        parts = torch.as_tensor(rgb)[None], torch.as_tensor(geometry)[None]
        got = forward(engine, *parts)[0].numpy()
    np.testing.assert_allclose(
        got, forward(NumpyEngine(tensors), rgb, geometry), atol=1e-4
    )
