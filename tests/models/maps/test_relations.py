"""Where things are in words."""

import math

import numpy as np
import pytest

from neural_brain.models.geometry import transform2
from neural_brain.models.maps.relations import (
    AROUND,
    bearing,
    cardinal,
    clock,
    describe,
    heading,
    relation,
    side,
)

NORTHWARD = np.array([1.0, 2.0, math.pi / 2])  # looks along +y


@pytest.mark.parametrize(
    ("offset", "words", "hour", "compass"),
    [
        ((0, 3), "ahead", 12, "north"),
        ((3, 0), "on the right", 3, "east"),
        ((0, -3), "behind", 6, "south"),
        ((-3, 0), "on the left", 9, "west"),
        ((2, 2), "ahead on the right", 2, "north-east"),
        ((-2, -2), "behind on the left", 8, "south-west"),
    ],
)
def test_directions_from_a_robot_that_looks_north(offset, words, hour, compass):
    point = NORTHWARD[:2] + offset
    assert side(NORTHWARD, point) == words
    if abs(offset[0]) != abs(offset[1]):
        assert clock(NORTHWARD, point) == f"{hour} o'clock"
    assert cardinal(NORTHWARD, point) == compass


@pytest.mark.parametrize("seed", range(20))
def test_words_of_the_robot_turn_with_it_and_the_compass_does_not(seed):
    rng = np.random.default_rng(seed)
    pose = rng.uniform(-4, 4, 3)
    point = pose[:2] + rng.uniform(1, 3) * np.array([np.cos(seed), np.sin(seed)])
    turned = pose + np.array([0.0, 0.0, math.pi])
    opposite = AROUND[(AROUND.index(side(pose, point)) + 4) % 8]
    assert side(turned, point) == opposite
    assert cardinal(turned, point) == cardinal(pose, point)
    ahead = transform2(pose, np.array([[2.0, 0.0]]))[0]
    assert side(pose, ahead) == "ahead"
    assert clock(pose, ahead) == "12 o'clock"
    assert cardinal(pose, ahead) == heading(pose)


@pytest.mark.parametrize("seed", range(20))
def test_left_of_is_the_converse_of_right_of(seed):
    rng = np.random.default_rng(seed)
    pose = rng.uniform(-1, 1, 3)
    a, b = rng.uniform(-4, 4, (2, 2))
    converse = {
        "left of": "right of",
        "right of": "left of",
        "behind": "in front of",
        "in front of": "behind",
        "": "",
    }
    assert relation(pose, b, a) == converse[relation(pose, a, b)]


def test_relations_of_two_things():
    pose = np.zeros(3)
    assert relation(pose, np.array([2.0, 1.0]), np.array([2.0, -1.0])) == "left of"
    assert relation(pose, np.array([3.0, 0.0]), np.array([2.0, 0.0])) == "behind"
    assert relation(pose, np.array([2.0, 0.0]), np.array([2.1, 0.0])) == ""
    assert relation(pose, np.array([2.0, 1.0]), np.array([-2.0, 0.5])) == ""


def test_descriptions_read_well_and_something_near_is_here():
    words = describe(NORTHWARD, np.array([-1.5, 2.0, 0.7]))
    assert words == "2.5 m away on the left, to the west"
    assert describe(NORTHWARD, NORTHWARD[:2] + 0.1) == "here"
    assert bearing(NORTHWARD, np.array([-1.0, 2.0])) == pytest.approx(math.pi / 2)
