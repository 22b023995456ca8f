"""The learned part of the reflex: it may lower the level, and nothing else.

The critic judges the intermediate action of every tick, not the decision behind it
(Bresa, arXiv:2503.21989). It has a ladder of its own beside that of the rules. The
higher level of the two holds, so with the critic the robot is never at a lower level
than without it, whatever the network says. It asks for HOLD at most: STOP needs a
person to go on, and a guess shall not call for one.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Protocol

import numpy as np

from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.reflex import ladder
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import CriticConfig, LadderConfig
from neural_brain.models.reflex.finite import square_sum
from neural_brain.models.reflex.intent import FEATURES, FIRST_SPEED
from neural_brain.models.reflex.ladder import Ladder
from neural_brain.models.reflex.risk_net import RiskNet
from neural_brain.models.signals import ReflexLevel
from neural_brain.models.weights import load_weights

VERSION = 1
SHIPPED = Path(__file__).resolve().parent / "weights" / "reflex.safetensors"
_SLOW, _HOLD = ReflexLevel.SLOW, ReflexLevel.HOLD
_LEVELS = tuple(ReflexLevel)
_SQUARE_MAX = 1e12


class Critic(Protocol):
    """What the reflex needs of a critic: one `look` or `skip` a tick, then `close`."""

    level: ReflexLevel
    cause: Cause

    def look(self, features: Array | None) -> None:
        """Judge the input of this tick."""

    def skip(self) -> None:
        """Let a tick pass that is not the critic's business."""

    def close(self) -> None:
        """End the tick."""


class SafetyCritic:
    """Looks at one input a tick; answers with a level.

    Args:
        config: limits; what is 0 there is taken from the calibration in the weights.
        ladder_config: dwell times, the same as those of the rules.
        net: the networks.
        first_speed: features from this index on are the part of the action that level
            SLOW makes smaller.

    Attributes:
        level: NOMINAL, SLOW or HOLD. cause: why. looks: inputs judged so far.
    """

    def __init__(
        self,
        config: CriticConfig,
        ladder_config: LadderConfig,
        net: RiskNet,
        first_speed: int = FIRST_SPEED,
    ) -> None:
        self.level = ReflexLevel.NOMINAL
        self.cause = CLEAR
        self.looks = 0
        self._net = net
        self._risk_max = config.risk_max or net.risk_max
        self._strange_max = config.strange_max or net.strange_max
        self._ladder_config = ladder_config
        self._ladder = Ladder(level=ladder.NOMINAL)
        self._x = np.zeros(net.inputs, np.float32)
        self._slower = np.ones(net.inputs, np.float32)
        self._slower[first_speed:] = config.slow_share
        self._shape = self._x.shape
        self._looked = False

    def look(self, features: Array | None) -> None:
        """Judge the input of this tick.

        Args:
            features: state and intermediate action (inputs,); None or anything else
                that is no such array counts as danger.
        """
        self._looked = True
        self.looks += 1
        try:
            cause = self._judge(features)
        except (AttributeError, TypeError, ValueError):
            cause = Cause(_HOLD, "risk input malformed", math.nan, self._risk_max)
        self._step(cause)

    def skip(self) -> None:
        """Nothing of this tick is the critic's business; its ladder goes on."""
        self._looked = True
        self._step(CLEAR)

    def close(self) -> None:
        """End the tick: without a look in it the risk is unknown, which is danger."""
        if not self._looked:
            self._step(Cause(_HOLD, "risk unknown", 0.0, 0.0))
        self._looked = False

    def _judge(self, features: Array | None) -> Cause:
        if features is None or features.shape != self._shape:
            return Cause(_HOLD, "risk input malformed", math.nan, self._risk_max)
        if not square_sum(features) < _SQUARE_MAX:
            return Cause(_HOLD, "risk input not finite", math.nan, self._risk_max)
        x, limit = self._x, self._risk_max
        np.copyto(x, features, casting="same_kind")
        strange = self._net.strangeness(x)
        if not strange <= self._strange_max:
            return Cause(_HOLD, "never seen in training", strange, self._strange_max)
        risk = self._net.risk(x)
        if risk <= limit:
            return CLEAR
        x *= self._slower
        level = _SLOW if self._net.risk(x) <= limit else _HOLD
        return Cause(level, "learned risk", risk, limit)

    def _step(self, cause: Cause) -> None:
        self._ladder = ladder.step(
            self._ladder, int(cause.level), False, self._ladder_config
        )
        self.level = _LEVELS[self._ladder.level]
        if cause.level >= self.level and cause is not CLEAR:
            self.cause = cause


def load_critic(
    config: CriticConfig, ladder_config: LadderConfig
) -> SafetyCritic | None:
    """The critic of a configuration, None if it is switched off.

    Raises:
        ModelFileError: if the weights are missing, damaged, or for other features.
    """
    if not config.enabled:
        return None
    path = config.weights or SHIPPED
    tensors, _ = load_weights(path, name="reflex", version=VERSION)
    net = RiskNet(tensors)
    if net.inputs != len(FEATURES):
        raise ModelFileError(
            f"{path} takes {net.inputs} inputs; expected {len(FEATURES)}. Train it "
            "anew with `neural-brain train reflex`."
        )
    return SafetyCritic(config, ladder_config, net)
