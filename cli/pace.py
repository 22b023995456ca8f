"""A short measure of how well this machine keeps a 1 kHz loop."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

PERIOD_S = 0.001
_TICKS = 400
_LAW_TICKS = 300


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What the loop managed.

    Args:
        law_us: time of one impedance law for seven joints [us], best of five runs.
        kept: fraction of ticks that began before the next one was due.
        late_p50_us: median lateness of a tick [us].
        late_p99_us: lateness that one tick in a hundred exceeds [us].
    """

    law_us: float
    kept: float
    late_p50_us: float
    late_p99_us: float


def measure_pace() -> Pace:
    """Run the loop for 0.4 s on an absolute time grid, then the arithmetic alone."""
    late_s = np.empty(_TICKS)
    start = time.perf_counter()
    for tick in range(_TICKS):
        due = start + tick * PERIOD_S
        time.sleep(max(0.0, due - time.perf_counter()))
        late_s[tick] = time.perf_counter() - due
    law_s = min(_time_law() for _ in range(5))
    return Pace(
        law_us=1e6 * law_s,
        kept=float(np.mean(late_s < PERIOD_S)),
        late_p50_us=1e6 * float(np.median(late_s)),
        late_p99_us=1e6 * float(np.quantile(late_s, 0.99)),
    )


def _time_law() -> float:
    """Seconds of one tick of a Cartesian impedance law on fixed numbers."""
    rng = np.random.default_rng(0)
    jacobian = rng.normal(size=(6, 7))
    mass = np.eye(7) + 0.1 * np.ones((7, 7))
    error, velocity = rng.normal(size=6), rng.normal(size=7)
    stiffness = np.diag([300.0] * 3 + [20.0] * 3)
    start = time.perf_counter()
    for _ in range(_LAW_TICKS):
        mobility = jacobian @ np.linalg.solve(mass, jacobian.T)
        inertia = np.linalg.inv(mobility)
        values, vectors = np.linalg.eigh(inertia)
        root = (vectors * np.sqrt(np.abs(values))) @ vectors.T
        damping = 2.0 * root @ np.sqrt(stiffness)
        jacobian.T @ (stiffness @ error - damping @ (jacobian @ velocity))
    return (time.perf_counter() - start) / _LAW_TICKS
