"""Two detectors at once, and detectors by name."""

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError, ModelFileError
from neural_brain.models.sensing import (
    DETECTORS,
    NetDetector,
    NoDetector,
    UnionDetector,
    make_detector,
)
from neural_brain.models.signals import ObjectPercept


class Sees:
    """Always the same."""

    def __init__(self, *percepts) -> None:
        self.percepts = percepts

    def detect(self, frame):
        return self.percepts


def percept(category, confidence, x, size=0.1) -> ObjectPercept:
    return ObjectPercept(
        category=category,
        colour="red",
        confidence=confidence,
        center_base=np.array([x, 0.0, 0.5]),
        size=np.full(3, size),
    )


def seen(first, second):
    found = UnionDetector(Sees(*first), Sees(*second)).detect(None)
    return [(p.category, round(p.confidence, 3), p.center_base[0]) for p in found]


def test_what_both_see_is_one_thing_and_surer() -> None:
    assert seen([percept("mug", 0.5, 1.0)], [percept("mug", 0.6, 1.1)]) == [
        ("mug", 0.8, 1.1)
    ]


def test_what_one_sees_stays() -> None:
    first, second = [percept("mug", 0.5, 1.0)], [percept("bowl", 0.6, 1.0)]
    assert seen(first, second) == [("bowl", 0.6, 1.0), ("mug", 0.5, 1.0)]
    assert seen(first, []) == seen([], first) == [("mug", 0.5, 1.0)]


def test_things_of_one_name_that_stand_apart_stay_two() -> None:
    assert len(seen([percept("mug", 0.5, 1.0)], [percept("mug", 0.5, 1.4)])) == 2
    assert len(seen([percept("sofa", 0.5, 1, 2.0)], [percept("sofa", 0.5, 1.8)])) == 1


def test_each_is_joined_once_with_its_nearest() -> None:
    found = seen(
        [percept("mug", 0.5, 1.0), percept("mug", 0.5, 1.2)],
        [percept("mug", 0.6, 1.18), percept("mug", 0.6, 1.05)],
    )
    assert sorted(found) == [("mug", 0.8, 1.05), ("mug", 0.8, 1.18)]


def test_detectors_are_made_by_name() -> None:
    assert isinstance(make_detector("network"), NetDetector)
    assert isinstance(make_detector("none"), NoDetector)
    with pytest.raises(ConfigError, match="coco"):
        make_detector("yolo")


@pytest.mark.parametrize("name", sorted(set(DETECTORS) - {"network", "none"}))
def test_what_was_not_fetched_says_how_to_get_it(name, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    with pytest.raises(ModelFileError, match="assets fetch perception"):
        make_detector(name)
