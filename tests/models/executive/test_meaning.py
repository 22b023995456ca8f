"""Names outside the lexicon: taken when sure, asked back when not, with a margin."""

import numpy as np
import pytest

from neural_brain.models.config import load_yaml
from neural_brain.models.errors import ConfigError, ModelFileError
from neural_brain.models.executive import MeaningConfig, hint, load_meanings
from neural_brain.models.pretrained import missing


def test_a_sure_name_is_taken(toy_meanings) -> None:
    guess = toy_meanings({"recliner": {"chair": 0.9, "sofa": 0.3}}).guess("recliner")
    assert guess.name == "chair"


@pytest.mark.parametrize(
    "shares, candidates",
    [
        ({"chair": 0.7, "sofa": 0.1}, ("chair",)),  # not near enough
        ({"chair": 0.75, "sofa": 0.64}, ("chair", "sofa")),  # no lead
        ({"bed": 0.5, "sofa": 0.55, "chair": 0.45, "desk": 0.4001},
         ("sofa", "bed", "chair")),  # three at most
        ({"chair": 0.39}, ()),  # not worth mentioning
        ({}, ()),
    ],
)  # fmt: skip
def test_an_unsure_name_is_not_taken(toy_meanings, shares, candidates) -> None:
    guess = toy_meanings({"thing": shares}).guess("thing")
    assert guess.name == "" and guess.candidates == candidates


def test_scores_are_those_of_the_nearest_name(toy_meanings) -> None:
    scores = toy_meanings({"x": {"table": 0.6, "toy car": 0.2}}).scores("x")
    assert scores.shape == (36,)
    assert scores[0] == pytest.approx(0.6) and scores[-1] == pytest.approx(0.2)
    assert np.count_nonzero(scores) == 2


def test_without_the_files_auto_is_nothing_and_on_is_an_error(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    assert load_meanings(MeaningConfig()) is None
    assert load_meanings(MeaningConfig(use="never")) is None
    assert "neural-brain assets fetch perception" in hint(MeaningConfig())
    assert hint(MeaningConfig(use="never")) == ""


def test_unknown_choice_is_refused() -> None:
    with pytest.raises(ConfigError, match="auto"):
        MeaningConfig(use="maybe")


def test_what_is_demanded_and_missing_is_an_error(tmp_path, monkeypatch) -> None:
    from neural_brain.models.executive import meaning

    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    meaning._load.cache_clear()
    meaning._network.cache_clear()
    with pytest.raises(ModelFileError, match=r"perception"):
        load_meanings(MeaningConfig(use="always"))


def test_the_real_network_knows_some_names() -> None:
    if missing():
        pytest.skip(f"needs {missing()}")
    meanings = load_meanings(MeaningConfig())
    assert meanings is not None and load_meanings(MeaningConfig()) is meanings
    assert meanings.guess("beer bottle").name == "bottle"
    assert meanings.guess("soccer ball").name == "ball"
    assert meanings.guess("futon").name == ""
    assert "sofa" in meanings.guess("futon").candidates
    assert meanings.guess("happiness").name == ""


@pytest.mark.parametrize("use", ["auto", "always", "never"])
def test_every_choice_can_be_written_in_a_parameter_file(tmp_path, use) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(f"use: {use}\n")
    assert load_yaml(MeaningConfig, path).use == use
