"""Recipe of the detector: which homes, how long, and the numbers on its card."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.detection import DetectionScore, PixelScore
from neural_brain.models.learning import (
    DetectorData,
    DetectorTraining,
    torch_device,
    train_detector,
)
from neural_brain.models.sensing import NetDetector
from neural_brain.models.sensing.net_detector import SHIPPED, VERSION
from neural_brain.models.weights import Tensors, load_weights, save_weights
from neural_brain.sim.datasets import detector_data, labelled_frames

__all__ = ["SHIPPED", "train"]
CHECK_SEEDS = range(8800, 8804)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Homes, frames of each, and whether to go on from the shipped weights.

    The rest is as in `DetectorTraining`.
    """

    homes: int
    frames: int
    epochs: int
    on: bool = False
    batch: int = 16
    learning_rate: float = 4e-3
    balance: float = 0.5


SIZES = {
    "quick": Recipe(homes=24, frames=20, epochs=3),
    "full": Recipe(homes=400, frames=30, epochs=20),
    "large": Recipe(
        homes=1000, frames=48, epochs=23, batch=64, learning_rate=8e-3, balance=0.4
    ),
    "more": Recipe(
        homes=1000, frames=40, epochs=6, learning_rate=1e-3, balance=0.4, on=True
    ),
}


def train(
    path: Path, *, size: str, seed: int, device: str, card: dict[str, object]
) -> dict[str, float]:
    """Record, train, write and judge; returns the metrics of the card."""
    torch_device(device)
    recipe = SIZES[size]
    start, known = _shipped() if recipe.on else (None, {})
    data = record(recipe, jobs=os.cpu_count() or 2)
    seeds = range(recipe.homes)
    config = training(recipe, seed)
    with tqdm(desc="training") as bar:

        def show(step: int, steps: int, loss: float) -> None:
            bar.total = steps
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
            bar.update(step - bar.n)

        tensors, _ = train_detector(data, config, show, device=device, start=start)
    full = {
        "model": "detector",
        "version": VERSION,
        "data": f"{len(data.rgb)} rendered frames of {recipe.homes} generated homes",
        "seeds": [seeds.start, seeds.stop],
        "training_seed": seed,
        **known,
        **card,
    }
    save_weights(path, tensors, full)
    metrics = judge(path)
    save_weights(path, tensors, {**full, "metrics": metrics})
    return metrics


def _shipped() -> tuple[Tensors, dict[str, object]]:
    """The shipped weights, and how the card of what comes from them names them."""
    tensors, card = load_weights(SHIPPED, name="detector", version=VERSION)
    names = ("sha256", "date", "command", "went_on_from")
    return tensors, {"went_on_from": {k: card[k] for k in names if k in card}}


def record(recipe: Recipe, *, jobs: int) -> DetectorData:
    """Render and label the frames of a recipe."""
    with tqdm(total=recipe.homes, desc="homes") as bar:
        return detector_data(
            range(recipe.homes),
            recipe.frames,
            lambda: bar.update() and None,
            jobs=jobs,
        )


def training(recipe: Recipe, seed: int) -> DetectorTraining:
    """How the network is fitted to the frames of a recipe."""
    return DetectorTraining(
        epochs=recipe.epochs,
        batch=recipe.batch,
        learning_rate=recipe.learning_rate,
        balance=recipe.balance,
        bfloat16=True,
        seed=seed,
    )


def judge(path: Path) -> dict[str, float]:
    """Figures on a few homes that training did not see."""
    detector = NetDetector(path)
    pixels, score = PixelScore(), DetectionScore()
    for seed in CHECK_SEEDS:
        for labelled in labelled_frames(seed, 15):
            guess, _ = detector.segment(labelled.frame)
            pixels.add(labelled.classes[1::2, 1::2], guess)
            score.add(labelled, detector.detect(labelled.frame))
    return {
        "mean IoU": float(np.mean(list(pixels.iou().values()))),
        "recall": float(np.mean(score.found)),
        "precision": float(np.mean(score.right)) if score.right else 0.0,
        "colour": float(np.mean(score.colour)) if score.colour else 0.0,
        "place error [m]": float(np.mean(score.error_m)) if score.error_m else 0.0,
    }
