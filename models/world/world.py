"""The world model: predict the next body state, be surprised by any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyCommand, BodyState, Surprise
from neural_brain.models.weights import load_weights
from neural_brain.models.world.config import WorldConfig
from neural_brain.models.world.ensemble import Ensemble, channel_nll
from neural_brain.models.world.features import (
    ACTIONS,
    CHANNELS,
    actions_of,
    channels_of,
    model_input,
)
from neural_brain.models.world.words import name_of, sentence

STEP_S = 0.05
VERSION = 2
USUAL = ("usual_mean", "usual_std", "usual_gap")
SHIPPED = Path(__file__).resolve().parent / "weights" / "world.safetensors"


class WorldModel:
    """One-step forward model with a running measure of surprise, called at 20 Hz.

    Surprise is the negative log-likelihood of what was measured under what was
    predicted, channel by channel, normalised by its usual middle and spread: those of
    calm recordings at first, then slowly those of this body (exponential average,
    without the surprises). The channel that surprises most counts: a shove shows in
    few of them, and a sum would bury it under the noise of the others.

    Args:
        config: weights file and averaging times.

    Raises:
        ModelFileError: if the weights are missing, damaged or of another version.
    """

    def __init__(self, config: WorldConfig) -> None:
        path = config.weights or SHIPPED
        tensors, self.card = load_weights(path, name="world", version=VERSION)
        self.config = config
        self.ensemble = Ensemble(tensors)
        size = 2 * (len(CHANNELS) + len(ACTIONS))
        if (self.ensemble.inputs, self.ensemble.outputs) != (size, len(CHANNELS)):
            raise ModelFileError(
                f"{path} maps {self.ensemble.inputs} inputs to {self.ensemble.outputs} "
                f"channels; expected {size} to {len(CHANNELS)}. Train it anew with "
                "`neural-brain train world`."
            )
        usual = [tensors.get(key) for key in USUAL]
        if any(u is None or u.shape != (len(CHANNELS),) for u in usual):
            raise ModelFileError(
                f"{path} lacks its usual surprise. Train it anew with "
                "`neural-brain train world`."
            )
        self._mean, self._usual_std, self._usual_gap = (
            np.array(u, dtype=float) for u in usual
        )
        self._std, self._gap = self._usual_std, self._usual_gap
        self.expected: Array | None = None
        self.reset()

    def reset(self) -> None:
        """Forget the last states; keep what is usual."""
        self._history: list[tuple[float, Array, Array]] = []
        self._command: BodyCommand | None = None
        self._started: float | None = None

    def step(
        self, t: float, body: BodyState, command: BodyCommand | None
    ) -> Surprise | None:
        """Compare the new state with its prediction.

        Args:
            t: time of the state [s].
            body: the new state.
            command: what was being sent since the last step; None = nothing.

        Returns:
            The surprise, or None while there is too little history. Numbers that are
            not finite and long silence are surprises of size `alarm_z`.
        """
        x = channels_of(body)
        u = actions_of(body, command, self._command)
        self._command = command
        return self.step_channels(t, x, u)

    def step_channels(self, t: float, x: Array, u: Array) -> Surprise | None:
        """The same for channels (12,) and actions (4,), as recordings hold them."""
        if not (np.isfinite(x).all() and np.isfinite(u).all()):
            return self._broken(t, x)
        gap = t - self._history[-1][0] if self._history else STEP_S
        if gap > self.config.stale_s:
            self.reset()
            text = f"no body state came for {gap:.2f} s"
            return self._alarm(t, "silence", text)
        if not 0.5 * STEP_S < gap < 1.6 * STEP_S:
            self._history = []
        surprise = None
        if len(self._history) >= 2:
            surprise = self._compare(t, x, u)
        self._history = [*self._history[-1:], (t, x, u)]
        if self._started is None:
            self._started = t
        return surprise

    def predict(self, x: Array, x_before: Array, u: Array, u_next: Array) -> Array:
        """Expected next channels (n, 12) for n states and actions (see `features`)."""
        mean, _, _ = self.ensemble.predict(model_input(x, x_before, u, u_next))
        return np.asarray(x + mean)

    def _compare(self, t: float, x: Array, u: Array) -> Surprise | None:
        (_, x_before, _), (_, x_last, u_last) = self._history[-2:]
        inputs = model_input(x_last, x_before, u_last, u)[None]
        mean, variance, _ = self.ensemble.predict(inputs)
        self.expected = x_last + mean[0]
        scores = channel_nll(x - x_last, mean[0], variance[0])
        z = (scores - self._mean) / self._std
        self._adapt(scores, z)
        if self._started is None or t - self._started < self.config.settle_s:
            return None
        channel = int(np.argmax(z))
        return Surprise(
            stamp=t,
            z=float(z[channel]),
            channel=name_of(channel),
            text=sentence(channel, x, self.expected),
        )

    def _adapt(self, scores: Array, z: Array) -> None:
        """Slowly move what is usual; surprises count only up to 3 deviations.

        The spread follows the mean distance from the middle: it is heavy tails that it
        stands for, which a running variance without the surprises would lose.
        """
        rate = STEP_S / self.config.memory_s
        distance = np.minimum(np.abs(scores - self._mean) / self._usual_std, 3.0)
        self._gap = self._gap + rate * (distance - self._gap)
        self._mean = self._mean + rate * np.clip(z, -3.0, 3.0) * self._std
        self._std = self._usual_std * np.maximum(self._gap / self._usual_gap, 0.5)

    def _broken(self, t: float, x: Array) -> Surprise:
        bad = np.flatnonzero(~np.isfinite(x))
        what = name_of(int(bad[0])) if bad.size else "command"
        self._history = []
        return self._alarm(t, what, f"{what} is not a number")

    def _alarm(self, t: float, channel: str, text: str) -> Surprise:
        return Surprise(stamp=t, z=self.config.alarm_z, channel=channel, text=text)
