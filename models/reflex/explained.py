"""The force that an intended push explains, and what is left of the measured one.

Someone who pushes the hand away stretches its spring, and slowly enough the spring
balances every push: so what the spring exerts explains nothing. What the *anchor* did
explains: here the hand is thought of as one that the world only stops, never moves. It
follows the real hand towards the anchor, and stays where it is when the real one is
pushed away from it. Its spring, the fed-forward force, and for a moment the impact of
the hand's own speed are the push p that is meant.

A smooth surface with normal n answers with -(p n) n, and by Thales the ball with the
diameter from 0 to -p holds these for all n; friction against a hand that is drawn along
the surface is in it, too. The distance from that ball is what was not meant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from neural_brain.models.reflex.watchdog_config import WatchdogConfig

_FAR2 = 1e6  # [m2]
Vector = tuple[float, float, float]


class Explained:
    """Compares the force at the hand with what the executed motion explains.

    Attributes:
        push: what the hand is meant to push with (3,) [N].
    """

    def __init__(self, config: WatchdogConfig, tick_s: float) -> None:
        self.push: Vector = (0.0, 0.0, 0.0)
        self._share = 1.0 + config.explained_margin
        self._keep = math.exp(-tick_s / config.impact_s)
        self._hand: Vector = (0.0, 0.0, 0.0)
        self._impact: Vector = (0.0, 0.0, 0.0)
        self._known = False

    def forget(self) -> None:
        """Begin anew at the next tick: no push is meant."""
        self._known = False
        self._impact = (0.0, 0.0, 0.0)

    def follow(
        self,
        hand: Vector,
        anchor: Vector,
        stiffness: Sequence[Sequence[float]],
        *,
        longest_m: float,
        most_n: float,
        fed: Vector,
        impact: Vector,
    ) -> None:
        """Take in what was executed; all vectors in `base_link`.

        Args:
            hand: measured position (3,) [m].
            anchor: of the spring (3,) [m].
            stiffness: rows (3, 3) [N/m].
            longest_m: the spring acts as if no longer than this.
            most_n: force of the spring and the fed-forward one.
            fed: fed-forward force (3,) [N].
            impact: force (3,) [N] that the present velocity would give on a hard thing.
        """
        ax, ay, az = anchor
        x, y, z = ax - hand[0], ay - hand[1], az - hand[2]
        if self._known:
            hx, hy, hz = self._hand
            u, v, w = ax - hx, ay - hy, az - hz
        else:
            u, v, w = x, y, z
        # Written so that what is not finite is taken over, and explains nothing then.
        if not u * u + v * v + w * w < x * x + y * y + z * z < _FAR2:
            self._hand, self._known = hand, True
            u, v, w = x, y, z
        length = math.sqrt(u * u + v * v + w * w)
        if length > longest_m:
            share = longest_m / length
            u, v, w = share * u, share * v, share * w
        (a, b, c), (d, e, f), (g, h, i) = stiffness
        px = a * u + b * v + c * w + fed[0]
        py = d * u + e * v + f * w + fed[1]
        pz = g * u + h * v + i * w + fed[2]
        size = math.sqrt(px * px + py * py + pz * pz)
        share = most_n / size if size > most_n else 1.0
        ix, iy, iz = self._hold(impact)
        self.push = (share * px + ix, share * py + iy, share * pz + iz)

    def _hold(self, impact: Vector) -> Vector:
        """The largest impact of late: what is felt may come late, and rings on."""
        x, y, z = impact
        k = self._keep
        u, v, w = self._impact
        u, v, w = k * u, k * v, k * w
        if not x * x + y * y + z * z < u * u + v * v + w * w:
            u, v, w = x, y, z
        self._impact = (u, v, w)
        return self._impact

    def rest(self, force: Vector) -> float:
        """Distance [N] of the world's force (3,) [N] from those that are explained."""
        x, y, z = force
        u, v, w = self.push
        half = 0.5 * self._share
        u, v, w = half * u, half * v, half * w
        radius = math.sqrt(u * u + v * v + w * w)
        x, y, z = x + u, y + v, z + w
        return math.sqrt(x * x + y * y + z * z) - radius
