"""How the base is tilted, from gyroscope and accelerometer; unknown without an IMU.

A complementary filter of the direction "up" in `base_link` (Mahony et al. 2008,
"Nonlinear complementary filters on the special orthogonal group", without the estimate
of bias): the gyroscope turns it, the accelerometer, less what the wheels say of the
base's own acceleration, pulls it back. At rest that is asin(a_x / g).
"""

from __future__ import annotations

import numpy as np

from neural_brain.models.signals import BodyState

G_M_S2 = 9.81
GAP_S = 0.3  # longer between two states, and the gyroscope has missed too much
FIT_M_S2 = 0.5 * G_M_S2  # a specific force farther from g is a knock, or no IMU
FASTEST_RAD_S = 35.0  # no gyroscope of a robot measures more
PULL = 0.1  # at most: a shove is no slope
FAR = 0.5  # for long, and it begins anew


class Tilt:
    """Feels every state of the body.

    Args:
        settle_s: time constant of the accelerometer's pull, and time until it is known.

    Attributes:
        pitch_rad: of the base, nose up [rad] (REP 103 has it the other way round); NaN
            while it is unknown.
    """

    def __init__(self, settle_s: float) -> None:
        self.settle_s = settle_s
        self.pitch_rad = np.nan
        self._last: tuple[float, float] | None = None
        self._up, self._since, self._fit_at = np.zeros(3), 0.0, 0.0

    def feel(self, body: BodyState) -> float:
        """Take in a state; the pitch then. A state that is known already is nothing."""
        t, v = float(body.stamp), float(np.reshape(body.twist_base, -1)[0])
        if self._last is not None and t == self._last[0]:
            return self.pitch_rad
        before, self._last = self._last, (t, v)
        self.pitch_rad = np.nan
        if not (np.isfinite([t, v]).all() and has_imu(body)):
            self._last = None
            return self.pitch_rad
        dt = np.inf if before is None else t - before[0]
        lost = t - self._fit_at >= self.settle_s
        if before is None or lost or not 0.0 < dt <= GAP_S:
            self._begin(t, body)
            return self.pitch_rad
        self._turn(body, dt)
        self._pull(body, dt, (v - before[1]) / dt)
        if t - self._since >= self.settle_s:
            self.pitch_rad = float(np.arcsin(np.clip(self._up[0], -1.0, 1.0)))
        return self.pitch_rad

    def _begin(self, t: float, body: BodyState) -> None:
        size = float(np.linalg.norm(body.accel))
        if abs(size - G_M_S2) > FIT_M_S2:
            self._last = None
            return
        self._up = body.accel / size
        self._since = self._fit_at = t

    def _turn(self, body: BodyState, dt: float) -> None:
        up = self._up - dt * np.cross(body.gyro, self._up)
        self._up = up / np.linalg.norm(up)

    def _pull(self, body: BodyState, dt: float, speeding_m_s2: float) -> None:
        t, v = float(body.stamp), float(body.twist_base[0])
        own = np.array([speeding_m_s2, v * body.gyro[2], 0.0])
        force = body.accel - own
        size = float(np.linalg.norm(force))
        if abs(size - G_M_S2) > FIT_M_S2:
            return
        gap = force / size - self._up
        apart = float(np.linalg.norm(gap))
        if apart <= FAR:
            self._fit_at = t
        gap *= min(1.0, PULL / max(apart, 1e-9))
        share = dt / min(self.settle_s, t - self._since + dt)  # first a plain mean
        up = self._up + min(1.0, share) * gap
        self._up = up / np.linalg.norm(up)


def has_imu(body: BodyState) -> bool:
    """Whether there is an IMU to be believed: robots without one report zeros."""
    if np.shape(body.gyro) != (3,) or np.shape(body.accel) != (3,):
        return False
    if not (np.isfinite(body.gyro).all() and np.isfinite(body.accel).all()):
        return False
    sane = float(np.linalg.norm(body.gyro)) <= FASTEST_RAD_S
    return sane and 1e-6 < float(np.linalg.norm(body.accel)) < 1e3
