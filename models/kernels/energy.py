"""Arithmetic of the energy tank; what it means stands in `impedance.tank`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neural_brain.models.kernels.compiled import NUMBER, compiled, entry, record

TANK = np.dtype(
    [
        *((name, "f8") for name in ("energy_j", "opening", "start_j", "max_j")),
        *((name, "f8") for name in ("min_j", "soft_j", "share", "allowance_w")),
    ]
)
_TANK = record(TANK)


@compiled
def set_energy(t: Any, energy_j: float) -> None:
    """Take what is left [J], and how far that opens the tank."""
    if not math.isfinite(energy_j) or energy_j < 0.0:
        energy_j = 0.0
    t.energy_j = energy_j if energy_j < t.max_j else t.max_j
    if t.energy_j >= t.soft_j:
        t.opening = 1.0
        return
    opening = (t.energy_j - t.min_j) / (t.soft_j - t.min_j)
    t.opening = opening if opening > 0.0 else 0.0


@compiled
def flow(t: Any, damped_w: float, spent_w: float, dt: float) -> None:
    """Account for one tick; what is not a number empties the tank."""
    if damped_w < 0.0:
        damped_w = 0.0
    if spent_w < 0.0:
        spent_w = 0.0
    gain_w = t.share * damped_w + t.allowance_w
    set_energy(t, t.energy_j + dt * (gain_w - spent_w))


@entry(_TANK, NUMBER, NUMBER, NUMBER)
def account(tanks: Any, damped_w: float, spent_w: float, dt: float) -> None:
    """Account for one tick of a tank."""
    flow(tanks[0], damped_w, spent_w, dt)


@entry(_TANK)
def fill(tanks: Any) -> None:
    """Fill to the start value."""
    set_energy(tanks[0], tanks[0].start_j)
