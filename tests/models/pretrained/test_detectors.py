"""The pretrained detectors on photographs of scikit-image."""

import cv2
import numpy as np
import pytest

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained import CocoNet, OpenImagesNet, coco, open_images


@pytest.fixture(scope="module", params=["coco", "openimages"])
def net(request):
    if request.param == "coco":
        request.getfixturevalue("coco")
        return CocoNet()
    request.getfixturevalue("open_images")
    return OpenImagesNet()


def test_words_are_those_of_the_robot() -> None:
    for known in (coco.KNOWN, open_images.KNOWN):
        assert set(known.values()) <= set(CATEGORIES[1:])


def test_a_cup_of_coffee_is_found_where_it_is(net) -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image is absent")
    boxes = [box for box in net.find(data.coffee()) if box.category == "mug"]
    assert len(boxes) == 1 and boxes[0].score > 0.5
    top, left, bottom, right = boxes[0].corners
    assert top < 0.2 and 0.2 < left < 0.35 and bottom > 0.55 and 0.6 < right < 0.8


@pytest.mark.parametrize("name", ["rocket", "brick", "chelsea"])
def test_photographs_without_known_things_stay_nearly_empty(net, name) -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image is absent")
    picture = np.asarray(getattr(data, name)())
    if picture.ndim == 2:
        picture = np.dstack([picture] * 3)
    assert len(net.find(np.ascontiguousarray(picture))) <= 1


@pytest.mark.parametrize("shape", [(480, 640), (37, 900), (1, 1)])
def test_any_size_of_picture_gives_boxes_inside_it(net, shape) -> None:
    rng = np.random.default_rng(0)
    for box in net.find(rng.integers(0, 255, (*shape, 3), dtype=np.uint8)):
        top, left, bottom, right = box.corners
        assert 0.0 <= top <= bottom <= 1.0 and 0.0 <= left <= right <= 1.0


def test_a_network_that_opencv_reads_otherwise_is_refused(request, monkeypatch) -> None:
    request.getfixturevalue("open_images")
    wrong = open_images._REFERENCE + 0.5
    monkeypatch.setattr(open_images, "_REFERENCE", wrong)
    with pytest.raises(ModelFileError, match=cv2.__version__):
        OpenImagesNet()
