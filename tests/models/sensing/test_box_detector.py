"""Boxes become things by depth: on drawn scenes, and on a real shelf."""

import pickle

import numpy as np
import pytest

from neural_brain.models.pretrained import Box
from neural_brain.models.pretrained.files import COCO, OPEN_IMAGES
from neural_brain.models.sensing import BoxDetector, InstanceConfig
from neural_brain.models.sensing.box_detector import cut_out, place

MUG = ((1.2, -0.05, 0.0), (1.3, 0.05, 0.12))


def around(labels, number, *, category="mug", score=0.9, margin=0.0) -> Box:
    """The box of a labelled thing, enlarged by a share of its size."""
    rows, columns = np.nonzero(labels == number)
    h, w = labels.shape
    top, bottom = rows.min() / h, (rows.max() + 1) / h
    left, right = columns.min() / w, (columns.max() + 1) / w
    dy, dx = margin * (bottom - top), margin * (right - left)
    corners = np.clip([top - dy, left - dx, bottom + dy, right + dx], 0.0, 1.0)
    return Box(category=category, score=score, corners=corners.astype(np.float32))


@pytest.fixture
def config():
    return InstanceConfig()


@pytest.mark.parametrize("margin", [0.0, 0.3])
def test_a_thing_is_placed_where_it_is(scene, config, margin) -> None:
    frame, labels = scene.render(
        scene.camera_pose(), [MUG], wall_x=2.0, colours=[(200, 20, 20)]
    )
    (percept,) = place(frame, [around(labels, 1, margin=margin)], config)
    assert percept.category == "mug" and percept.colour == "red"
    assert percept.center_base == pytest.approx([1.25, 0.0, 0.06], abs=0.04)
    assert percept.size == pytest.approx([0.1, 0.1, 0.12], abs=0.05)
    assert 0.5 < percept.confidence <= 0.9


def test_two_things_in_front_of_each_other_stay_two(scene, config) -> None:
    behind = ((1.8, -0.3, 0.0), (2.0, 0.3, 0.5))
    frame, labels = scene.render(scene.camera_pose(), [MUG, behind], wall_x=3.0)
    boxes = [around(labels, 1), around(labels, 2, category="table", score=0.8)]
    found = {p.category: p for p in place(frame, boxes, config)}
    assert found["mug"].center_base[0] == pytest.approx(1.25, abs=0.05)
    assert found["table"].center_base[0] == pytest.approx(1.9, abs=0.12)


def test_neighbours_of_one_name_are_not_joined(scene, config) -> None:
    books = [((1.2, 0.06 * k, 0.1), (1.35, 0.06 * k + 0.05, 0.35)) for k in range(3)]
    frame, labels = scene.render(scene.camera_pose(), books, wall_x=1.5)
    boxes = [around(labels, k, category="book") for k in (1, 2, 3)]
    assert len(place(frame, boxes, config)) == 3


def test_a_thing_of_absurd_size_is_doubted_away(scene, config) -> None:
    wardrobe = ((2.0, -0.9, 0.0), (2.5, 0.9, 1.9))
    frame, labels = scene.render(scene.camera_pose(), [wardrobe])
    assert place(frame, [around(labels, 1, category="book")], config) == ()


def test_without_usable_depth_there_is_nothing(scene, config) -> None:
    frame, labels = scene.render(scene.camera_pose(), [MUG])
    box = around(labels, 1)
    for hole in (0.0, np.nan, np.inf):
        frame.depth[:] = hole
        assert place(frame, [box], config) == ()
    assert place(frame, [], config) == ()


def test_a_box_of_floor_alone_is_nothing(scene, config) -> None:
    frame, _ = scene.render(scene.camera_pose(), [])
    floor = Box(category="mug", score=0.9, corners=np.array([0.6, 0.3, 0.9, 0.6]))
    assert place(frame, [floor], config) == ()


@pytest.mark.parametrize(
    "corners", [(0, 0, 0, 0), (1, 1, 1, 1), (0.5, 0.5, 0.5, 0.5), (0, 0, 1, 1)]
)
def test_odd_boxes_do_no_harm(scene, config, corners) -> None:
    frame, _ = scene.render(scene.camera_pose(), [MUG])
    place(frame, [Box(category="mug", score=0.9, corners=np.array(corners))], config)


def test_the_surface_in_the_middle_is_taken_not_the_wall_around_it() -> None:
    depth = np.full((40, 40), 3.0, np.float32)
    depth[10:30, 10:30] = 1.0
    usable = np.ones(depth.shape, bool)
    box = Box(category="box", score=0.9, corners=np.array([0, 0, 1, 1.0]))
    inside = cut_out(depth, usable, box, focal=100.0)
    assert inside[11:29, 11:29].all()
    assert inside.sum() <= 400


@pytest.fixture(params=["coco", "openimages"])
def name(request):
    file = {"coco": COCO, "openimages": OPEN_IMAGES}[request.param]
    if not file.present:
        pytest.skip(f"{file.name} is missing: neural-brain assets fetch perception")
    return request.param


def test_it_can_be_sent_to_a_process_of_its_own(scene, name) -> None:
    frame, _ = scene.render(scene.camera_pose(), [MUG])
    detector = BoxDetector(name, InstanceConfig(min_pixels=30))
    again = pickle.loads(pickle.dumps(detector))  # noqa: S301 - made here
    assert again.config == detector.config and again.network == name
    assert repr(again.detect(frame)) == repr(detector.detect(frame))


def test_books_of_a_real_shelf_stand_where_the_shelf_is() -> None:
    """The Kinect frame of Debian's mrpt-common: books at about 1.9 m."""
    from neural_brain.benchmarks.real_scene import judge, kinect_frame
    from neural_brain.models.errors import NeuralBrainError

    if not COCO.present:
        pytest.skip(f"{COCO.name} is missing: neural-brain assets fetch perception")
    try:
        frame = kinect_frame()
    except NeuralBrainError as error:
        pytest.skip(str(error))
    percepts = BoxDetector("coco").detect(frame)
    books = [percept for percept in percepts if percept.category == "book"]
    assert len(books) >= 8
    for book in books:
        assert 1.7 < book.center_base[0] < 2.2
        assert 0.1 < book.size.max() < 0.4
    score = judge(frame, percepts)
    assert np.mean(score.right) >= 0.8
    assert np.sum(score.found) >= 3
