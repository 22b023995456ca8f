"""The detector's network: its graph, written once, and a numpy engine that runs it.

A small encoder-decoder in the spirit of U-Net (Ronneberger et al. 2015,
arXiv:1505.04597) with additive skips and a global context vector. Colour enters at
full size, geometry and output are at half size. Training runs the same graph in
torch with batch normalisation; export folds that into the convolutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.errors import ModelFileError
from neural_brain.models.weights import Tensors

Float32 = NDArray[np.float32]
GEOMETRY = 4


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One convolution: channels in and out, square kernel, stride, then ReLU or not."""

    inputs: int
    outputs: int
    kernel: int = 3
    stride: int = 1
    relu: bool = True


LAYERS: dict[str, Layer] = {
    "stem": Layer(inputs=3, outputs=16, stride=2),
    "b1": Layer(inputs=16 + GEOMETRY, outputs=32, stride=2),
    "b2": Layer(inputs=32, outputs=32),
    "c1": Layer(inputs=32, outputs=64, stride=2),
    "c2": Layer(inputs=64, outputs=64),
    "c3": Layer(inputs=64, outputs=64),
    "d1": Layer(inputs=64, outputs=96, stride=2),
    "d2": Layer(inputs=96, outputs=96),
    "d3": Layer(inputs=96, outputs=96),
    "context": Layer(inputs=96, outputs=96, kernel=1, relu=False),
    "up1": Layer(inputs=96, outputs=64, kernel=1, relu=False),
    "e1": Layer(inputs=64, outputs=64),
    "up2": Layer(inputs=64, outputs=32, kernel=1, relu=False),
    "e2": Layer(inputs=32, outputs=32),
    "up3": Layer(inputs=32, outputs=24, kernel=1, relu=False),
    "skip3": Layer(inputs=16 + GEOMETRY, outputs=24, kernel=1, relu=False),
    "e3": Layer(inputs=24, outputs=24),
    "out": Layer(inputs=24, outputs=len(CATEGORIES), kernel=1, relu=False),
}


class Engine(Protocol):
    """The few operations that the graph needs; arrays are (..., channels, h, w)."""

    def conv(self, name: str, x: Any) -> Any:
        """The named convolution with its ReLU, "same" padding."""

    def up(self, x: Any) -> Any:
        """Twice as large, nearest neighbour."""

    def join(self, a: Any, b: Any) -> Any:
        """Channels of both."""

    def mean(self, x: Any) -> Any:
        """Mean over the image, (..., channels, 1, 1)."""

    def relu(self, x: Any) -> Any:
        """max(x, 0)."""


def forward(engine: Engine, rgb: Any, geometry: Any) -> Any:
    """Class scores (..., classes, h/2, w/2).

    Args:
        engine: numpy or torch.
        rgb: colours (..., 3, h, w) in -0.5..0.5; h and w divisible by 16.
        geometry: (..., 4, h/2, w/2) as `inputs.geometry_channels` makes it.
    """
    conv, up, relu = engine.conv, engine.up, engine.relu
    a = engine.join(conv("stem", rgb), geometry)
    b = conv("b1", a)
    b = b + conv("b2", b)
    c = conv("c1", b)
    c = c + conv("c2", c)
    c = c + conv("c3", c)
    d = conv("d1", c)
    d = d + conv("d2", d)
    d = d + conv("d3", d)
    d = relu(d + conv("context", engine.mean(d)))
    c = relu(c + up(conv("up1", d)))
    c = c + conv("e1", c)
    b = relu(b + up(conv("up2", c)))
    b = b + conv("e2", b)
    e = relu(conv("skip3", a) + up(conv("up3", b)))
    e = e + conv("e3", e)
    return conv("out", e)


class NumpyEngine:
    """Convolutions as one matrix product each (im2col), on arrays (channels, h, w).

    Args:
        tensors: "NAME.weight" (out, in, k, k) and "NAME.bias" (out,) per layer.

    Raises:
        ModelFileError: if a tensor is missing or has another shape.
    """

    def __init__(self, tensors: Tensors) -> None:
        self._weights: dict[str, tuple[Float32, Float32]] = {}
        self._columns: dict[tuple[int, ...], Float32] = {}
        for name, layer in LAYERS.items():
            weight, bias = tensors.get(f"{name}.weight"), tensors.get(f"{name}.bias")
            shape = (layer.outputs, layer.inputs, layer.kernel, layer.kernel)
            if (
                weight is None
                or bias is None
                or weight.shape != shape
                or bias.shape != shape[:1]
            ):
                got = None if weight is None else weight.shape
                raise ModelFileError(
                    f"Layer {name!r} of the detector has weights {got}; expected "
                    f"{shape}. Train it anew with `neural-brain train detector`."
                )
            flat = np.ascontiguousarray(weight.reshape(layer.outputs, -1), np.float32)
            self._weights[name] = (flat, bias[:, None].astype(np.float32))

    def conv(self, name: str, x: Float32) -> Float32:
        """The named convolution with its ReLU, "same" padding."""
        layer = LAYERS[name]
        weight, bias = self._weights[name]
        if layer.kernel == 1:
            height, width = x.shape[1:]
            y = weight @ x.reshape(x.shape[0], -1)
        else:
            columns, height, width = self._im2col(x, layer.stride)
            y = weight @ columns
        y += bias
        if layer.relu:
            np.maximum(y, 0.0, out=y)
        return y.reshape(-1, height, width)

    def up(self, x: Float32) -> Float32:
        """Twice as large, nearest neighbour."""
        channels, height, width = x.shape
        y = np.empty((channels, height, 2, width, 2), np.float32)
        y[:] = x[:, :, None, :, None]
        return y.reshape(channels, 2 * height, 2 * width)

    def join(self, a: Float32, b: Float32) -> Float32:
        """Channels of both."""
        return np.concatenate((a, b))

    def mean(self, x: Float32) -> Float32:
        """Mean over the image, (channels, 1, 1)."""
        return x.mean(axis=(1, 2), keepdims=True)

    def relu(self, x: Float32) -> Float32:
        """max(x, 0), in place."""
        return np.maximum(x, 0.0, out=x)

    def _im2col(self, x: Float32, stride: int) -> tuple[Float32, int, int]:
        """The 3 x 3 neighbourhood of every output pixel as a column (9 in, h w)."""
        channels, rows, cols = x.shape
        height, width = rows // stride, cols // stride
        key = (channels, height, width)
        if key not in self._columns:
            self._columns[key] = np.empty((channels, 3, 3, height, width), np.float32)
        columns = self._columns[key]
        padded = np.zeros((channels, rows + 2, cols + 2), np.float32)
        padded[:, 1:-1, 1:-1] = x
        for i in range(3):
            for j in range(3):
                columns[:, i, j] = padded[
                    :, i : i + rows : stride, j : j + cols : stride
                ]
        return columns.reshape(9 * channels, height * width), height, width
