"""The smoke test on real pictures: its labels and its scoring."""

import numpy as np
import pytest

from neural_brain.benchmarks.detector_real import flat_frame, row
from neural_brain.benchmarks.real_scene import REGIONS, judge, pixel
from neural_brain.models.signals import ObjectPercept


@pytest.fixture
def frame():
    return flat_frame(np.zeros((480, 640, 3), np.uint8))


def at(frame, u, v, category) -> ObjectPercept:
    """A percept whose middle is drawn at a pixel."""
    ray = np.linalg.inv(frame.K) @ np.array([u, v, 1.0])
    point = frame.T_base_camera[:3, :3] @ (1.5 * ray) + frame.T_base_camera[:3, 3]
    return ObjectPercept(
        category=category,
        colour="",
        confidence=0.9,
        center_base=point,
        size=np.full(3, 0.2),
    )


def test_a_percept_is_drawn_where_it_is(frame) -> None:
    assert pixel(frame, at(frame, 100, 300, "book")) == pytest.approx((100, 300))


def test_right_wrong_and_doubtful_percepts(frame) -> None:
    percepts = [
        at(frame, 400, 280, "book"),
        at(frame, 410, 280, "book"),
        at(frame, 400, 280, "mug"),
        at(frame, 300, 50, "book"),
        at(frame, 250, 260, "book"),  # discs: does not count
    ]
    score = judge(frame, percepts)
    assert score.right == [1.0, 1.0, 0.0, 0.0]
    assert score.found == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert judge(frame, []).right == []


def test_regions_lie_in_the_picture() -> None:
    for region in REGIONS:
        left, top, right, bottom = region.area
        assert 0 <= left < right <= 640 and 0 <= top < bottom <= 480


def test_a_detector_that_sees_nothing_gets_no_credit_for_precision() -> None:
    values = {"coco": [], "openimages": [1.0], "network": [0.0], "both": [0.5, 0.5]}
    metric = row("precision", values, ">= 0.8")
    assert metric.value == 0.0 and metric.met is False
    assert metric.baseline == {"openimages": 1.0, "network": 0.0, "both": 0.5}
