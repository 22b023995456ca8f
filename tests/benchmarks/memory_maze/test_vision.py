"""Walls and targets from pictures that are drawn here, by the camera's geometry."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from neural_brain.benchmarks.memory_maze.client import Truth
from neural_brain.benchmarks.memory_maze.sight import ideal_sight
from neural_brain.benchmarks.memory_maze.snap import snapped
from neural_brain.benchmarks.memory_maze.vision import (
    BORDER_SHADE,
    find_targets,
    look,
    target_colour,
    wall_ranges,
)
from neural_brain.models.geometry import transform2
from tests.benchmarks.memory_maze.standin import LAYOUT, TARGETS, draw, paint_of

POSES = [(13.0, 3.0, -2.1), (3.0, 5.0, 0.2), (9.0, 13.0, 1.0), (5.0, 17.0, 0.0)]
THREE = ("red", "green", "blue")


def truth(pose, targets=TARGETS):
    return Truth(pose=np.array(pose), targets=np.array(targets), layout=LAYOUT)


@pytest.mark.parametrize("pose", POSES)
def test_walls_are_where_they_are(pose):
    measured = wall_ranges(draw(truth(pose, TARGETS[:0])))
    true = ideal_sight(truth(pose)).ranges
    near = np.isfinite(measured) & (true > 1.0) & (true < 6.0)
    assert near.sum() >= 15
    gap = np.abs(measured[near] - true[near])
    assert np.median(gap) < 0.1
    assert np.quantile(gap, 0.8) < 0.05 + 0.01 * 36.0


def test_a_picture_of_the_real_environment_is_read_right():
    """One frame of 9x9, seed 1000, and the pose that `ExtraObs` gave with it."""
    image = cv2.imread(str(Path(__file__).with_name("frame.png")))[:, :, ::-1]
    here = truth((3.58377, 0.94861, 2.86030))
    sight = look(image, here.pose, THREE)
    true = ideal_sight(here)
    good = np.isfinite(sight.ranges) & (true.ranges > 1.0) & (true.ranges < 6.0)
    assert good.sum() > 30
    assert np.median(np.abs(sight.ranges[good] - true.ranges[good])) < 0.05
    assert [item.colour for item in sight.targets] == ["red"]
    place = transform2(here.pose, sight.targets[0].center[None])[0]
    np.testing.assert_allclose(place, TARGETS[0], atol=1e-6)
    assert target_colour(image) == "red"


def test_grid_lines_make_the_ranges_exact():
    pose = np.array(POSES[1])
    measured = wall_ranges(draw(truth(pose, TARGETS[:0])))
    true = ideal_sight(truth(pose)).ranges
    better = snapped(measured, pose)
    good = np.isfinite(better) & (true < 6.0)
    assert good.sum() > 15
    assert np.median(np.abs(better[good] - true[good])) < 0.1


def test_a_wall_that_fills_the_picture_is_close():
    assert (wall_ranges(draw(truth((1.0, 17.6, np.pi / 2)))) < 0.95).all()


@pytest.mark.parametrize("target", [(11.0, 1.0), (9.0, 1.0), (13.0, 1.0)])
def test_a_target_is_found_in_its_cell(target):
    pose = np.array([15.5, 1.2, np.pi])
    seen = find_targets(draw(truth(pose, [target])), pose, np.full(76, np.inf), THREE)
    assert [item.colour for item in seen] == ["red"]
    place = transform2(pose, seen[0].center[None])[0]
    np.testing.assert_allclose(place, target, atol=1e-6)


def test_a_wall_of_the_same_paint_is_no_target():
    pose = np.array([15.5, 1.2, np.pi])
    for shade in (0.35, 0.6, 0.9):
        wall = np.clip(shade * paint_of("red"), 0, 255).astype(np.uint8)
        image = draw(truth(pose, TARGETS[:0]), wall=wall)
        assert not look(image, pose, THREE).targets


def test_a_colour_that_the_maze_has_not_is_not_found():
    pose = np.array([15.5, 1.2, np.pi])
    image = draw(truth(pose, [(11.0, 1.0)]))
    assert look(image, pose, THREE).targets
    assert not look(image, pose, ("green", "blue")).targets


@pytest.mark.parametrize("colour", ["red", "green", "blue", "purple", "yellow"])
def test_the_border_names_the_wanted_target(colour):
    image = np.zeros((64, 64, 3), np.uint8)
    image[:] = (paint_of(colour) * BORDER_SHADE).astype(np.uint8)
    assert target_colour(image) == colour


def test_noise_invents_no_targets():
    rng = np.random.default_rng(3)
    pose = np.array(POSES[0])
    for _ in range(5):
        image = rng.integers(0, 256, (64, 64, 3)).astype(np.uint8)
        assert not look(image, pose, THREE).targets
