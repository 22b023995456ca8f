"""The detector's graph in torch, for training, and its export."""

from __future__ import annotations

from typing import Any

import numpy as np

from neural_brain.models.learning.torch_extra import import_torch
from neural_brain.models.sensing.net import LAYERS
from neural_brain.models.weights import Tensors


class TorchEngine:
    """Runs `models.sensing.net.forward` in torch; `net` is a torch ModuleDict.

    Hidden layers are convolution and batch normalisation; the last is plain. One that
    goes on from exported weights has plain layers only.

    Args:
        seed: of the weights to begin with.
        start: weights as `export` returns them.
    """

    def __init__(self, seed: int = 0, start: Tensors | None = None) -> None:
        self.torch = import_torch()
        self.torch.manual_seed(seed)
        nn = self.torch.nn
        layers = {}
        for name, layer in LAYERS.items():
            plain = start is not None or name in ("out", "context")
            conv = nn.Conv2d(
                layer.inputs,
                layer.outputs,
                layer.kernel,
                stride=layer.stride,
                padding=layer.kernel // 2,
                bias=plain,
            )
            norm = nn.Identity() if plain else nn.BatchNorm2d(layer.outputs)
            if start is not None:
                for part in ("weight", "bias"):
                    values = self.torch.from_numpy(start[f"{name}.{part}"].copy())
                    setattr(conv, part, nn.Parameter(values))
            layers[name] = nn.Sequential(conv, norm)
        # Channels last is several times faster on processors.
        self.net = nn.ModuleDict(layers).to(memory_format=self.torch.channels_last)

    def conv(self, name: str, x: Any) -> Any:
        """The named convolution with its ReLU, "same" padding."""
        y = self.net[name](x)
        return self.torch.relu(y) if LAYERS[name].relu else y

    def up(self, x: Any) -> Any:
        """Twice as large, nearest neighbour."""
        return self.torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest")

    def join(self, a: Any, b: Any) -> Any:
        """Channels of both."""
        return self.torch.cat((a, b), dim=1)

    def mean(self, x: Any) -> Any:
        """Mean over the image."""
        return x.mean(dim=(2, 3), keepdim=True)

    def relu(self, x: Any) -> Any:
        """max(x, 0)."""
        return self.torch.relu(x)

    def export(self) -> Tensors:
        """Weights with batch normalisation folded in, as `NumpyEngine` reads them."""
        tensors: Tensors = {}
        for name, (conv, norm) in self.net.cpu().items():
            weight = conv.weight.detach().numpy().astype(np.float64)
            if conv.bias is not None:
                bias = conv.bias.detach().numpy().astype(np.float64)
            else:
                std = np.sqrt(norm.running_var.numpy().astype(np.float64) + norm.eps)
                gain = norm.weight.detach().numpy() / std
                bias = norm.bias.detach().numpy() - norm.running_mean.numpy() * gain
                weight = weight * gain[:, None, None, None]
            tensors[f"{name}.weight"] = weight.astype(np.float32)
            tensors[f"{name}.bias"] = bias.astype(np.float32)
        return tensors
