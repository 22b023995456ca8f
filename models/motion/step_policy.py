"""A small network that chooses pose step and stiffness from what the hand feels.

It sees no place, only the frame of the motion: the first axis points to the way-point,
the second along the force that pushes the hand off its way, the third is square to
both. So what was learned in one direction holds in all. Its inputs are force, speed and
error in that frame, now and smoothed over a quarter of a second and a second.

    K = R diag(k) R^T  for translation and rotation,  log k = mid + half * tanh(y)

which is positive definite whatever the network says. All functions take leading
dimensions, so that training runs many hands at once through the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.motion.contact_step import (
    ContactStep,
    Felt,
    StepConfig,
    shortened,
)
from neural_brain.models.weights import Tensors, load_weights

VERSION = 1
FEATURES = (
    "force against the motion",
    "force off the way",
    "speed along the way",
    "speed along the second axis",
    "way, in steps",
    "force against the motion, 0.25 s",
    "force off the way, 0.25 s",
    "speed along the way, 0.25 s",
    "force against the motion, 1 s",
    "force off the way, 1 s",
    "speed along the way, 1 s",
    "last stiffness along the way",
)
ACTIONS = (
    "length of the step",
    "step along the second axis",
    "stiffness along the way",
    "stiffness along the second axis",
    "stiffness along the third axis",
    "turning about the way",
    "turning about the second axis",
    "turning about the third axis",
)
SMOOTHING = (0.2, 0.05)
"""Share of the newest value in the two averages, at 20 steps a second."""
FORCE_N, SPEED_M_S, TOUCH_N = 20.0, 0.06, 2.0
TURN_SOFT, TURN_STIFF = 0.25, 2.0
"""Rotational stiffness lies between these shares of the configured one."""
_REMEDY = "Train it anew with `neural-brain train stiffness`."


def motion_frame(way: Array, force: Array) -> tuple[Array, Array]:
    """Axes of the motion (..., 3, 3), one a row, and the share of the second (...).

    The share grows from 0 without a force off the way towards 1 with a large one: the
    second axis counts only as much as it is known.

    Args:
        way: to the way-point (..., 3) [m].
        force: that the world applies to the hand (..., 3) [N].
    """
    first = _unit(way, np.array([1.0, 0.0, 0.0]))
    off = force - (force * first).sum(axis=-1, keepdims=True) * first
    size = np.linalg.norm(off, axis=-1)
    spare = np.cross(first, np.where(np.abs(first[..., 2:]) < 0.9, _UP, _AHEAD))
    second = _unit(np.where(size[..., None] > 1e-6, off, spare), _UP)
    return np.stack([first, second, np.cross(first, second)], axis=-2), size / (
        size + TOUCH_N
    )


class StepMemory:
    """Averages of what was felt, and the last stiffness along the way.

    Args:
        shape: leading dimensions.
    """

    def __init__(self, shape: tuple[int, ...] = ()) -> None:
        self._averages = np.zeros((len(SMOOTHING), *shape, 3))
        self.last: Array = np.zeros(shape)

    def keep(self, rows: Array) -> None:
        """Go on with these rows of flags of the first leading dimension only."""
        self._averages, self.last = self._averages[:, rows], self.last[rows]

    def features(self, frame: Array, felt: tuple[Array, Array, Array]) -> Array:
        """The inputs of the network (..., 12).

        Args:
            frame: of the motion (..., 3, 3).
            felt: way in steps (..., 3), velocity (..., 3) [m/s], force (..., 3) [N].
        """
        way, velocity, force = felt
        pushed = (frame @ force[..., None])[..., 0] / FORCE_N
        moved = (frame @ velocity[..., None])[..., 0] / SPEED_M_S
        now = np.stack([-pushed[..., 0], pushed[..., 1], moved[..., 0]], axis=-1)
        for average, share in zip(self._averages, SMOOTHING, strict=True):
            average += share * (now - average)
        length = np.linalg.norm(way, axis=-1)
        rest = np.stack([moved[..., 1], np.minimum(length, 2.0)], axis=-1)
        smooth = np.moveaxis(self._averages, 0, -2)
        smooth = smooth.reshape(*smooth.shape[:-2], -1)
        found = [now, rest, smooth, self.last[..., None]]
        return np.clip(np.concatenate(found, axis=-1), -3.0, 3.0)


def answer(tensors: Sequence[Array], features: Array) -> Array:
    """Actions (..., 8) in -1..1 of inputs (..., 12): one hidden layer."""
    w0, b0, w1, b1 = tensors
    hidden = np.tanh(features @ w0 + b0)
    return np.asarray(np.tanh(hidden @ w1 + b1))


def stiffness_of(action: Array, config: StepConfig) -> Array:
    """Stiffness (..., 6) [N/m, Nm/rad] along the axes of the motion frame."""
    low, high = np.log(config.soft_n_m), np.log(config.stiff_n_m)
    turn_low, turn_high = np.log([TURN_SOFT, TURN_STIFF]) + np.log(config.turn_nm_rad)
    lows = np.array([low] * 3 + [turn_low] * 3)
    highs = np.array([high] * 3 + [turn_high] * 3)
    return np.asarray(np.exp(lows + 0.5 * (action[..., 2:] + 1.0) * (highs - lows)))


def step_of(action: Array, way: Array, frame: Array, share: Array) -> Array:
    """Translation of the step (..., 3), no longer than the way (..., 3) that is given.

    The second action bends the way by up to 60 degrees, towards the second axis or
    from it.
    """
    length = np.linalg.norm(way, axis=-1) * (0.625 + 0.375 * action[..., 0])
    bend = np.radians(60.0) * action[..., 1] * share
    along = np.cos(bend)[..., None] * frame[..., 0, :]
    return np.asarray(
        length[..., None] * (along + np.sin(bend)[..., None] * frame[..., 1, :])
    )


class StepPolicy:
    """The learned choice of step and stiffness.

    Args:
        tensors: "w0" (12, h), "b0" (h,), "w1" (h, 8), "b1" (8,).
        config: ranges.

    Raises:
        ModelFileError: if a tensor is missing or its shape does not fit.
    """

    def __init__(self, tensors: Tensors, config: StepConfig) -> None:
        self._net = [np.asarray(tensors[name], float) for name in check(tensors)]
        self._config = config
        self.reset()

    def reset(self) -> None:
        """Forget what was felt."""
        self._memory = StepMemory()

    def choose(self, felt: Felt) -> ContactStep:
        """The next step. What is not finite gives the softest stiffness, at rest."""
        config = self._config
        if not np.isfinite([felt.way, felt.velocity, felt.wrench]).all():
            return self._rest()
        step = shortened(felt.way, config)
        way, force = step[:3], felt.wrench[:3]
        frame, share = motion_frame(way, force)
        seen = (felt.way[:3] / config.step_m, felt.velocity[:3], force)
        action = answer(self._net, self._memory.features(frame, seen))
        if not np.isfinite(action).all():
            return self._rest()
        self._memory.last = action[2]
        step[:3] = step_of(action, way, frame, share)
        return ContactStep(step=step, stiffness=matrix(action, frame, share, config))

    def _rest(self) -> ContactStep:
        self.reset()
        c = self._config
        soft = [c.soft_n_m] * 3 + [TURN_SOFT * c.turn_nm_rad] * 3
        return ContactStep(step=np.zeros(6), stiffness=np.diag(soft))


def matrix(action: Array, frame: Array, share: Array, config: StepConfig) -> Array:
    """Stiffness (6, 6) in `base_link` of one action (8,) in a frame (3, 3)."""
    k = stiffness_of(action, config)
    K = np.zeros((6, 6))
    for at in (0, 3):
        values = k[at : at + 3].copy()
        values[1] = values[2] + share * (values[1] - values[2])
        K[at : at + 3, at : at + 3] = (frame.T * values) @ frame
    return K


def load_policy(path: str | Path, config: StepConfig) -> StepPolicy:
    """The policy of a weights file; none is shipped.

    Raises:
        ModelFileError: if the file is missing, damaged or of another layout.
    """
    tensors, _ = load_weights(path, name="stiffness", version=VERSION)
    return StepPolicy(tensors, config)


def check(tensors: Tensors) -> tuple[str, ...]:
    """Names of the tensors in order; refuses what makes no policy."""
    names = ("w0", "b0", "w1", "b1")
    missing = [name for name in names if name not in tensors]
    if missing:
        raise ModelFileError(f"The policy lacks the tensors {missing}. {_REMEDY}")
    shapes = [tensors[name].shape for name in names]
    hidden = shapes[1][-1] if shapes[1] else 0
    expected = [(len(FEATURES), hidden), (hidden,), (hidden, len(ACTIONS))]
    if shapes != [*expected, (len(ACTIONS),)] or not hidden:
        raise ModelFileError(
            f"The policy has tensors of shapes {shapes}; expected {expected} and "
            f"({len(ACTIONS)},). {_REMEDY}"
        )
    return names


def _unit(vectors: Array, spare: Array) -> Array:
    size = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.where(size > 1e-9, vectors / np.maximum(size, 1e-9), spare))


_UP, _AHEAD = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
