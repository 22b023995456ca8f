"""The shipped detector on a few frames of a tune home that training never saw."""

import numpy as np
import pytest

from neural_brain.benchmarks.detection import DetectionScore, PixelScore
from neural_brain.benchmarks.detector_baseline import CentroidDetector
from neural_brain.models.sensing import NetDetector
from neural_brain.sim.datasets import labelled_frames

pytestmark = pytest.mark.gl


@pytest.fixture(scope="module")
def frames():
    return list(labelled_frames(9300, 16))


def score(detector, frames):
    result = DetectionScore()
    for labelled in frames:
        result.add(labelled, detector.detect(labelled.frame))
    return result


def test_labels_agree_with_the_things(frames):
    assert sum(len(labelled.things) for labelled in frames) > 20
    for labelled in frames:
        for number, thing in labelled.things.items():
            assert (labelled.instances == number).sum() == thing.pixels
        assert np.array_equal(labelled.classes > 0, labelled.instances > 0)


def test_it_finds_more_than_the_centroid_baseline(frames):
    net = score(NetDetector(), frames)
    baseline = score(CentroidDetector(labelled_frames(8950, 16)), frames)
    assert np.mean(net.found) > np.mean(baseline.found) + 0.15
    assert np.mean(net.right) > np.mean(baseline.right)


def test_it_labels_pixels_better_than_chance_and_knows_walls(frames):
    net, pixels = NetDetector(), PixelScore()
    for labelled in frames:
        pixels.add(labelled.classes[1::2, 1::2], net.segment(labelled.frame)[0])
    iou = pixels.iou()
    assert iou["background"] > 0.85
    assert np.mean(list(iou.values())) > 0.25


def test_places_and_colours_are_right(frames):
    net = score(NetDetector(), frames)
    assert np.median(net.error_m) < 0.2
    assert np.mean(net.colour) > 0.7


def test_it_knows_small_things_by_their_looks_and_not_by_where_they_are():
    mixed = []
    for home in (9301, 9302, 9303):
        mixed += labelled_frames(home, 12, close_ups=0.5, moved=1.0)
    small = score(NetDetector(), mixed).small
    assert len(small) > 25 and np.mean(small) > 0.6
