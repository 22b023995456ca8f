import dataclasses

import numpy as np
import pytest

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.sensing import (
    NoDetector,
    SegmentationDetector,
    Sensing,
    SensingConfig,
    colour_word,
)
from neural_brain.models.sensing.instances import InstanceConfig, describe_instances
from neural_brain.models.sensing.sizes import LONGEST_EDGE_M, size_factor

BALL = CATEGORIES.index("ball")
BOX = ((1.3, -0.1, 0.0), (1.5, 0.1, 0.3))


def oracle(labels):
    classes = np.where(labels == 1, BALL, 0)
    return SegmentationDetector(lambda frame: (classes, labels))


def test_oracle_tells_place_size_and_colour(scene, body):
    frame, labels = scene.render(scene.camera_pose(), [BOX], colours=[(200, 20, 20)])
    percepts = Sensing(SensingConfig(), oracle(labels)).step(None, frame, body)
    (seen,) = percepts.objects
    assert (seen.category, seen.colour) == ("ball", "red")
    np.testing.assert_allclose(seen.center_base, [1.4, 0.0, 0.15], atol=0.05)
    np.testing.assert_allclose(seen.size, [0.2, 0.2, 0.3], atol=0.06)
    assert seen.confidence > 0.9


def test_the_nearest_part_is_on_the_side_that_is_seen(scene, body):
    wide = ((1.3, -0.5, 0.0), (1.5, 0.1, 0.3))
    frame, labels = scene.render(scene.camera_pose(), [wide])
    (seen,) = Sensing(SensingConfig(), oracle(labels)).step(None, frame, body).objects
    near = float(np.hypot(*seen.near))
    assert 1.28 < near < 1.35  # its middle is 0.1 m farther
    assert -0.2 < seen.near[1] < 0.1


def test_two_objects_of_one_class_stay_two(scene):
    boxes = [BOX, ((1.3, 0.4, 0.0), (1.5, 0.6, 0.3))]
    frame, labels = scene.render(scene.camera_pose(), boxes)
    classes = np.where(labels > 0, BALL, 0)
    detector = SegmentationDetector(lambda _: (classes, labels))
    seen = detector.detect(frame)
    assert sorted(round(float(p.center_base[1]), 1) for p in seen) == [0.0, 0.5]


def test_percepts_carry_the_pose_at_exposure(scene):
    frame, _ = scene.render(scene.camera_pose(), stamp=10.0)
    body = scene.make_body(stamp=10.1, twist=(0.5, 1.0), pose=(1.0, 2.0, 0.3))
    percepts = Sensing(SensingConfig(), NoDetector()).step(None, frame, body)
    assert percepts.stamp == 10.0
    turn = 0.1
    back = percepts.pose_odom_base
    assert back[2] == pytest.approx(0.3 - turn)
    ahead = back[:2] + 0.5 * (
        np.array([np.sin(0.3), -np.cos(0.3)]) - [np.sin(0.2), -np.cos(0.2)]
    )
    np.testing.assert_allclose(ahead, [1.0, 2.0], atol=1e-9)


def test_lidar_confidence_follows_rep_117(scene, body):
    sensing = Sensing(SensingConfig(), NoDetector())
    ranges = np.full(100, 2.0)
    ranges[:10], ranges[10:20], ranges[20:50] = np.inf, -np.inf, np.nan
    percepts = sensing.step(scene.make_scan(ranges), None, body)
    assert sensing.confidence["lidar"] == pytest.approx(0.7)
    assert percepts.objects == () and percepts.obstacles.shape == (0, 2)


def test_a_silent_sensor_is_no_longer_trusted(scene, body):
    sensing = Sensing(SensingConfig(), NoDetector())
    frame, _ = scene.render(scene.camera_pose(), wall_x=2.0)
    sensing.step(scene.make_scan(np.full(10, 1.0)), frame, body)
    assert sensing.confidence["lidar"] == 1.0 and sensing.confidence["depth"] > 0.9
    sensing.step(None, None, scene.make_body(stamp=5.0))
    assert sensing.confidence == {"lidar": 0.0, "depth": 0.0, "colour": 0.0}


@pytest.mark.parametrize(
    "change",
    [
        {"stamp": -3.0},
        {"stamp": 1.0},
        {"stamp": float("nan")},
        {"K": np.full((3, 3), np.nan)},
        {"T_base_camera": np.full((4, 4), np.inf)},
        {"rgb": np.zeros((10, 10, 3), np.uint8)},
        {"depth": np.zeros((0, 0), np.float32)},
    ],
)
def test_stale_and_malformed_frames_are_dropped(scene, body, change):
    frame, _ = scene.render(scene.camera_pose(), wall_x=2.0)
    bad = dataclasses.replace(frame, **change)
    percepts = Sensing(SensingConfig(), NoDetector()).step(None, bad, body)
    assert len(percepts.obstacles) == 0 and len(percepts.view_polygon) == 0


