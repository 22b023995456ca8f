"""Networks that may not have been fetched: tests that need one skip then."""

import pytest

from neural_brain.models.pretrained.files import (
    COCO,
    COCO_GRAPH,
    EMBEDDING,
    OPEN_IMAGES,
    TOKENS,
)


def need(*files) -> None:
    for file in files:
        if not file.present:
            pytest.skip(f"{file.name} is missing: neural-brain assets fetch perception")


@pytest.fixture(scope="session")
def open_images():
    need(OPEN_IMAGES)


@pytest.fixture(scope="session")
def coco():
    need(COCO, COCO_GRAPH)


@pytest.fixture(scope="session")
def tokens():
    need(TOKENS)


@pytest.fixture(scope="session")
def sentences():
    need(EMBEDDING, TOKENS)
    pytest.importorskip("onnxruntime", reason='pip install "neural_brain[perception]"')
