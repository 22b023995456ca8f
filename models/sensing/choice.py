"""A detector by its name in a configuration."""

from __future__ import annotations

from pathlib import Path

from neural_brain.models.errors import ConfigError
from neural_brain.models.sensing.box_detector import NETWORKS, BoxDetector
from neural_brain.models.sensing.detector import Detector, NoDetector
from neural_brain.models.sensing.net_detector import NetDetector
from neural_brain.models.sensing.union import UnionDetector

DETECTORS = ("network", *NETWORKS, "both", "none")
"""Ours, those for real cameras, ours and `coco` together, and nothing."""


def make_detector(name: str, weights: str | Path | None = None) -> Detector:
    """The detector of a name.

    Args:
        name: one of `DETECTORS`.
        weights: weights file of our own network; None = shipped.

    Raises:
        ConfigError: if there is no detector of that name.
        ModelFileError: if its files are missing or damaged.
    """
    if name == "none":
        return NoDetector()
    if name == "network":
        return NetDetector(weights)
    if name in NETWORKS:
        return BoxDetector(name)
    if name == "both":
        return UnionDetector(NetDetector(weights), BoxDetector("coco"))
    raise ConfigError(
        f"detector = {name!r}; expected one of {', '.join(DETECTORS)}. Choose one."
    )
