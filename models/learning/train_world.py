"""Training of the world model: a Gaussian ensemble on recorded transitions.

Loss: negative log-likelihood with softly bounded variance, the bounds learned and
pulled together (Chua et al. 2018, arXiv:1805.12114, appendix A.1). Each member sees
its own bootstrap of the data. In the first third of the updates the mean is trained
with a fixed variance, which keeps the likelihood from hiding errors in the variance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.learning.torch_extra import import_torch
from neural_brain.models.weights import Tensors
from neural_brain.models.world.ensemble import LAYERS, Ensemble, channel_nll
from neural_brain.models.world.features import ACTIONS, CHANNELS, model_input

Z = 4.0
CALM_S = 20.0
"""Calm time in which one second surprises with more than `Z`."""
RATE = 20  # transitions a second


@dataclass(frozen=True, kw_only=True)
class WorldTraining:
    """How the ensemble is trained."""

    members: int = param(5, "networks", low=2, high=20)
    width: int = param(64, "units per hidden layer", low=4, high=512)
    updates: int = param(3000, "gradient steps", low=1, high=1000000)
    batch: int = param(256, "transitions per member and step", low=8, high=65536)
    learning_rate: float = param(2e-3, "of Adam", low=1e-6, high=0.1)
    weight_decay: float = param(1e-5, "of Adam", low=0.0, high=0.1)
    seed: int = param(0, "of initial weights and batches", low=0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class WorldData:
    """Transitions: `inputs` (n, 32) and the change `deltas` (n, 12) that followed."""

    inputs: Array
    deltas: Array


def transitions(episodes: Sequence[tuple[Array, Array]]) -> WorldData:
    """Inputs and changes of recorded episodes.

    Args:
        episodes: channels (t, 12) and actions (t, 4) at every 50 ms of each episode.
    """
    inputs = [np.zeros((0, 2 * (len(CHANNELS) + len(ACTIONS))))]
    deltas = [np.zeros((0, len(CHANNELS)))]
    for x, u in episodes:
        inputs.append(model_input(x[1:-1], x[:-2], u[1:-1], u[2:]))
        deltas.append(x[2:] - x[1:-1])
    return WorldData(inputs=np.concatenate(inputs), deltas=np.concatenate(deltas))


def train_world(
    data: WorldData,
    config: WorldTraining,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[Tensors, list[float]]:
    """Fit the ensemble.

    Args:
        data: transitions.
        config: sizes and rates.
        progress: called with the update number and its loss.

    Returns:
        The tensors that `Ensemble` reads (without the usual surprise), and the losses.
    """
    torch = import_torch()
    generator = torch.Generator().manual_seed(config.seed)
    scale = _scales(data)
    x = torch.as_tensor((data.inputs - scale["input_mean"]) / scale["input_std"])
    x = x.float().clamp(-10.0, 10.0)
    y = torch.as_tensor(data.deltas / scale["delta_std"]).float()
    own = torch.randint(len(x), (config.members, len(x)), generator=generator)
    net = _initial(torch, config, x.shape[1], y.shape[1], generator)
    optimiser = torch.optim.Adam(
        list(net.values()), config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.learning_rate, total_steps=config.updates + 1
    )
    losses: list[float] = []
    for update in range(config.updates):
        pick = torch.randint(
            len(x), (config.members, config.batch), generator=generator
        )
        rows = torch.gather(own, 1, pick)
        loss = _loss(torch, net, x[rows], y[rows], 3 * update < config.updates)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(net.values()), 10.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if progress is not None:
            progress(update, losses[-1])
    tensors = {name: value.detach().numpy() for name, value in net.items()}
    return {**tensors, **scale}, losses


def usual_surprise(tensors: Tensors, data: WorldData) -> Tensors:
    """Middle, spread and mean distance of undisturbed surprise, per channel (12,).

    The likelihood has a long tail: even without a shove the hand sometimes meets a
    table, for as long as it does. So the middle is the median, and the spread is such
    that every channel passes its own limit as often, and the largest of them z = 4 in
    one second out of `CALM_S`.

    Args:
        tensors: of the ensemble.
        data: calm transitions that it was not trained on, in order of time.
    """
    mean, variance, _ = Ensemble(tensors).predict(data.inputs)
    scores = channel_nll(data.deltas, mean, variance)
    middle, tail = np.quantile(scores, [0.5, 0.995], axis=0)
    spread = np.maximum((tail - middle) / Z, 0.25)
    most = ((scores - middle) / spread).max(axis=1)
    seconds = most[: len(most) // RATE * RATE].reshape(-1, RATE).max(axis=1)
    spread = spread * max(float(np.quantile(seconds, 1.0 - 1.0 / CALM_S)) / Z, 1.0)
    gap = np.minimum(np.abs(scores - middle) / spread, 3.0).mean(axis=0)
    return {
        "usual_mean": middle.astype(np.float32),
        "usual_std": spread.astype(np.float32),
        "usual_gap": np.maximum(gap, 1e-3).astype(np.float32),
    }


def _scales(data: WorldData) -> dict[str, NDArray[np.float32]]:
    values = {
        "input_mean": data.inputs.mean(axis=0),
        "input_std": np.maximum(data.inputs.std(axis=0), 1e-3),
        "delta_std": np.maximum(data.deltas.std(axis=0), 1e-4),
    }
    return {name: value.astype(np.float32) for name, value in values.items()}


def _initial(
    torch: Any, config: WorldTraining, inputs: int, outputs: int, generator: Any
) -> dict[str, Any]:
    sizes = [inputs] + [config.width] * (LAYERS - 1) + [2 * outputs]
    net: dict[str, Any] = {}
    for i in range(LAYERS):
        shape = (config.members, sizes[i], sizes[i + 1])
        w = torch.randn(shape, generator=generator) / sizes[i] ** 0.5
        net[f"w{i}"] = w.requires_grad_()
        net[f"b{i}"] = torch.zeros(config.members, 1, sizes[i + 1], requires_grad=True)
    bounds = (config.members, 1, outputs)
    net["logvar_low"] = torch.full(bounds, -8.0, requires_grad=True)
    net["logvar_high"] = torch.full(bounds, 1.0, requires_grad=True)
    return net


def _loss(torch: Any, net: dict[str, Any], x: Any, y: Any, mean_only: bool) -> Any:
    h = x
    for i in range(LAYERS):
        h = torch.matmul(h, net[f"w{i}"]) + net[f"b{i}"]
        if i < LAYERS - 1:
            h = torch.nn.functional.silu(h)
    mean, logvar = h.chunk(2, dim=-1)
    softplus = torch.nn.functional.softplus
    logvar = net["logvar_high"] - softplus(net["logvar_high"] - logvar)
    logvar = net["logvar_low"] + softplus(logvar - net["logvar_low"])
    if mean_only:
        logvar = 0.1 * logvar
    nll = 0.5 * ((mean - y) ** 2 * torch.exp(-logvar) + logvar)
    bound = (net["logvar_high"] - net["logvar_low"]).mean()
    return nll.sum(dim=-1).mean() + 0.01 * bound
