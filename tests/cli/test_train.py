import sys

import pytest

from neural_brain.cli.main import main


def test_without_torch_the_extra_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["train", "world"]) == 2
    assert "[learn]" in capsys.readouterr().err


def test_a_wrong_file_name_is_refused_before_work_starts(capsys):
    pytest.importorskip("torch")
    assert main(["train", "detector", "--out", "weights.pt"]) == 2
    assert ".safetensors" in capsys.readouterr().err


def test_an_unknown_model_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["train", "poet"])
    assert caught.value.code == 2
    assert "detector" in capsys.readouterr().err


def test_the_stiffness_needs_a_file_but_no_torch(monkeypatch, capsys):
    """No weights are shipped, so nothing may appear among the package's files."""
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["train", "stiffness"]) == 2
    assert "--out stiffness.safetensors" in capsys.readouterr().err
