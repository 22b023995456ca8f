"""What stands in the critic's place in comparisons."""

from __future__ import annotations

import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.reflex import (
    CLEAR,
    FEATURES,
    Cause,
    Critic,
    CriticConfig,
    LadderConfig,
    SafetyCritic,
    load_critic,
)
from neural_brain.models.signals import ReflexLevel

DECISION_TICKS = 100
FORCE_N, LEAD_MS = 22.7, 10.0
"""This threshold misses as large a share of the dangers in 40 pushes of tuning seeds as
the critic's limit may, and is passed in as many ticks: 12 % of those in contact."""


class Listener:
    """Passes everything on to a critic, if there is one, and remembers the question."""

    def __init__(
        self, inner: Critic | None, dither: np.random.Generator | None
    ) -> None:
        self.asked: Array = np.zeros(len(FEATURES))
        self._inner, self._dither = inner, dither
        self._left, self._share, self._back = 0, 1.0, 0.0
        self.looked = False

    @property
    def level(self) -> ReflexLevel:
        """That of the critic; NOMINAL without one."""
        return ReflexLevel.NOMINAL if self._inner is None else self._inner.level

    @property
    def cause(self) -> Cause:
        """That of the critic."""
        return CLEAR if self._inner is None else self._inner.cause

    @property
    def share(self) -> float:
        """That of the critic, or a smaller one that was drawn."""
        mine = 1.0 if self._inner is None else self._inner.share
        return min(mine, self._share)

    @property
    def back(self) -> float:
        """That of the critic, or a larger one that was drawn."""
        mine = 0.0 if self._inner is None else self._inner.back
        return max(mine, self._back)

    def look(self, features: Array | None) -> None:
        """See `Critic`."""
        if features is not None:
            self.asked[:] = features
        self.looked = True
        self._draw()
        if self._inner is not None:
            self._inner.look(features)

    def skip(self) -> None:
        """See `Critic`."""
        self.looked = False
        self._draw()
        if self._inner is not None:
            self._inner.skip()

    def close(self) -> None:
        """See `Critic`."""
        if self._inner is not None:
            self._inner.close()

    def _draw(self) -> None:
        """Now and then another action, so that the critic learns what it changes."""
        if self._dither is None:
            return
        self._left -= 1
        if self._left <= 0:
            self._left = int(self._dither.integers(100, 600))
            less = self._dither.random() < 0.3
            self._share = float(self._dither.uniform(0.25, 1.0)) if less else 1.0
            less = self._dither.random() < 0.3
            self._back = float(self._dither.uniform()) if less else 0.0


class PerDecision:
    """A critic that is asked at the decisions only, as in Recovery RL.

    Args:
        inner: what is asked; its verdict holds until the next decision.
    """

    def __init__(self, inner: Critic) -> None:
        self._inner = inner
        self._tick = 0

    @property
    def level(self) -> ReflexLevel:
        """As of the last decision."""
        return self._inner.level

    @property
    def cause(self) -> Cause:
        """As of the last decision."""
        return self._inner.cause

    @property
    def share(self) -> float:
        """As of the last decision."""
        return self._inner.share

    @property
    def back(self) -> float:
        """As of the last decision."""
        return self._inner.back

    def look(self, features: Array | None) -> None:
        """Judge it if this is the tick of a decision."""
        if self._tick % DECISION_TICKS == 0:
            self._inner.look(features)

    def skip(self) -> None:
        """Nothing to judge."""
        if self._tick % DECISION_TICKS == 0:
            self._inner.skip()

    def close(self) -> None:
        """End the tick."""
        if self._tick % DECISION_TICKS == 0:
            self._inner.close()
        self._tick += 1


class Forced(SafetyCritic):
    """Lowers the action as the critic does, above a felt force that goes on rising.

    Args:
        config: of the critic in whose place it stands.
        ladder_config: dwell times.
    """

    def __init__(self, config: CriticConfig, ladder_config: LadderConfig) -> None:
        net = load_critic(config, ladder_config)
        if net is None:
            raise ConfigError(
                "CriticConfig.enabled = False; a threshold that stands in for the "
                "critic needs its shares. Set it to True."
            )
        super().__init__(config, ladder_config, net.net)
        self._share = config.soft_share

    def judge(self, features: Array | None) -> tuple[Cause, float]:
        """SLOW and the softest spring above the threshold."""
        if features is None:
            return CLEAR, 1.0
        ahead = float(features[0]) + LEAD_MS * max(float(features[1]), 0.0)
        if ahead <= FORCE_N:
            return CLEAR, 1.0
        return Cause(ReflexLevel.SLOW, "force", ahead, FORCE_N), self._share
