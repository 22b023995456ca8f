"""Pictures and views: when a frame is described, what is refused, what is in them."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.errors import ConfigError, GoalError, ModelFileError
from neural_brain.models.sensing import (
    Camera,
    OrbVlad,
    SegmentationDetector,
    Sensing,
    SensingConfig,
    check_picture,
    frame_view,
    look_at_picture,
    thing_in_middle,
)
from neural_brain.models.sensing.corners import MOST, WIDTH_PX, corners, shrunk
from neural_brain.models.sensing.detector import NoDetector
from neural_brain.models.sensing.embedding import embed, train_words, vlad
from neural_brain.models.sensing.scene_views import EVERY_S, Viewer
from tests.models.sensing.conftest import make_body
from tests.painted_room import K, PaintedRoom

ROOM = PaintedRoom()
HERE = np.array([0.5, 0.2, 0.4])


class Mean:
    """Three numbers: the mean colour of a picture."""

    name, size = "mean-colour", 3

    def embed(self, rgb):
        return rgb.mean(axis=(0, 1)).astype(np.float32)


class Broken(Mean):
    def embed(self, rgb):
        return np.full(4, np.nan, np.float32)


def test_alike_pictures_have_alike_vectors():
    orb = OrbVlad()
    here, beside, elsewhere = (
        embed(orb, ROOM.frame(pose).rgb)
        for pose in (
            HERE,
            HERE + np.array([0.2, 0.0, 0.05]),
            HERE - np.array([0, 0, 2.5]),
        )
    )
    assert here.shape == (orb.size,)
    assert np.linalg.norm(here) == pytest.approx(1.0, abs=1e-5)
    assert here @ beside > here @ elsewhere + 0.1


def test_less_light_changes_the_vector_little():
    orb, rgb = OrbVlad(), ROOM.frame(HERE).rgb
    assert embed(orb, rgb) @ embed(orb, (0.5 * rgb).astype(np.uint8)) > 0.6


def test_a_blank_picture_has_no_corners_and_a_zero_vector():
    rgb = np.full((144, 192, 3), 120, np.uint8)
    assert corners(rgb)[1].shape == (0, 32)
    assert not embed(OrbVlad(), rgb).any()


def test_corners_are_few_and_lie_in_the_picture_of_any_size():
    large = np.kron(ROOM.frame(HERE).rgb, np.ones((4, 4, 1), np.uint8))
    at, codes = corners(large)
    assert len(at) == len(codes) <= MOST
    assert ((at > 0.0) & (at < 1.0)).all()
    assert shrunk(large).shape[1] == WIDTH_PX


def test_corners_of_a_frame_lie_in_space():
    view = frame_view(ROOM.frame(HERE), OrbVlad())
    on_wall = np.abs(view.points[:, 2])
    assert len(view.codes) == len(view.points) == len(view.rays) > 50
    assert ((on_wall > -0.05) & (on_wall < 2.6)).all()
    ahead = view.points @ np.array([1.0, 0.0, 0.0])
    np.testing.assert_allclose(-view.points[:, 1] / ahead, view.rays[:, 0], atol=0.02)


def test_corners_without_depth_are_left_out():
    frame = ROOM.frame(HERE)
    depth = frame.depth.copy()
    depth[:, :96] = 0.0
    half = frame_view(replace(frame, depth=depth), OrbVlad())
    assert 0 < len(half.codes) < len(frame_view(frame, OrbVlad()).codes)
    assert half.rays[:, 0].min() > -0.03


def test_a_viewer_describes_what_is_new():
    viewer = Viewer(Mean())
    frame = ROOM.frame(HERE)
    assert viewer.look(frame, np.zeros(3)) is not None
    assert viewer.look(replace(frame, stamp=0.2), np.zeros(3)) is None
    assert viewer.look(replace(frame, stamp=0.3), np.array([0.4, 0.0, 0.0]))
    panned = ROOM.frame(HERE, 0.4, pan=0.5)
    assert viewer.look(panned, np.array([0.4, 0.0, 0.0])) is not None
    later = replace(panned, stamp=0.4 + 1.1 * EVERY_S)
    assert viewer.look(later, np.array([0.4, 0.0, 0.0])) is not None


def test_sensing_uses_the_embedding_that_it_is_given():
    sensing = Sensing(SensingConfig(), NoDetector(), Mean())
    percepts = sensing.step(None, ROOM.frame(HERE), make_body(0.0))
    assert percepts.view.embedding == "mean-colour"
    blind = Sensing(SensingConfig(views=False), NoDetector())
    assert blind.step(None, ROOM.frame(HERE), make_body(0.0)).view is None


def test_a_wrong_vector_is_refused():
    with pytest.raises(ConfigError, match=r"mean-colour.*\(3,\)"):
        embed(Broken(), ROOM.frame(HERE).rgb)


def test_words_are_the_means_of_clusters():
    rng = np.random.default_rng(0)
    two = np.array([np.zeros(32), np.full(32, 255)], np.uint8)
    words = train_words(np.repeat(two, 20, axis=0), 2, rng)
    assert sorted(words.mean(axis=1).tolist()) == [0.0, 1.0]
    assert vlad(two[:1], words).shape == (512,)
    with pytest.raises(ConfigError, match="at least 3"):
        train_words(two, 3, rng)


def test_missing_words_are_told(tmp_path):
    with pytest.raises(ModelFileError, match="train places"):
        OrbVlad(tmp_path / "words.safetensors")


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((100, 100), np.uint8),
        np.zeros((100, 100, 4), np.uint8),
        np.zeros((100, 100, 3), np.float32),
        np.zeros((8, 100, 3), np.uint8),
        np.zeros((3000, 3000, 3), np.uint8),
        [[1, 2], [3, 4]],
        None,
    ],
)
def test_what_is_no_picture_is_refused(bad):
    with pytest.raises(GoalError, match="picture"):
        check_picture(bad)


@pytest.mark.parametrize("hfov", [0.0, -1.0, 3.2, float("nan")])
def test_a_field_of_view_that_no_camera_has_is_refused(hfov):
    with pytest.raises(GoalError, match="hfov_rad"):
        Camera.of(hfov)


def test_a_camera_fits_pictures_of_any_size():
    own = Camera(K=K, width_px=192)
    np.testing.assert_allclose(own.matrix((144, 192)), K)
    assert own.matrix((288, 384))[0, 0] == 300.0
    of_angle = Camera.of(2 * np.arctan(0.5)).matrix((100, 200))
    assert of_angle[0, 0] == pytest.approx(200.0)
    assert of_angle[0, 2] == pytest.approx(99.5)


def labelled(*boxes):
    """A detector that is told where things are: (name, rows, columns)."""
    classes = np.zeros((144, 192), np.int32)
    numbers = np.zeros((144, 192), np.int32)
    for k, (name, rows, columns) in enumerate(boxes):
        classes[rows, columns] = CATEGORIES.index(name)
        numbers[rows, columns] = k + 1
    return SegmentationDetector(lambda frame: (classes, numbers))


def test_the_thing_in_the_middle_is_named():
    rgb = np.full((144, 192, 3), 120, np.uint8)
    rgb[60:90, 80:110] = (200, 20, 20)
    rgb[60:90, 150:180] = (20, 20, 200)
    mug = ("mug", slice(60, 90), slice(80, 110))
    vase = ("vase", slice(60, 90), slice(150, 180))
    assert thing_in_middle(rgb, K, labelled(vase, mug)) == ("mug", "red")
    assert thing_in_middle(rgb, K, labelled(vase)) == ("", "")
    assert thing_in_middle(rgb, K, NoDetector()) == ("", "")
    camera = Camera(K=K, width_px=192)
    picture = look_at_picture(rgb, camera, Mean(), labelled(mug), "thing")
    assert (picture.category, picture.view.embedding) == ("mug", "mean-colour")
    assert look_at_picture(rgb, camera, Mean(), labelled(mug)).category == ""
