"""Recipe of the world model: which rollouts, how long, and the numbers on its card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.world_data import record
from neural_brain.models.errors import ModelFileError
from neural_brain.models.learning import (
    WorldTraining,
    train_world,
    transitions,
    usual_surprise,
)
from neural_brain.models.weights import save_weights
from neural_brain.models.world import VERSION, Ensemble, channel_nll
from neural_brain.models.world.world import SHIPPED

__all__ = ["SHIPPED", "train"]
FIRST_CALM_SEED = 8900


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Homes to learn and to judge from, simulated seconds in each, gradient steps."""

    homes: int
    calm: int
    seconds: float
    updates: int


SIZES = {
    "quick": Recipe(homes=4, calm=2, seconds=30.0, updates=800),
    "full": Recipe(homes=24, calm=16, seconds=60.0, updates=5000),
}


def train(
    path: Path, *, size: str, seed: int, device: str, card: dict[str, object]
) -> dict[str, float]:
    """Record, train, judge and write; returns the metrics of the card.

    Raises:
        ModelFileError: if the device is not "cpu", which these small nets are for.
    """
    if device != "cpu":
        raise ModelFileError(
            f"--device {device} is not for the world model: it is small and trains in "
            "minutes on the processor. Leave the option out."
        )
    recipe = SIZES[size]
    seeds = range(recipe.homes)
    rollouts = record(seeds, recipe.seconds)
    data = transitions([(r.channels, r.actions) for r in rollouts])
    calm_seeds = range(FIRST_CALM_SEED, FIRST_CALM_SEED + recipe.calm)
    calm_rollouts = record(calm_seeds, recipe.seconds)
    calm = transitions([(r.channels, r.actions) for r in calm_rollouts])
    config = WorldTraining(updates=recipe.updates, seed=seed)
    with tqdm(total=recipe.updates, desc="training") as bar:

        def show(_: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.2f}", refresh=False)
            bar.update()

        tensors, _ = train_world(data, config, show)
    tensors = {**tensors, **usual_surprise(tensors, calm)}
    mean, variance, _ = Ensemble(tensors).predict(calm.inputs)
    rmse = np.sqrt(((mean - calm.deltas) ** 2).mean(axis=0))
    metrics = {
        "held-out NLL": float(
            channel_nll(calm.deltas, mean, variance).sum(axis=1).mean()
        ),
        "RMSE over persistence": float(
            np.mean(rmse / np.sqrt((calm.deltas**2).mean(axis=0)))
        ),
    }
    full = {
        "model": "world",
        "version": VERSION,
        "data": f"{len(data.inputs)} transitions of random behaviour in "
        f"{recipe.homes} generated homes",
        "seeds": [seeds.start, seeds.stop],
        "calm_seeds": [calm_seeds.start, calm_seeds.stop],
        "training_seed": seed,
        "metrics": metrics,
        **card,
    }
    save_weights(path, tensors, full)
    return metrics
