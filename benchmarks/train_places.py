"""Recipe of the visual words by which places are recognised: k-means of corners."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.models.sensing.corners import corners
from neural_brain.models.sensing.embedding import (
    SHIPPED,
    VERSION,
    nearest_word,
    train_words,
)
from neural_brain.models.weights import save_weights
from neural_brain.sim.datasets import tour_frames
from neural_brain.sim.homes import generate_home

__all__ = ["SHIPPED", "train"]
SIZES = {"quick": 2, "full": 8}
FIRST_HOME = 8900
CODES_PER_HOME = 5000
WORDS = 16


def train(
    path: Path, *, size: str, seed: int, device: str, card: dict[str, object]
) -> dict[str, float]:
    """Drive, collect corners, cluster and write; returns the metrics of the card."""
    del device  # there is nothing to speed up
    homes = range(FIRST_HOME, FIRST_HOME + SIZES[size])
    generator = np.random.default_rng([seed, 0x91AC])
    codes = np.concatenate([_codes(home, generator) for home in tqdm(homes)])
    words = train_words(codes, WORDS, generator)
    bits = np.unpackbits(codes, axis=1).astype(np.float32)
    word = nearest_word(bits, words)
    spread = ((bits - words[word]) ** 2).sum(axis=1).mean()
    whole = ((bits - bits.mean(axis=0)) ** 2).sum(axis=1).mean()
    metrics = {"spread left by the words": float(spread / whole)}
    about = {"model": "places", "version": VERSION, "homes": list(homes), "seed": seed}
    what = "16 mean ORB descriptors of corners in simulated homes"
    save_weights(
        path,
        {"words": words},
        {**about, "what": what, "codes": len(codes), "metrics": metrics, **card},
    )
    return metrics


def _codes(home: int, generator: np.random.Generator) -> np.ndarray:
    frames = tour_frames(generate_home(home), home, 1)
    codes = np.concatenate([corners(one.labelled.frame.rgb)[1] for one in frames])
    return codes[generator.permutation(len(codes))[:CODES_PER_HOME]]
