"""Makes a twist smaller without leaving the acceleration limits, and never larger."""

from __future__ import annotations

from neural_brain.models.signals import BodyLimits


class TwistShrink:
    """Keeps a twist between zero and what the rules let through.

    If the allowed twist obeys the acceleration limits, so does the smaller one: the
    same share of it changes by no more, so a way within both bounds always exists.

    Args:
        limits: `accel_max` of the base. tick_s: control period [s].
    """

    def __init__(self, limits: BodyLimits, tick_s: float) -> None:
        self._steps = [float(a) * tick_s for a in limits.accel_max]
        self._last = (0.0, 0.0)

    def limit(self, v: float, w: float, share: float) -> tuple[float, float]:
        """The twist to send.

        Args:
            v: forward speed [m/s] that the rules allow.
            w: turning speed [rad/s] that they allow.
            share: of it that is wanted, 0..1.
        """
        (last_v, last_w), (step_v, step_w) = self._last, self._steps
        self._last = (
            _approach(v * share, last_v, step_v, v),
            _approach(w * share, last_w, step_w, w),
        )
        return self._last


def _approach(wish: float, last: float, step: float, bound: float) -> float:
    """Go from `last` towards `wish`, but stay between 0 and `bound`."""
    value = min(max(wish, last - step), last + step)
    return min(max(value, min(bound, 0.0)), max(bound, 0.0))
