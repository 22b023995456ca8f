"""Probabilistic ensemble in numpy: the same input through all members at once.

Each member is a small multilayer perceptron with a Gaussian output whose variance is
softly bounded (Chua et al. 2018, arXiv:1805.12114). The mixture of the members is
matched in mean and variance: var = mean(var_i) + var(mean_i) (Lakshminarayanan et al.
2017, arXiv:1612.01474).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.weights import Tensors

Float32 = NDArray[np.float32]
LAYERS = 3


class Ensemble:
    """Predicts the change of all channels over one step.

    Args:
        tensors: "w0".."w2" (members, in, out), "b0".."b2" (members, 1, out),
            "input_mean", "input_std" (in,), "delta_std" (out,), "logvar_low",
            "logvar_high" (members, 1, out).

    Raises:
        ModelFileError: if a tensor is missing or shapes do not fit.
    """

    def __init__(self, tensors: Tensors) -> None:
        check(tensors)
        self._w = [tensors[f"w{i}"] for i in range(LAYERS)]
        self._b = [tensors[f"b{i}"] for i in range(LAYERS)]
        self._mean = tensors["input_mean"]
        self._scale = (1.0 / tensors["input_std"]).astype(np.float32)
        self._delta_std = tensors["delta_std"].astype(float)
        self._low, self._high = tensors["logvar_low"], tensors["logvar_high"]
        self.members = self._w[0].shape[0]
        self.inputs = self._w[0].shape[1]
        self.outputs = self._w[-1].shape[2] // 2

    def predict(self, inputs: Array) -> tuple[Array, Array, Array]:
        """Mean, variance and disagreement of the change, each (n, outputs), in units.

        Args:
            inputs: (n, inputs) as `features.model_input` makes them.
        """
        h = (np.asarray(inputs, np.float32) - self._mean) * self._scale
        h = np.clip(h, -10.0, 10.0)[None]
        for i in range(LAYERS):
            h = np.matmul(h, self._w[i]) + self._b[i]
            if i < LAYERS - 1:
                h = silu(h)
        mean, logvar = h[..., : self.outputs], h[..., self.outputs :]
        logvar = self._high - softplus(self._high - logvar)
        logvar = self._low + softplus(logvar - self._low)
        spread = mean.var(axis=0).astype(float)
        variance = np.exp(logvar).mean(axis=0).astype(float) + spread
        unit = self._delta_std
        # Where the members disagree, their mean is weighed by precision against the
        # prior that nothing changes much (unit variance): far from the data the
        # prediction falls back to persistence instead of running away.
        center = mean.mean(axis=0) / (1.0 + spread)
        return center * unit, variance * unit**2, spread * unit**2


def channel_nll(delta: Array, mean: Array, variance: Array) -> Array:
    """Gaussian negative log-likelihood of every channel, without the constant.

    The squared error is made linear beyond 4 standard deviations (Huber), so that one
    wild sample cannot outweigh everything else for minutes.
    """
    z = np.abs(delta - mean) / np.sqrt(variance)
    square = np.where(z < 4.0, 0.5 * z * z, 4.0 * z - 8.0)
    return np.asarray(square + 0.5 * np.log(variance))


def silu(x: Float32) -> Float32:
    """X * sigmoid(x), safe for large |x|."""
    return np.asarray(x * (0.5 * (1.0 + np.tanh(0.5 * x))), np.float32)


def softplus(x: Float32) -> Float32:
    """log(1 + exp(x)), safe for large x."""
    return np.asarray(np.logaddexp(x, np.float32(0.0)), np.float32)


def check(tensors: Tensors) -> None:
    """Refuse weights whose names or shapes do not make an ensemble."""
    names = [f"{kind}{i}" for i in range(LAYERS) for kind in "wb"]
    names += ["input_mean", "input_std", "delta_std", "logvar_low", "logvar_high"]
    missing = [name for name in names if name not in tensors]
    remedy = "Train it anew with `neural-brain train world`."
    if missing:
        raise ModelFileError(f"The ensemble lacks the tensors {missing}. {remedy}")
    if any(tensors[f"w{i}"].ndim != 3 for i in range(LAYERS)):
        raise ModelFileError(f"Weights of the ensemble must be 3-d. {remedy}")
    members, inputs, _ = tensors["w0"].shape
    outputs = tensors["w2"].shape[2] // 2
    chain = [tensors[f"w{i}"].shape[2] for i in range(LAYERS)]
    fits = all(
        tensors[f"b{i}"].shape == (members, 1, chain[i])
        and tensors[f"w{i}"].shape[0] == members
        and (i == 0 or tensors[f"w{i}"].shape[1] == chain[i - 1])
        for i in range(LAYERS)
    )
    fits = fits and tensors["input_mean"].shape == (inputs,)
    fits = fits and tensors["input_std"].shape == (inputs,)
    fits = fits and tensors["delta_std"].shape == (outputs,)
    fits = fits and bool(np.all(tensors["input_std"] > 0.0))
    if not fits:
        shapes = {name: tensors[name].shape for name in names}
        raise ModelFileError(f"Shapes {shapes} make no ensemble. {remedy}")
