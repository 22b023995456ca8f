"""The meaning of phrases, where network and engine are there."""

import importlib.util

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained import SentenceNet, missing
from neural_brain.models.pretrained.files import EMBEDDING


def test_vectors_have_length_one_and_order_phrases_by_meaning(sentences) -> None:
    net = SentenceNet()
    sofa, couch, river = net.vectors(["sofa", "couch", "river"])
    assert sofa.shape == (384,)
    assert np.linalg.norm(sofa) == pytest.approx(1.0, abs=1e-5)
    assert sofa @ couch > 0.7 > sofa @ river


def test_a_phrase_has_one_meaning(sentences) -> None:
    assert np.array_equal(SentenceNet().vector("a mug"), SentenceNet().vector("a MUG"))


def test_what_is_missing_is_said_as_lines_to_type(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    assert "neural-brain assets fetch perception" in missing()
    absent = importlib.util.find_spec("onnxruntime") is None
    assert ("neural_brain[perception]" in missing()) == absent


def test_damaged_weights_are_refused(sentences, tmp_path, monkeypatch) -> None:
    from neural_brain.models.pretrained.files import TOKENS

    words = TOKENS.read()
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    TOKENS.path.parent.mkdir()
    TOKENS.path.write_bytes(words)
    EMBEDDING.path.write_bytes(b"rubbish")
    with pytest.raises(ModelFileError, match="damaged"):
        SentenceNet()


def test_the_brain_starts_without_the_engine() -> None:
    """Nothing imports ONNX Runtime while modules are loaded."""
    import subprocess
    import sys

    code = (
        "import sys, neural_brain.models.brain, neural_brain.models.pretrained;"
        "sys.exit('onnxruntime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
