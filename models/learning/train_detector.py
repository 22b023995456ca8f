"""Training of the object detector on labelled frames.

Loss: cross entropy per pixel, weighted by a power of how often a class occurs, so
that a mug counts beside a wall. Frames are mirrored and their colours, noise and depth
gaps varied at random.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.config import param, validate
from neural_brain.models.learning.detector_net import TorchEngine
from neural_brain.models.learning.torch_extra import import_torch, torch_device
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
    balance: float = param(
        0.5, "weight of a class: its share of pixels to minus this", low=0.0, high=1.0
    )
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
    *,
    device: str = "cpu",
    start: Tensors | None = None,
) -> tuple[Tensors, list[float]]:
    """Fit the network.

    Args:
        data: labelled frames; all of them are kept on the device.
        config: passes and rates.
        progress: called with step, number of steps and loss.
        device: name of a torch device, "cpu" or "cuda".
        start: exported weights to go on from.

    Returns:
        Tensors for `NumpyEngine`, and the loss of every step.

    Raises:
        ModelFileError: if torch is missing or has no such device.
    """
    engine = TorchEngine(config.seed, start)
    torch, net = engine.torch, engine.net.to(torch_device(device))
    frames = _Frames(data, device, config)
    steps = -(-len(data.rgb) // config.batch) * config.epochs
    optimiser = torch.optim.AdamW(
        net.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.learning_rate, total_steps=steps + 1, pct_start=0.15
    )
    weight = torch.as_tensor(class_weights(data.labels, config.balance), device=device)
    losses: list[Any] = []
    net.train()
    for rgb, geometry, labels in frames.batches():
        with torch.autocast(device, torch.bfloat16, enabled=config.bfloat16):
            scores = forward(engine, rgb, geometry)
        loss = torch.nn.functional.cross_entropy(scores.float(), labels, weight=weight)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        # On a CPU a number: tensors of one element that stay on the heap, one between
        # the large ones of each step, made it grow by 16 MB a step.
        losses.append(loss.item() if device == "cpu" else loss.detach())
        if progress is not None and (device == "cpu" or len(losses) % 50 == 0):
            progress(len(losses), steps, float(losses[-1]))
    net.eval()
    return engine.export(), [float(loss) for loss in losses]


def class_weights(
    labels: NDArray[np.uint8], balance: float = 0.5
) -> NDArray[np.float32]:
    """Weight (classes,) of every class, 1 for the mean pixel; absent classes get 1."""
    count = np.bincount(labels.ravel(), minlength=len(CATEGORIES))[: len(CATEGORIES)]
    share = count / max(count.sum(), 1)
    weight = np.maximum(share, 1e-7) ** -balance
    weight = np.where(count > 0, np.minimum(weight, 60.0), 1.0)
    mean = float((weight * share).sum())
    return (weight / max(mean, 1e-9)).astype(np.float32)


class _Frames:
    """Frames on the device, drawn in random order and varied at random."""

    def __init__(
        self, data: DetectorData, device: str, config: DetectorTraining
    ) -> None:
        self._torch = import_torch()
        self._config = config
        self._rng = np.random.default_rng(config.seed)
        self._random = self._torch.Generator(device).manual_seed(config.seed)
        move = partial(self._torch.as_tensor, device=device)
        self._rgb, self._geometry = move(data.rgb), move(data.geometry)
        self._labels = move(data.labels)
        self._device = device

    def batches(self) -> Iterator[tuple[Any, Any, Any]]:
        """Colours, geometry and labels of every step of all passes."""
        batch = self._config.batch
        for _ in range(self._config.epochs):
            order = self._rng.permutation(len(self._rgb))
            for start in range(0, len(order), batch):
                yield self._varied(np.sort(order[start : start + batch]))

    def _varied(self, pick: NDArray[np.int64]) -> tuple[Any, Any, Any]:
        """One batch: mirrored, tinted, noisy, with depth gaps."""
        torch, jitter = self._torch, self._config.colour_jitter
        index = torch.as_tensor(pick, device=self._device)
        rgb = self._rgb[index].permute(0, 3, 1, 2).float() / 255.0
        geometry = self._geometry[index].float()
        labels = self._labels[index].long()
        n = len(pick)
        light = 1.0 + jitter * (2.0 * self._uniform(n, 1, 1, 1) - 1.0)
        tint = 1.0 + 0.4 * jitter * (2.0 * self._uniform(n, 3, 1, 1) - 1.0)
        noise = torch.randn(rgb.shape, generator=self._random, device=self._device)
        rgb = (rgb * light * tint + 0.015 * noise).clamp(0.0, 1.0) - 0.5
        gaps = 0.05 * self._uniform(n, 1, 1, 1)
        geometry = geometry * (self._uniform(n, 1, *labels.shape[1:]) > gaps)
        mirror = self._uniform(n, 1, 1, 1) < 0.5
        rgb = torch.where(mirror, rgb.flip(-1), rgb)
        geometry = torch.where(mirror, geometry.flip(-1), geometry)
        labels = torch.where(mirror[:, 0], labels.flip(-1), labels)
        channels_last = torch.channels_last
        return (
            rgb.contiguous(memory_format=channels_last),
            geometry.contiguous(memory_format=channels_last),
            labels,
        )

    def _uniform(self, *shape: int) -> Any:
        return self._torch.rand(shape, generator=self._random, device=self._device)
