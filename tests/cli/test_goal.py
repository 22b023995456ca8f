"""`neural-brain goal`: words or a picture, and what is refused before it is sent."""

import argparse

import cv2
import numpy as np
import pytest

from neural_brain.cli.goal import add_arguments, goal_words, read_picture
from neural_brain.models.errors import GoalError
from neural_brain.models.executive.going_to import pose_in_words


def parsed(*words):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "picture.png"
    bgr = np.zeros((60, 80, 3), np.uint8)
    bgr[..., 0] = 200
    cv2.imwrite(str(path), bgr)
    return str(path)


def test_a_picture_is_read_as_rgb(file):
    rgb = read_picture(parsed("--image", file), "")
    assert rgb.shape == (60, 80, 3)
    assert rgb[0, 0].tolist() == [0, 0, 200]
    assert read_picture(parsed("find", "the", "sofa"), "find the sofa") is None


@pytest.mark.parametrize("words", [(), ("--thing",), ("--thing", "find", "the", "mug")])
def test_neither_words_nor_a_picture_is_no_goal(words):
    args = parsed(*words)
    with pytest.raises(GoalError, match="either words or --image"):
        read_picture(args, " ".join(args.words))


def test_words_and_a_picture_are_one_too_many(file):
    args = parsed("find", "it", "--image", file)
    with pytest.raises(GoalError, match="either words or --image"):
        read_picture(args, "find it")


def test_what_is_no_picture_is_refused(tmp_path):
    text = tmp_path / "notes.png"
    text.write_text("no picture")
    for path in (text, tmp_path / "missing.png"):
        with pytest.raises(GoalError, match="cannot be read as a picture"):
            read_picture(parsed("--image", str(path)), "")
    cv2.imwrite(str(tmp_path / "tiny.png"), np.zeros((5, 5, 3), np.uint8))
    with pytest.raises(GoalError, match="sides from"):
        read_picture(parsed("--image", str(tmp_path / "tiny.png")), "")


def test_a_pose_is_said_in_words_that_the_grammar_reads():
    words = goal_words(parsed("--pose", "1.5", "-2", "-90"))
    goal = pose_in_words(words)
    np.testing.assert_allclose(goal.pose_map, [1.5, -2.0, -np.pi / 2], atol=1e-3)
    with pytest.raises(GoalError, match="stands alone"):
        goal_words(parsed("find", "it", "--pose", "1", "2", "0"))
    with pytest.raises(SystemExit):
        parsed("--pose", "1", "nan", "0")
