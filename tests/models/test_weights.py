import json

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.weights import load_weights, save_weights

CARD = {"model": "toy", "version": 3, "data": "none"}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "toy.safetensors"
    save_weights(path, {"a": np.arange(6, dtype=np.float32).reshape(2, 3)}, CARD)
    return path


def load(file):
    return load_weights(file, name="toy", version=3)


def test_round_trip(file):
    tensors, card = load(file)
    np.testing.assert_array_equal(tensors["a"], [[0, 1, 2], [3, 4, 5]])
    assert card["data"] == "none" and len(card["sha256"]) == 64


def refused(file):
    with pytest.raises(ModelFileError) as caught:
        load(file)
    message = str(caught.value)
    assert file.stem in message and "neural-brain train toy" in message
    return message


def test_missing_weights(file):
    file.unlink()
    refused(file)


def test_missing_card(file):
    file.with_suffix(".json").unlink()
    refused(file)


def test_flipped_bit(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert "SHA-256" in refused(file)


def test_truncated_file(file):
    file.write_bytes(file.read_bytes()[:-3])
    refused(file)


@pytest.mark.parametrize("content", ["{", "[1]", "\x00"])
def test_broken_card(file, content):
    file.with_suffix(".json").write_text(content)
    refused(file)


@pytest.mark.parametrize("change", [{"version": 2}, {"model": "other"}])
def test_another_version_or_model(file, change):
    card = json.loads(file.with_suffix(".json").read_text())
    file.with_suffix(".json").write_text(json.dumps({**card, **change}))
    assert "expected 'toy' version 3" in refused(file)


def test_garbage_with_a_matching_sum(file):
    import hashlib

    file.write_bytes(b"not a safetensors file")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_suffix(".json").write_text(json.dumps({**CARD, "sha256": digest}))
    assert "not a safetensors file" in refused(file)


def test_numbers_that_are_not_finite(tmp_path):
    path = tmp_path / "toy.safetensors"
    save_weights(path, {"a": np.array([1.0, np.nan], np.float32)}, CARD)
    assert "finite" in refused(path)


def test_a_folder_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ModelFileError, match="--out"):
        save_weights(blocked / "toy.safetensors", {}, CARD)
