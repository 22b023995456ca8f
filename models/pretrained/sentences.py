"""The meaning of a phrase as a vector: all-MiniLM-L6-v2 in ONNX Runtime.

Mean of the last layer over all pieces, scaled to length 1 (Reimers and Gurevych 2019);
the cosine of two phrases is the product of their vectors.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained.files import EMBEDDING, TOKENS
from neural_brain.models.pretrained.wordpiece import WordPieces

Float32 = NDArray[np.float32]
ENGINE = "onnxruntime"
INSTALL = 'pip install "neural_brain[perception]"'


def missing() -> str:
    """What is missing for the meaning of words, as lines to type; "" = nothing."""
    lines = [] if importlib.util.find_spec(ENGINE) else [f"`{INSTALL}`"]
    if not (EMBEDDING.present and TOKENS.present):
        lines.append("`neural-brain assets fetch perception`")
    return " and ".join(lines)


class SentenceNet:
    """Phrases to vectors of length 1, on one thread.

    Raises:
        ModelFileError: if a file or the extra is missing, or a file is damaged.
    """

    def __init__(self) -> None:
        engine = import_engine()
        self._pieces = WordPieces(TOKENS.read())
        options = engine.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = engine.InferenceSession(
            EMBEDDING.read(), options, providers=["CPUExecutionProvider"]
        )

    def vector(self, phrase: str) -> Float32:
        """The meaning (384,) of a phrase, length 1."""
        ids = np.array([self._pieces.encode(phrase)], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        inputs["token_type_ids"] = np.zeros_like(ids)
        (hidden,) = self._session.run(None, inputs)
        mean = np.asarray(hidden[0], np.float32).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def vectors(self, phrases: Sequence[str]) -> Float32:
        """The meanings (n, 384) of phrases."""
        return np.stack([self.vector(phrase) for phrase in phrases])


def import_engine() -> Any:
    """ONNX Runtime.

    Raises:
        ModelFileError: if the `[perception]` extra is not installed.
    """
    try:
        return importlib.import_module(ENGINE)
    except ImportError as error:
        raise ModelFileError(
            f"The meaning of words needs ONNX Runtime, which cannot be imported "
            f"({error}). Type `{INSTALL}`; goals in the words that the robot knows "
            "work without."
        ) from error
