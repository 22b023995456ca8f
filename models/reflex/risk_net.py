"""The learned critic's arithmetic: twin networks in numpy, nothing allocated per call.

    Q_risk(s, a) = max(Q1, Q2),  Q_i = sigmoid(W2 relu(W1 relu(W0 z + b0) + b1) + b2)

is the discounted probability of a violation (Thananjeyan et al. 2021,
arXiv:2010.15920); the larger of the two is believed. Beside it stands a measure of how
strange the input is: the squared distance to the nearest of some prototypes of the
training data, in units of its spread. Whatever is not finite is infinitely risky.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ModelFileError
from neural_brain.models.weights import Tensors

Float32 = NDArray[np.float32]
LAYERS = 3
_REMEDY = "Train it anew with `neural-brain train reflex`."


class RiskNet:
    """Risk and strangeness of one input vector.

    Args:
        tensors: "w0".."w2" (2, in, out), "b0".."b2" (2, out), "input_mean",
            "input_std" (in,), "prototypes" (k, in) in units of the spread, and the
            calibrated "risk_max", "strange_max" (1,).

    Attributes:
        inputs: length of the input vector. risk_max, strange_max: calibrated limits.

    Raises:
        ModelFileError: if a tensor is missing, not finite, or shapes do not fit.
    """

    def __init__(self, tensors: Tensors) -> None:
        check(tensors)
        self.inputs = tensors["w0"].shape[1]
        self.risk_max = float(tensors["risk_max"][0])
        self.strange_max = float(tensors["strange_max"][0])
        self._mean = tensors["input_mean"].astype(np.float32)
        self._scale = (1.0 / tensors["input_std"]).astype(np.float32)
        self._w0 = np.ascontiguousarray(np.hstack(list(tensors["w0"])))
        self._b0 = np.ascontiguousarray(tensors["b0"].ravel())
        self._w1 = [np.ascontiguousarray(w) for w in tensors["w1"]]
        self._b1 = np.ascontiguousarray(tensors["b1"].ravel())
        self._w2 = [np.ascontiguousarray(w[:, 0]) for w in tensors["w2"]]
        self._b2 = [float(b) for b in tensors["b2"][:, 0]]
        points = tensors["prototypes"]
        self._points = np.ascontiguousarray(-2.0 * points, np.float32)
        self._norms = (points * points).sum(axis=1).astype(np.float32)
        width = self._w1[0].shape[0]
        self._z = np.zeros(self.inputs, np.float32)
        self._h0 = np.zeros(2 * width, np.float32)
        self._h1 = np.zeros(2 * self._w1[0].shape[1], np.float32)
        half = self._w1[0].shape[1]
        self._in = (self._h0[:width], self._h0[width:])
        self._out = (self._h1[:half], self._h1[half:])
        self._far = np.zeros(len(points), np.float32)

    def risk(self, x: Float32) -> float:
        """Pessimistic risk in 0..1 of an input (inputs,); infinity if not finite.

        The caller guards the shape; the values may be anything.
        """
        self._normalise(x)
        np.dot(self._z, self._w0, out=self._h0)
        self._h0 += self._b0
        np.maximum(self._h0, 0.0, out=self._h0)
        for i in (0, 1):
            np.dot(self._in[i], self._w1[i], out=self._out[i])
        self._h1 += self._b1
        np.maximum(self._h1, 0.0, out=self._h1)
        first = sigmoid(float(self._out[0].dot(self._w2[0])) + self._b2[0])
        second = sigmoid(float(self._out[1].dot(self._w2[1])) + self._b2[1])
        return max(first, second)

    def strangeness(self, x: Float32) -> float:
        """Mean squared distance to the nearest prototype; infinity if not finite."""
        self._normalise(x)
        np.dot(self._points, self._z, out=self._far)
        self._far += self._norms
        found = float(np.minimum.reduce(self._far)) + float(self._z.dot(self._z))
        return found / self.inputs if math.isfinite(found) else math.inf

    def _normalise(self, x: Float32) -> None:
        np.subtract(x, self._mean, out=self._z)
        self._z *= self._scale


def sigmoid(value: float) -> float:
    """1 / (1 + exp(-value)); infinity for what is not finite, above every limit."""
    if not math.isfinite(value):
        return math.inf
    return 1.0 / (1.0 + math.exp(-value)) if value > -700.0 else 0.0


def check(tensors: Tensors) -> None:
    """Refuse weights whose names, numbers or shapes do not make a critic."""
    names = [f"{kind}{i}" for i in range(LAYERS) for kind in "wb"]
    names += ["input_mean", "input_std", "prototypes", "risk_max", "strange_max"]
    missing = [name for name in names if name not in tensors]
    if missing:
        raise ModelFileError(f"The critic lacks the tensors {missing}. {_REMEDY}")
    bad = [name for name in names if not np.isfinite(tensors[name]).all()]
    if bad:
        raise ModelFileError(
            f"The safety critic holds numbers that are not finite in {bad}. {_REMEDY}"
        )
    shapes = {name: tensors[name].shape for name in names}
    if not _fits(shapes) or not (tensors["input_std"] > 0.0).all():
        raise ModelFileError(f"Shapes {shapes} make no safety critic. {_REMEDY}")


def _fits(shapes: dict[str, tuple[int, ...]]) -> bool:
    if any(len(shapes[f"w{i}"]) != 3 for i in range(LAYERS)):
        return False
    inputs = shapes["w0"][1]
    chain = [inputs, *(shapes[f"w{i}"][2] for i in range(LAYERS))]
    layers = all(
        shapes[f"w{i}"] == (2, chain[i], chain[i + 1])
        and shapes[f"b{i}"] == (2, chain[i + 1])
        for i in range(LAYERS)
    )
    points = shapes["prototypes"]
    rest = len(points) == 2 and points[0] >= 1 and points[1] == inputs
    rest = rest and shapes["input_mean"] == shapes["input_std"] == (inputs,)
    limits = shapes["risk_max"] == shapes["strange_max"] == (1,)
    return layers and rest and limits and chain[-1] == 1 and min(chain) >= 1