@pytest.mark.parametrize(
    ("rgb", "word"),
    [
        ((200, 20, 25), "red"),
        ((230, 130, 20), "orange"),
        ((220, 200, 30), "yellow"),
        ((40, 150, 60), "green"),
        ((30, 70, 190), "blue"),
        ((120, 50, 160), "purple"),
        ((235, 140, 170), "pink"),
        ((110, 70, 40), "brown"),
        ((20, 20, 22), "black"),
        ((235, 235, 230), "white"),
        ((125, 125, 128), "grey"),
    ],
)
def test_colour_words(rgb, word):
    assert colour_word(np.tile(np.array(rgb, np.uint8), (50, 1))) == word


@pytest.mark.parametrize("word", [(200, 20, 25), (40, 150, 60), (30, 70, 190)])
def test_shading_does_not_change_the_word(word):
    shade = np.linspace(0.5, 1.0, 40)[:, None]
    pixels = (shade * np.array(word)).astype(np.uint8)
    lit = np.tile(np.array(word, np.uint8), (40, 1))
    assert colour_word(pixels) == colour_word(lit)


def test_a_dark_thing_is_not_named_after_what_shines_past_its_edge():
    black, orange = np.full((60, 3), 12, np.uint8), np.full((25, 3), (230, 130, 20))
    assert colour_word(np.concatenate((black, orange.astype(np.uint8)))) == "black"


def screened(scene, category):
    """A grey case of 8 cm with a blue screen of 20 cm above it, seen as one thing."""
    case = ((1.2, -0.2, 0.7), (1.5, 0.2, 0.78))
    screen = ((1.45, -0.2, 0.78), (1.5, 0.2, 0.98))
    colours = [(125, 125, 128), (60, 140, 220)]
    frame, labels = scene.render(scene.camera_pose(), [case, screen], colours=colours)
    one = (labels > 0).astype(np.int32)
    classes = CATEGORIES.index(category) * one
    return SegmentationDetector(lambda _: (classes, one)).detect(frame)[0]


def test_a_laptop_has_the_colour_of_its_case(scene):
    assert screened(scene, "laptop").colour == "grey"
    assert screened(scene, "box").colour == "blue"  # what most of it shows


def test_a_laptop_is_touched_on_its_keyboard(scene):
    """The middle of the box around it is air."""
    spots = screened(scene, "laptop").touch
    level = spots[spots[:, 5] > 0.9]
    assert len(level)
    np.testing.assert_allclose(level[:, 2], 0.78, atol=0.02)
    assert len(screened(scene, "mug").touch) == 0


def lamp(scene, *, shade=True, merge=False, category="lamp", past=0):
    """An orange shade and a black foot, seen apart: the pole was taken for the wall.

    So many pixels of the wall above the shade are taken for it.
    """
    parts = [
        ((1.3, -0.13, 0.0), (1.56, 0.13, 0.04)),
        ((1.28, -0.2, 1.05), (1.6, 0.2, 1.35)),
    ]
    frame, labels = scene.render(
        scene.camera_pose(tilt=0.25),
        parts,
        wall_x=4.5,
        colours=[(20, 20, 22), (230, 130, 20)],
    )
    rows, columns = np.nonzero(labels == 2)
    top = rows.min() - 1
    labels[top, columns[rows == top + 1][:past]] = 2
    labels = np.where(labels > (2 if shade else 1), 0, labels)
    classes = CATEGORIES.index(category) * (labels > 0).astype(np.int32)
    sure = np.ones(labels.shape, np.float32)
    return describe_instances(
        frame, classes, labels, sure, InstanceConfig(), merge=merge
    )


def test_a_lamp_is_one_thing_from_foot_to_shade_and_has_the_colour_of_that(scene):
    (whole,) = lamp(scene, merge=True)
    assert whole.colour == "orange"
    assert whole.size[2] > 1.0
    apart = lamp(scene, merge=True, category="box")
    assert len(apart) == 2  # small things stand on one another


def test_what_shines_past_the_top_of_a_shade_is_not_its_colour(scene):
    """A few pixels of the wall behind it, which lie higher as the camera looks up."""
    (whole,) = lamp(scene, merge=True, past=6)
    assert whole.colour == "orange"


def test_the_foot_of_a_lamp_tells_no_colour(scene):
    (foot,) = lamp(scene, shade=False)
    assert foot.colour == ""
    assert lamp(scene, shade=False, category="plant")[0].colour == "black"


def test_a_tv_has_no_colour(scene):
    assert screened(scene, "tv").colour == ""


def test_no_pixels_have_no_colour():
    assert colour_word(np.zeros((0, 3), np.uint8)) == ""


@pytest.mark.parametrize(
    ("category", "edge", "cut", "factor"),
    [
        ("table", 1.2, False, 1.0),
        ("table", 0.1, False, 0.25),
        ("table", 0.1, True, 1.0),
        ("mug", 0.5, False, 0.0),
        ("mug", 0.1, False, 1.0),
    ],
)
def test_things_of_odd_size_are_doubted(category, edge, cut, factor):
    size = np.array([0.02, edge, 0.02])
    assert size_factor(category, size, cut=cut) == pytest.approx(factor)


def test_every_category_has_a_usual_size():
    assert set(LONGEST_EDGE_M) == set(CATEGORIES[1:])
