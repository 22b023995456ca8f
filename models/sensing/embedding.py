"""A whole picture as one vector: the contract, and one that needs no download.

`OrbVlad` sums, for each of a few visual words, how the corners nearest to it differ
from it (VLAD, Jegou et al. 2010). It was the best all-rounder of the hand-made
descriptors that were compared: it names places as well under another light.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ConfigError
from neural_brain.models.sensing.corners import CODE_BYTES, corners
from neural_brain.models.weights import load_weights

Float32 = NDArray[np.float32]
VERSION = 1
SHIPPED = Path(__file__).resolve().parent / "weights" / "places.safetensors"


class Embedding(Protocol):
    """Turns a picture into a vector; a learned network can take this place.

    Attributes:
        name: kept with the map, so that vectors of another kind are never compared.
        size: length of the vector.
    """

    name: str
    size: int

    def embed(self, rgb: NDArray[np.uint8]) -> Float32:
        """The vector (size,) of a picture (h, w, 3); alike pictures, alike vectors."""


class OrbVlad:
    """Corners counted by visual words; about 3 ms for a small picture.

    Args:
        weights: safetensors file with the words; None = shipped with the package.

    Raises:
        ModelFileError: if the words are missing, damaged or of another version.
    """

    def __init__(self, weights: str | Path | None = None) -> None:
        tensors, card = load_weights(weights or SHIPPED, name="places", version=VERSION)
        self.words = tensors["words"]
        self.name = f"orb-vlad-{str(card['sha256'])[:8]}"
        self.size = int(self.words.size)

    def embed(self, rgb: NDArray[np.uint8]) -> Float32:
        """The vector (size,) of a picture (h, w, 3)."""
        return vlad(corners(rgb)[1], self.words)


def vlad(codes: NDArray[np.uint8], words: Float32) -> Float32:
    """Sums of residuals (k * 256,), every word and the whole at unit length.

    Args:
        codes: binary descriptors (n, 32).
        words: (k, 256), mean bits of each word.
    """
    sums = np.zeros(words.shape, np.float32)
    if len(codes):
        bits = np.unpackbits(codes, axis=1).astype(np.float32)
        word = nearest_word(bits, words)
        one_hot = np.equal(np.arange(len(words))[:, None], word).astype(np.float32)
        sums = one_hot @ bits - one_hot.sum(axis=1, keepdims=True) * words
    sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), np.float32(1e-9))
    whole = sums.ravel()
    return whole / max(float(np.linalg.norm(whole)), 1e-9)


def nearest_word(bits: Float32, words: Float32) -> NDArray[np.intp]:
    """Index (n,) of the word nearest to each of (n, 256) bits."""
    return np.argmin((words**2).sum(axis=1) - 2.0 * bits @ words.T, axis=1)


def embed(embedding: Embedding, rgb: NDArray[np.uint8]) -> Float32:
    """The vector (size,) of a picture at unit length, or all zero.

    Raises:
        ConfigError: if the embedding gives something else.
    """
    vector = np.asarray(embedding.embed(rgb), np.float32)
    if vector.shape != (embedding.size,) or not np.isfinite(vector).all():
        raise ConfigError(
            f"Embedding {embedding.name!r} gave an array of shape {vector.shape}; "
            f"expected ({embedding.size},) finite numbers, as its size says. Mend the "
            "embedding, or leave sensing.embedding empty for the shipped one."
        )
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def train_words(
    codes: NDArray[np.uint8],
    count: int,
    generator: np.random.Generator,
    *,
    rounds: int = 30,
) -> Float32:
    """Words (count, 256) of descriptors (n, 32) by k-means with k-means++ starts.

    Raises:
        ConfigError: if there are fewer descriptors than words.
    """
    if len(codes) < count or codes.shape[1:] != (CODE_BYTES,):
        raise ConfigError(
            f"codes has shape {codes.shape}; expected at least {count} rows of "
            f"{CODE_BYTES} bytes. Record more pictures."
        )
    bits = np.unpackbits(codes, axis=1).astype(np.float32)
    words = bits[[int(generator.integers(len(bits)))]]
    while len(words) < count:
        word = nearest_word(bits, words)
        gap = ((bits - words[word]) ** 2).sum(axis=1).astype(np.float64)
        pick = generator.choice(len(bits), p=gap / gap.sum())
        words = np.vstack([words, bits[pick]])
    for _ in range(rounds):
        word = nearest_word(bits, words)
        for k in range(count):
            if np.any(word == k):
                words[k] = bits[word == k].mean(axis=0)
    return words
