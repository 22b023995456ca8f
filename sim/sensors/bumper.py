"""Bumper ring of the base: pressure switches in equal sectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.sim.sensors.line import LineConfig
from neural_brain.sim.truth import GroundTruth


@dataclass(frozen=True, kw_only=True)
class BumperConfig(LineConfig):
    """Sectors and sensitivity."""

    sectors: int = param(8, "number of switches; sector 0 starts ahead", low=1, high=64)
    threshold_n: float = param(3.0, "force that closes a switch", low=0.0, high=100.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Bumper:
    """Sector i lies at i * 2 pi / sectors [rad], leftwards from straight ahead."""

    def __init__(self, config: BumperConfig, truth: GroundTruth) -> None:
        self.config = config
        self._truth = truth
        self._open = np.zeros(config.sectors, dtype=bool)

    def read(self) -> np.ndarray:
        """One flag per sector (k,), true = pressed."""
        points, forces = self._truth.base_contacts
        if forces.size == 0:
            return self._open
        x, y, yaw = self._truth.pose_world_base()
        pressed = np.zeros(self.config.sectors, dtype=bool)
        hard = points[forces >= self.config.threshold_n]
        angles = np.arctan2(hard[:, 1] - y, hard[:, 0] - x) - yaw
        width = 2.0 * np.pi / self.config.sectors
        pressed[np.round(angles / width).astype(int) % self.config.sectors] = True
        return pressed
