"""Training of the object detector on labelled frames.

Loss: cross entropy per pixel, weighted by the inverse square root of how often a
class occurs, so that a mug counts beside a wall. Frames are mirrored and their
colours, noise and depth gaps varied at random.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.config import param, validate
from neural_brain.models.learning.detector_net import TorchEngine
from neural_brain.models.sensing.net import forward
from neural_brain.models.weights import Tensors


@dataclass(frozen=True, kw_only=True)
class DetectorTraining:
    """How the detector is trained."""

    epochs: int = param(8, "passes over the frames", low=1, high=1000)
    batch: int = param(16, "frames per step", low=1, high=512)
    learning_rate: float = param(4e-3, "of AdamW", low=1e-6, high=0.1)
    weight_decay: float = param(1e-3, "of AdamW", low=0.0, high=1.0)
    colour_jitter: float = param(0.15, "change of light and tint", low=0.0, high=1.0)
    bfloat16: bool = param(
        False, "short numbers: twice as fast on processors that have AMX"
    )
    seed: int = param(0, "of weights, order and augmentation", low=0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class DetectorData:
    """Frames as the network sees them.

    `rgb` (n, h, w, 3) uint8; `geometry` (n, 4, h/2, w/2) float16; `labels` (n, h/2,
    w/2) uint8, index into `CATEGORIES`.
    """

    rgb: NDArray[np.uint8]
    geometry: NDArray[np.float16]
    labels: NDArray[np.uint8]


def train_detector(
    data: DetectorData,
    config: DetectorTraining,
    progress: Callable[[int, int, float], None] | None = None,
) -> tuple[Tensors, list[float]]:
    """Fit the network.

    Args:
        data: labelled frames.
        config: passes and rates.
        progress: called with step, number of steps and loss.

    Returns:
        Tensors for `NumpyEngine`, and the loss of every step.
    """
    engine = TorchEngine(config.seed)
    torch, net = engine.torch, engine.net
    rng = np.random.default_rng(config.seed)
    per_epoch = -(-len(data.rgb) // config.batch)
    steps = per_epoch * config.epochs
    optimiser = torch.optim.AdamW(
        net.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.learning_rate, total_steps=steps + 1, pct_start=0.15
    )
    weight = torch.as_tensor(class_weights(data.labels))
    losses: list[float] = []
    net.train()
    for batch in _batches(data, config, rng):
        rgb, geometry, labels = (torch.as_tensor(part) for part in batch)
        rgb = rgb.contiguous(memory_format=torch.channels_last)
        geometry = geometry.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            scores = forward(engine, rgb, geometry)
        loss = torch.nn.functional.cross_entropy(scores.float(), labels, weight=weight)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if progress is not None:
            progress(len(losses), steps, losses[-1])
    net.eval()
    return engine.export(), losses


def class_weights(labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Weight (classes,) of every class, 1 for the mean pixel; absent classes get 1."""
    count = np.bincount(labels.ravel(), minlength=len(CATEGORIES))[: len(CATEGORIES)]
    share = count / max(count.sum(), 1)
    weight = np.where(count > 0, np.minimum(np.maximum(share, 1e-7) ** -0.5, 60.0), 1.0)
    mean = float((weight * share).sum())
    return (weight / max(mean, 1e-9)).astype(np.float32)


def _batches(
    data: DetectorData, config: DetectorTraining, rng: np.random.Generator
) -> Iterator[tuple[Any, Any, Any]]:
    for _ in range(config.epochs):
        order = rng.permutation(len(data.rgb))
        for start in range(0, len(order), config.batch):
            pick = np.sort(order[start : start + config.batch])
            yield _augmented(data, pick, config.colour_jitter, rng)


def _augmented(
    data: DetectorData, pick: NDArray[np.int64], jitter: float, rng: np.random.Generator
) -> tuple[Any, Any, Any]:
    """One batch: mirrored, tinted, noisy, with depth gaps."""
    n = len(pick)
    rgb = data.rgb[pick].transpose(0, 3, 1, 2).astype(np.float32) / 255.0
    geometry = data.geometry[pick].astype(np.float32)
    labels = data.labels[pick].astype(np.int64)
    light = 1.0 + jitter * rng.uniform(-1.0, 1.0, (n, 1, 1, 1))
    tint = 1.0 + 0.4 * jitter * rng.uniform(-1.0, 1.0, (n, 3, 1, 1))
    rgb *= (light * tint).astype(np.float32)
    noise = rng.standard_normal(rgb.shape, dtype=np.float32)
    rgb = np.clip(rgb + 0.015 * noise, 0.0, 1.0) - np.float32(0.5)
    keep = rng.random((n, 1, *labels.shape[1:])) > rng.uniform(0.0, 0.05, (n, 1, 1, 1))
    geometry *= keep
    mirror = rng.random(n) < 0.5
    rgb[mirror] = rgb[mirror, :, :, ::-1]
    geometry[mirror] = geometry[mirror, :, :, ::-1]
    labels[mirror] = labels[mirror, :, ::-1]
    return rgb, geometry, labels
