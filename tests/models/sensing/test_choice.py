"""Embeddings by import path: which are taken, and what is told of the others."""

from types import SimpleNamespace

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.models.sensing import (
    NoDetector,
    OrbVlad,
    Sensing,
    SensingConfig,
    make_embedding,
)
from tests.models.sensing.conftest import make_body
from tests.painted_room import PaintedRoom


class Mean:
    name, size = "mean-colour", 3

    def embed(self, rgb):
        return rgb.mean(axis=(0, 1))


class Needy(Mean):
    def __init__(self, weights):
        self.weights = weights


class NotFinite(Mean):
    def embed(self, rgb):
        return np.full(3, np.nan)


class AsLongAsThePicture(Mean):
    size = 48

    def embed(self, rgb):
        return rgb[:, 0, 0].astype(np.float32)


mean = Mean()
nameless = SimpleNamespace(name="", size=3, embed=mean.embed)
sizeless = SimpleNamespace(name="mean", embed=mean.embed)
mute = SimpleNamespace(name="mean", size=3)


@pytest.mark.parametrize("attribute", ["Mean", "mean"])
def test_sensing_takes_the_embedding_of_its_configuration(attribute):
    config = SensingConfig(embedding=f"{__name__}:{attribute}")
    frame = PaintedRoom().frame(np.array([0.5, 0.2, 0.4]))
    percepts = Sensing(config, NoDetector()).step(None, frame, make_body(0.0))
    assert percepts.view.embedding == "mean-colour"
    assert percepts.view.vector.shape == (3,)


def test_without_a_name_it_is_the_shipped_one():
    assert make_embedding().name == OrbVlad().name


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("Mean", "no colon"),
        (f"{__name__}:", "no colon"),
        ("no_such_module:Mean", "No module named 'no_such_module'"),
        (f"{__name__}:Median", "no attribute 'Median'"),
        (f"{__name__}:Needy", "weights"),
        (f"{__name__}:nameless", "its name is ''"),
        (f"{__name__}:sizeless", "its size is None"),
        (f"{__name__}:mute", "embed"),
        (f"{__name__}:NotFinite", "finite"),
        (f"{__name__}:AsLongAsThePicture", r"shape \(144,\)"),
    ],
)
def test_what_is_no_embedding_is_refused_with_parameter_and_remedy(place, reason):
    with pytest.raises(ConfigError, match=reason) as refused:
        make_embedding(place)
    told = str(refused.value)
    assert told.startswith(f"sensing.embedding = {place!r}")
    assert "'module:attribute'" in told and "PYTHONPATH" in told
