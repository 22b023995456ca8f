"""torchvision for another PyTorch: importable, and left alone when it fits."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="needs the extra: neural_brain[learn]")

from neural_brain import torchvision_ops  # noqa: E402


def test_without_torchvision_nothing_happens(monkeypatch):
    monkeypatch.setattr(torchvision_ops, "compiled_library", lambda: None)
    before = list(torchvision_ops._declared)
    torchvision_ops.register()
    assert torchvision_ops._declared == before


def test_a_library_that_loads_is_left_alone(monkeypatch, tmp_path):
    loaded = []
    monkeypatch.setattr(torchvision_ops, "compiled_library", lambda: tmp_path / "_C.so")
    monkeypatch.setattr(torchvision_ops, "_declared", [])
    monkeypatch.setattr(torch.ops, "load_library", loaded.append)
    torchvision_ops.register()
    assert loaded == [str(tmp_path / "_C.so")] and not torchvision_ops._declared


def test_torchvision_can_be_imported_in_a_fresh_process():
    """Also after an explicit call, which `import torch` may have made before."""
    pytest.importorskip("torchvision", reason="needs neural_brain[lerobot]")
    code = (
        "from neural_brain.torchvision_ops import register; register(); register()\n"
        "import torchvision, torch\n"
        "net = torchvision.models.resnet18(weights=None)\n"
        "print(tuple(net(torch.zeros(1, 3, 64, 64)).shape))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "(1, 1000)"
