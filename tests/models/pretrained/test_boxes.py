"""Boxes: which stay when several show one thing, anchors and their decoding."""

import numpy as np
import pytest

from neural_brain.models.pretrained import Box, suppress
from neural_brain.models.pretrained.anchors import CELLS, Anchors, decode, per_cell
from neural_brain.models.pretrained.boxes import overlap
from neural_brain.models.pretrained.open_images import unscramble


def box(category, score, *corners) -> Box:
    return Box(category=category, score=score, corners=np.array(corners, np.float32))


def test_overlap_is_the_common_share() -> None:
    a, b = np.array([0.0, 0, 1, 1]), np.array([0.0, 0.5, 1, 1.5])
    assert overlap(a, b) == pytest.approx(1 / 3)
    assert overlap(a, a + 2.0) == 0.0
    assert overlap(np.zeros(4), np.zeros(4)) == 0.0


def test_of_boxes_around_one_thing_the_surest_stays() -> None:
    sure, same = box("mug", 0.9, 0, 0, 0.5, 0.5), box("mug", 0.5, 0, 0, 0.5, 0.4)
    apart, other = box("mug", 0.4, 0.5, 0.5, 1, 1), box("book", 0.3, 0, 0, 0.5, 0.3)
    rival = box("bowl", 0.8, 0, 0, 0.5, 0.49)
    assert suppress([same, other, apart, rival, sure]) == [sure, apart, other]
    assert suppress([]) == []


def test_every_cell_has_its_anchors() -> None:
    boxes = Anchors.of_ssd().boxes
    counts = [per_cell(k) * cells**2 for k, cells in enumerate(CELLS)]
    assert counts == [1083, 600, 150, 54, 24, 6] and boxes.shape == (1917, 4)
    assert boxes[0] == pytest.approx([0.5 / 19, 0.5 / 19, 0.1, 0.1], abs=1e-6)
    assert boxes[-1] == pytest.approx([0.5, 0.5, 0.95**0.5, 0.95**0.5], abs=1e-4)


def test_nothing_encoded_is_the_anchor_itself() -> None:
    anchors = Anchors(boxes=np.array([[0.5, 0.4, 0.2, 0.1]], np.float32))
    corners = decode(np.zeros((1, 4), np.float32), anchors)
    assert corners[0] == pytest.approx([0.4, 0.35, 0.6, 0.45])
    moved = decode(np.array([[5.0, 0, 0, 5 * np.log(2)]], np.float32), anchors)
    assert moved[0] == pytest.approx([0.5, 0.3, 0.7, 0.5])
    wild = decode(np.full((1, 4), 1e9, np.float32), anchors)
    assert np.isfinite(wild).all() and wild.min() >= 0.0 and wild.max() <= 1.0


def test_turning_back_is_the_inverse_of_what_opencv_does() -> None:
    codes = np.arange(1917 * 4, dtype=np.float32).reshape(-1, 4)
    parts, begin = [], 0
    for layer, cells in enumerate(CELLS):
        count = per_cell(layer) * cells**2
        block = codes[begin : begin + count].reshape(cells, cells, -1)
        parts.append(block.transpose(2, 0, 1).reshape(4, -1).T)
        begin += count
    assert np.array_equal(unscramble(np.concatenate(parts)), codes)
