"""Files of pretrained networks are used only if they are exactly the known ones."""

import hashlib

import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained import FILES, CocoNet, OpenImagesNet, PretrainedFile
from neural_brain.models.pretrained.files import COCO, OPEN_IMAGES


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    (tmp_path / "pretrained").mkdir()
    return tmp_path / "pretrained"


def note(content: bytes) -> PretrainedFile:
    return PretrainedFile(
        name="note.bin",
        sha256=hashlib.sha256(content).hexdigest(),
        what="A note",
        maker="somebody",
        licence="CC0",
    )


def test_an_intact_file_is_read(cache) -> None:
    file = note(b"hello")
    assert not file.present
    (cache / "note.bin").write_bytes(b"hello")
    assert file.present and file.read() == b"hello"


def test_a_missing_file_says_what_it_is_for_and_how_to_get_it(cache) -> None:
    with pytest.raises(ModelFileError, match=r"A note needs .*assets fetch perception"):
        note(b"hello").read()


@pytest.mark.parametrize("content", [b"hell", b"hello!", b""])
def test_another_file_is_refused(cache, content) -> None:
    (cache / "note.bin").write_bytes(content)
    with pytest.raises(ModelFileError, match="damaged or another file"):
        note(b"hello").read()


def test_a_folder_in_the_place_of_a_file_is_an_error_with_a_remedy(cache) -> None:
    (cache / "note.bin").mkdir()
    assert not note(b"hello").present
    with pytest.raises(ModelFileError, match="cannot be read"):
        note(b"hello").read()


@pytest.mark.parametrize("net, file", [(OpenImagesNet, OPEN_IMAGES), (CocoNet, COCO)])
def test_a_detector_is_not_built_from_a_damaged_file(cache, net, file) -> None:
    with pytest.raises(ModelFileError, match="assets fetch perception"):
        net()
    (cache / file.name).write_bytes(b"rubbish" * 100)
    with pytest.raises(ModelFileError, match="damaged"):
        net()


def test_names_and_sums_are_different_and_whole() -> None:
    assert len({file.name for file in FILES}) == len(FILES)
    assert len({file.sha256 for file in FILES}) == len(FILES)
    assert all(len(file.sha256) == 64 for file in FILES)
    assert all(file.maker and file.licence and file.what for file in FILES)
