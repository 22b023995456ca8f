"""The learned part of the reflex: it may lower the level, and nothing else.

The critic judges the intermediate action of every tick, not the decision behind it
(Bresa, arXiv:2503.21989). It has a ladder of its own beside that of the rules. The
higher level of the two holds, so with the critic the robot is never at a lower level
than without it, whatever the network says. It asks for HOLD at most: STOP needs a
person to go on, and a guess shall not call for one.

What it does is graded: where the whole action is too risky, it looks for the largest
share of it that is not. The arm goes on, softer and slower; HOLD comes only when even
the smallest share is too risky.

A recovery policy, off unless it is asked for, may besides take the push into the
contact away. It changes no level, never leaves more of the action than the critic alone
would, and only acts where the critic finds the outcome less risky.
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
from neural_brain.models.reflex.intent import FEATURES, FIRST_ACTION
from neural_brain.models.reflex.ladder import Ladder
from neural_brain.models.reflex.recovery import RecoveryNet, Scalars, executed, picked
from neural_brain.models.reflex.risk_net import RiskNet
from neural_brain.models.signals import ReflexLevel
from neural_brain.models.weights import load_weights

VERSION = 2
SHIPPED = Path(__file__).resolve().parent / "weights" / "reflex.safetensors"
SHARES = 4
"""So many shares of the action are tried, the whole one first."""
RISKY = "learned risk"
_SLOW, _HOLD = ReflexLevel.SLOW, ReflexLevel.HOLD
_LEVELS = tuple(ReflexLevel)
_SQUARE_MAX = 1e12


class Critic(Protocol):
    """What the reflex needs of a critic: one `look` or `skip` a tick, then `close`."""

    level: ReflexLevel
    cause: Cause
    share: float
    back: float

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
        first_action: features from this index on are the action.
        recovery: the recovery policy, None without one.

    Attributes:
        level: NOMINAL, SLOW or HOLD. cause: why. looks: inputs judged so far.
        share: of the spring's force that is left; falls at once, rises slowly.
        back: how far the push into the contact gives way to one out of it, 0..1; rises
            at once, falls slowly, 0 at once when anything is wrong.
    """

    def __init__(
        self,
        config: CriticConfig,
        ladder_config: LadderConfig,
        net: RiskNet,
        first_action: int = FIRST_ACTION,
        recovery: RecoveryNet | None = None,
    ) -> None:
        self.level = ReflexLevel.NOMINAL
        self.cause = CLEAR
        self.looks = 0
        self.share = 1.0
        self.back = 0.0
        self.net = net
        self.recovery = recovery
        self._risk_max = config.risk_max or net.risk_max
        self._strange_max = config.strange_max or net.strange_max
        self._ladder_config = ladder_config
        self._ladder = Ladder(level=ladder.NOMINAL)
        self._x = np.zeros(net.inputs, np.float32)
        self._less = np.zeros(net.inputs, np.float32)
        self._action = slice(first_action, None)
        self._shares = np.linspace(1.0, config.soft_share, SHARES).tolist()
        self._rise = 1.0 / config.rise_ticks
        self._shape = self._x.shape
        self._softest = self._shares[-1]
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
            cause, share = self.judge(features)
        except (AttributeError, TypeError, ValueError):
            cause, share = self._bad("risk input malformed")
        back, falls = 0.0, cause is CLEAR
        if self.recovery is not None and cause.name == RISKY:
            share, back = self._recovered(self.recovery, share)
            falls = True
        self.back = max(back, self.back - self._rise) if falls else 0.0
        self._step(cause, share)

    def skip(self) -> None:
        """Nothing of this tick is the critic's business; its ladder goes on."""
        self._looked = True
        self.back = max(0.0, self.back - self._rise)
        self._step(CLEAR, 1.0)

    def close(self) -> None:
        """End the tick: without a look in it the risk is unknown, which is danger."""
        if not self._looked:
            self.back = 0.0
            self._step(*self._bad("risk unknown"))
        self._looked = False

    def judge(self, features: Array | None) -> tuple[Cause, float]:
        """What speaks against this input, and the share of its action that may stay."""
        if features is None or features.shape != self._shape:
            return self._bad("risk input malformed")
        if not square_sum(features) < _SQUARE_MAX:
            return self._bad("risk input not finite")
        x, less, limit = self._x, self._less, self._risk_max
        np.copyto(x, features, casting="same_kind")
        strange = self.net.strangeness(x)
        if not strange <= self._strange_max:
            name = "never seen in training"
            return Cause(_HOLD, name, strange, self._strange_max), self._softest
        risk = self.net.risk(x)
        if risk <= limit:
            return CLEAR, 1.0
        np.copyto(less, x)
        for share in self._shares[1:]:
            np.multiply(x[self._action], share, out=less[self._action])
            if self.net.risk(less) <= limit:
                return Cause(_SLOW, RISKY, risk, limit), share
        return Cause(_HOLD, RISKY, risk, limit), self._softest

    def _recovered(self, policy: RecoveryNet, share: float) -> tuple[float, float]:
        """Share and retreat of the policy, those of the critic if they are no better.

        The policy's share is never larger, and what it leads to must be less risky.
        """
        x, less, action = self._x, self._less, self._action
        asked, back = policy.choose(x)
        if not (math.isfinite(asked) and 0.0 <= back <= 1.0):
            self.back = 0.0
            return share, 0.0
        asked = max(min(asked, share), self._softest)
        np.multiply(x[action], share, out=less[action])
        usual = self.net.risk(less)
        less[action] = executed(picked(x.tolist()), asked, back, Scalars)
        return (asked, back) if self.net.risk(less) < usual else (share, 0.0)

    def _bad(self, name: str) -> tuple[Cause, float]:
        return Cause(_HOLD, name, math.nan, self._risk_max), self._softest

    def _step(self, cause: Cause, share: float) -> None:
        self._ladder = ladder.step(
            self._ladder, int(cause.level), False, self._ladder_config
        )
        self.level = _LEVELS[self._ladder.level]
        if cause.level >= self.level and cause is not CLEAR:
            self.cause = cause
        share = self._softest if self.level is _HOLD else share
        self.share = min(share, self.share + self._rise)


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
    recovery = RecoveryNet(tensors) if config.recovers else None
    return SafetyCritic(config, ladder_config, net, recovery=recovery)
