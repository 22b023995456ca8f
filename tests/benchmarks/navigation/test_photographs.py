"""Goals by picture: the thing is in the middle, from a spot that is a success."""

import numpy as np
import pytest

from neural_brain.benchmarks import nav_instances
from neural_brain.benchmarks.navigation.photographs import ReadsPictures, aim
from neural_brain.models.sensing import NoDetector
from neural_brain.models.signals import RgbdFrame
from neural_brain.sim.homes import generate_home

SEED = 1003


def test_the_camera_looks_at_the_thing():
    thing = generate_home(SEED).objects[3]
    spot = np.add(thing.center[:2], (0.7, -0.4))
    pose, tilt = aim(thing, spot)
    assert np.allclose(pose[:2], spot)
    way = np.array(thing.center[:2]) - spot
    assert abs(np.angle(np.exp(1j * (pose[2] - np.arctan2(way[1], way[0]))))) < 0.3
    assert -0.7 < tilt < 1.3


@pytest.mark.gl
def test_photographs_show_one_thing_each_and_are_the_same_every_time():
    parts = nav_instances.parts_and_pictures(SEED, 2)
    shown = parts["pictures"].goals
    assert shown
    words = [goal.words for goal in parts["instances"].goals]
    for goal in shown:
        assert goal.words in words
        assert len(goal.right) == 1
        assert goal.picture.std() > 5.0
    again = nav_instances.parts_and_pictures(SEED, 2)["pictures"].goals
    pictures = [[goal.picture for goal in goals] for goals in (shown, again)]
    assert np.array_equal(*pictures)


def test_only_the_picture_that_is_shown_is_read_by_the_network():
    rgb = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    K = np.array([[50.0, 0, 32], [0, 50, 24], [0, 0, 1]])
    frame = RgbdFrame(
        stamp=0.0, rgb=rgb, depth=np.ones((48, 64), np.float32), K=K,
        T_base_camera=np.eye(4),
    )  # fmt: skip
    asked = []
    reads = ReadsPictures(NoDetector())
    reads._net = type("Net", (), {"detect": lambda _, f: asked.append(f) or ()})()
    reads.detect(frame)
    assert not asked
    reads.picture = rgb
    reads.detect(frame)
    assert asked == [frame]
