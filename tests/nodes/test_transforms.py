"""Frames are found through the tree, at the right time."""

import numpy as np
import pytest

from neural_brain.models.geometry import inverse3, matrix_from_pose2
from neural_brain.nodes.transforms import MAX_FRAMES, FrameTree


def shift(x):
    return matrix_from_pose2(np.array([x, 0.0, 0.0]))


@pytest.fixture
def tree():
    tree = FrameTree()
    tree.set(
        "base_link", "mast", matrix_from_pose2(np.array([-0.1, 0, 0.5]), 1.0), None
    )
    for i in range(10):
        tree.set("odom", "base_link", shift(float(i)), 0.1 * i)
    return tree


def test_a_chain_is_multiplied_out(tree):
    T = tree.lookup("odom", "mast", 0.3)
    assert np.allclose(T, shift(3.0) @ matrix_from_pose2(np.array([-0.1, 0, 0.5]), 1.0))


def test_the_inverse_direction_is_the_inverse(tree):
    T = tree.lookup("mast", "odom", 0.3)
    assert np.allclose(T, inverse3(tree.lookup("odom", "mast", 0.3)))


@pytest.mark.parametrize(
    ("stamp", "x"), [(-1.0, 0.0), (0.34, 3.0), (0.36, 4.0), (9.0, 9.0)]
)
def test_the_nearest_time_is_taken(tree, stamp, x):
    assert tree.lookup("odom", "base_link", stamp)[0, 3] == x


def test_unconnected_frames_are_named(tree):
    with pytest.raises(LookupError, match="'camera'"):
        tree.lookup("odom", "camera", 0.0)


def test_late_messages_do_not_disorder_the_history(tree):
    tree.set("odom", "base_link", shift(99.0), 0.15)
    assert tree.lookup("odom", "base_link", 0.15)[0, 3] < 99.0


def test_a_clock_set_back_starts_a_new_history(tree):
    tree.set("odom", "base_link", shift(-5.0), -100.0)
    assert tree.lookup("odom", "base_link", 0.9)[0, 3] == -5.0


def test_a_loop_of_frames_ends():
    tree = FrameTree()
    tree.set("a", "b", np.eye(4), None)
    tree.set("b", "a", np.eye(4), None)
    with pytest.raises(LookupError):
        tree.lookup("a", "c", 0.0)


def test_a_flood_of_names_is_bounded():
    tree = FrameTree()
    for i in range(2 * MAX_FRAMES):
        tree.set("base_link", f"frame{i}", np.eye(4), None)
    assert len(tree._parents) == MAX_FRAMES
