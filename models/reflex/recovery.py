"""What the recovery policy may do to an action, and its network in the tick.

Where the critic finds the action too risky, the policy chooses two numbers: the share
of the action that stays, and how far the push into the contact gives way to a small
push out of it (Thananjeyan et al. 2021, arXiv:2010.15920; a pose step and a stiffness
in SRL-VIC, arXiv:2406.13744). In terms of the spring this moves its anchor back along
the felt force. Along that force the push never grows, so what the policy asks for is
at most softer than what was wished, or leads out of the contact:

    into' = min(s into, (1 - b) s into - b BACK_N clip(1 - away / BACK_M_S, 0, 1))

with `away` the speed out of the contact: whatever moves out faster is not driven.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.reflex.config import ForceConfig
from neural_brain.models.reflex.intent import FIRST_ACTION, LIMIT_N, TOUCH_N
from neural_brain.models.reflex.risk_net import LAYERS, Float32
from neural_brain.models.weights import Tensors

BACK_N, BACK_M_S = 3.0, 0.05
"""Push out of a contact, and the speed at which it ends, for the limit `LIMIT_N`."""
SOFT_SHARE = 0.25
"""Smallest share that the policy can choose."""
CHOICES = 2
PREFIX = "recovery_"
_SEEN = (0, 5, 10, 11, 12, 13)
_TINY = 1e-9
_REMEDY = "Train it anew with `neural-brain train reflex`."


def recovery_bounds(force: ForceConfig, retract_n_m: float) -> tuple[float, float]:
    """Push [N] and speed [m/s] of the policy, never above those of the reflex's own."""
    scale = force.limit_n / LIMIT_N
    push_n = min(BACK_N * scale, retract_n_m * force.retract_m)
    return push_n, min(BACK_M_S * scale, force.retract_m_s)


class Scalars:
    """The functions that `executed` needs, for plain numbers."""

    minimum = staticmethod(min)
    sqrt = staticmethod(math.sqrt)

    @staticmethod
    def clip(value: float, low: float, high: float) -> float:
        """The value, no lower than `low` and no higher than `high`."""
        return min(max(value, low), high)


class Seen(NamedTuple):
    """The features that `executed` needs: numbers, or arrays of one shape."""

    force: Any
    speed_into: Any
    tension: Any
    into: Any
    anchor: Any
    anchor_into: Any


def picked(features: Any) -> Seen:
    """From features in a list (14,)."""
    return Seen(*(features[k] for k in _SEEN))


def seen(features: Any) -> Seen:
    """From features in an array (..., 14)."""
    return Seen(*(features[..., k] for k in _SEEN))


def executed(x: Seen, share: Any, back: Any, lib: Any) -> tuple[Any, Any, Any, Any]:
    """The four features of an action that is executed with a share and a retreat.

    Args:
        x: what was felt, and wished.
        share: of the action that stays, 0..1.
        back: how far the retreat replaces the push into the contact, 0..1; without a
            felt force there is no direction for it, and it does nothing.
        lib: where minimum, sqrt and clip are from: numpy, torch or `Scalars`.
    """
    back = back * (x.force > TOUCH_N)
    across = x.tension * x.tension - x.into * x.into
    into = share * x.into
    room = lib.clip(1.0 + x.speed_into / BACK_M_S, 0.0, 1.0)
    into = lib.minimum(into, (1.0 - back) * into - back * BACK_N * room)
    square = share * share * lib.clip(across, 0.0, math.inf) + into * into
    led = share * x.anchor_into
    led = lib.minimum(led, (1.0 - back) * led)
    return lib.sqrt(square + _TINY), into, share * x.anchor, led


def with_action(features: Array, share: Array, back: Array) -> Array:
    """Features (n, 14) whose action is executed with a share and a retreat (n,)."""
    found = features.copy()
    action = executed(seen(features), share, back, np)
    found[:, FIRST_ACTION:] = np.column_stack(action)
    return found


def choice(first: Any, second: Any) -> tuple[Any, Any]:
    """Share and retreat from the two outputs of the policy, each in -1..1."""
    share = SOFT_SHARE + (1.0 - SOFT_SHARE) * 0.5 * (first + 1.0)
    return share, 0.5 * (second + 1.0)


class RecoveryNet:
    """The policy: tanh of a small network of the state; nothing allocated per call.

    Args:
        tensors: "recovery_w0".."recovery_w2" (in, out), "recovery_b0".. (out,), and the
            critic's "input_mean", "input_std".

    Raises:
        ModelFileError: if a tensor is missing, not finite, or shapes do not fit.
    """

    def __init__(self, tensors: Tensors) -> None:
        _check(tensors)
        self._w = [_plain(tensors[f"{PREFIX}w{i}"]) for i in range(LAYERS)]
        self._b = [_plain(tensors[f"{PREFIX}b{i}"]) for i in range(LAYERS)]
        self._mean = _plain(tensors["input_mean"][:FIRST_ACTION])
        self._scale = _plain(1.0 / tensors["input_std"][:FIRST_ACTION])
        self._z = np.zeros(FIRST_ACTION, np.float32)
        self._h = [np.zeros(b.size, np.float32) for b in self._b]

    def choose(self, x: Float32) -> tuple[float, float]:
        """Share and retreat in the state of an input (14,); NaN if not finite."""
        np.subtract(x[:FIRST_ACTION], self._mean, out=self._z)
        self._z *= self._scale
        before = self._z
        for i, (w, b, h) in enumerate(zip(self._w, self._b, self._h, strict=True)):
            np.dot(before, w, out=h)
            h += b
            if i < LAYERS - 1:
                np.maximum(h, 0.0, out=h)
            before = h
        first, second = before.tolist()
        if not math.isfinite(first + second):
            return math.nan, math.nan
        share, back = choice(math.tanh(first), math.tanh(second))
        return float(share), float(back)


def _plain(values: Array | Float32) -> Float32:
    return np.ascontiguousarray(values, np.float32)


def _check(tensors: Tensors) -> None:
    """Refuse weights whose names, numbers or shapes do not make a policy."""
    names = [f"{PREFIX}{kind}{i}" for i in range(LAYERS) for kind in "wb"]
    missing = [name for name in names if name not in tensors]
    if missing:
        raise ModelFileError(f"The recovery policy lacks {missing}. {_REMEDY}")
    if not all(np.isfinite(tensors[name]).all() for name in names):
        raise ModelFileError(f"The recovery policy is not finite. {_REMEDY}")
    width = FIRST_ACTION
    for i in range(LAYERS):
        w, b = tensors[f"{PREFIX}w{i}"], tensors[f"{PREFIX}b{i}"]
        if w.ndim != 2 or w.shape[0] != width or b.shape != w.shape[1:]:
            raise ModelFileError(
                f"{PREFIX}w{i} {w.shape}, b{i} {b.shape} make no policy. {_REMEDY}"
            )
        width = w.shape[1]
    if width != CHOICES:
        raise ModelFileError(f"A policy of {width} outputs is no use. {_REMEDY}")
