"""The force that an intended push explains, and what is left of the measured one.

Someone who pushes the hand away stretches its spring, and slowly enough the spring
balances every push: so what the spring exerts explains nothing. What the *anchor* did
explains: here the hand is thought of as one that the world only stops, never moves. It
follows the real hand towards the anchor, and stays where it is when the real one is
pushed away from it, but for what a soft thing gives back while its force falls. The
spring and the damper of that hand and the fed-forward force are the push p that is
meant, and for a moment the impact i of its own speed.

A smooth surface with normal n answers with -(p n) n, and by Thales the ball with the
diameter from 0 to -p holds these for all n; friction against a hand that is drawn along
the surface is in it, too. So is it with i; the distance from the sum of both balls is
what was not meant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from neural_brain.models.reflex.watchdog_config import WatchdogConfig

_FAR2 = 1e6  # [m2]
_SMOOTH = 0.1
Vector = tuple[float, float, float]
ZERO: Vector = (0.0, 0.0, 0.0)


class Explained:
    """Compares the force at the hand with what the executed motion explains.

    Attributes:
        push: what the hand is meant to push with (3,) [N].
        impact: what its own speed has been worth of late (3,) [N].
    """

    def __init__(self, config: WatchdogConfig, tick_s: float) -> None:
        self.push: Vector = (0.0, 0.0, 0.0)
        self._share = 1.0 + config.explained_margin
        self._keep = math.exp(-tick_s / config.impact_s)
        self._hand: Vector = (0.0, 0.0, 0.0)
        self._spring = (0.0, 0.0, 0.0, 0.0)
        self.impact: Vector = (0.0, 0.0, 0.0)
        self._soft_n_m = config.soft_n_m
        self._felt_n = 0.0
        self._known = False

    def forget(self) -> None:
        """Begin anew at the next tick: no push is meant."""
        self._known = False
        self.impact = (0.0, 0.0, 0.0)

    def follow(
        self, hand: Vector, anchor: Vector, *, impact: Vector = ZERO, felt_n: float
    ) -> None:
        """Take in a tick; all vectors in `base_link`.

        Args:
            hand: measured position (3,) [m].
            anchor: of the executed spring (3,) [m].
            impact: force (3,) [N] that the present velocity would give on a hard thing.
            felt_n: size of the felt force.
        """
        self._spring = self._stretch(hand, anchor, felt_n)
        self._hold(impact)

    def pull(
        self,
        stiffness: Sequence[Sequence[float]],
        *,
        longest_m: float,
        most_n: float,
        fed: Vector = ZERO,
        drag: Vector = ZERO,
    ) -> None:
        """Work out the push of this tick, after `follow`.

        Args:
            stiffness: rows (3, 3) [N/m] of the executed spring.
            longest_m: the spring acts as if no longer than this.
            most_n: force of the spring and the fed-forward one.
            fed: fed-forward force (3,) [N].
            drag: force (3,) [N] of the damper at the present velocity.
        """
        u, v, w, share = self._spring
        length = math.sqrt(u * u + v * v + w * w)
        if length > longest_m:
            cut = longest_m / length
            u, v, w = cut * u, cut * v, cut * w
        (a, b, c), (d, e, f), (g, h, i) = stiffness
        x = a * u + b * v + c * w + fed[0]
        y = d * u + e * v + f * w + fed[1]
        z = g * u + h * v + i * w + fed[2]
        size = math.sqrt(x * x + y * y + z * z)
        cut = most_n / size if size > most_n else 1.0
        dx, dy, dz = drag
        self.push = (
            cut * x + share * dx,
            cut * y + share * dy,
            cut * z + share * dz,
        )

    def _stretch(
        self, hand: Vector, anchor: Vector, felt_n: float
    ) -> tuple[float, float, float, float]:
        """Spring (3,) [m] of the hand that is only stopped; share that it is the real.

        A thing of stiffness k gives back the way (fall of the force) / k, no more.
        """
        x, y, z = hand
        ax, ay, az = anchor
        u, v, w = ax - x, ay - y, az - z
        if not self._known:
            self._felt_n = felt_n
        hx, hy, hz = self._hand
        a, b, c = ax - hx, ay - hy, az - hz
        # Written so that what is not finite is taken over, and explains nothing then.
        away = a * a + b * b + c * c < u * u + v * v + w * w < _FAR2
        if not (away and self._known):
            self._hand, self._known = hand, True
            self._felt_n += _SMOOTH * (felt_n - self._felt_n)
            return u, v, w, 1.0
        fall = self._felt_n - felt_n
        if fall <= 0.0:
            return a, b, c, 0.0
        a, b, c = a - u, b - v, c - w
        way = math.sqrt(a * a + b * b + c * c)
        share = min(fall / (self._soft_n_m * way), 1.0) if way > 0.0 else 1.0
        rest = 1.0 - share
        return u + rest * a, v + rest * b, w + rest * c, share

    def _hold(self, impact: Vector) -> None:
        """The largest impact of late: what is felt may come late, and rings on."""
        x, y, z = impact
        k = self._keep
        u, v, w = self.impact
        u, v, w = k * u, k * v, k * w
        if not x * x + y * y + z * z < u * u + v * v + w * w:
            u, v, w = x, y, z
        self.impact = (u, v, w)

    def rest(self, force: Vector) -> float:
        """Distance [N] of the world's force (3,) [N] from those that are explained.

        Never more than the size of the force: none at all is always explained.
        """
        x, y, z = force
        u, v, w = self.push
        a, b, c = self.impact
        reach = math.sqrt(u * u + v * v + w * w) + math.sqrt(a * a + b * b + c * c)
        half = 0.5 * self._share
        x, y, z = x + half * (u + a), y + half * (v + b), z + half * (w + c)
        return math.sqrt(x * x + y * y + z * z) - half * reach
