"""A detector or an embedding by its name in a configuration."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.errors import ConfigError
from neural_brain.models.sensing.box_detector import NETWORKS, BoxDetector
from neural_brain.models.sensing.detector import Detector, NoDetector
from neural_brain.models.sensing.embedding import Embedding, OrbVlad, embed
from neural_brain.models.sensing.net_detector import NetDetector
from neural_brain.models.sensing.union import UnionDetector

DETECTORS = ("network", *NETWORKS, "both", "none")
"""Ours, those for real cameras, ours and `coco` together, and nothing."""
PROBES = ((48, 64), (144, 192))  # pictures (h, w) on which an embedding is tried
LONGEST_NAME = 100  # of an embedding, as a map keeps it


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


def make_embedding(place: str = "") -> Embedding:
    """The embedding at an import path, tried once on pictures of two sizes.

    Args:
        place: "module:attribute" of an `Embedding`, or of a class that makes one
            without arguments; "" = the one that is shipped.

    Raises:
        ConfigError: if nothing usable is there; says what is wrong.
        ModelFileError: if the words of the shipped one are missing or damaged.
    """
    if not place:
        return OrbVlad()
    module, _, attribute = place.partition(":")
    if not (module and attribute):
        raise _refused(place, "there is no colon between two names")
    try:
        found = getattr(importlib.import_module(module), attribute)
        found = found() if isinstance(found, type) else found
    except Exception as error:  # whatever foreign code raises
        raise _refused(place, f"{type(error).__name__}: {error}") from error
    _check_embedding(place, found)
    return found


def _check_embedding(place: str, found: Any) -> None:
    """Refuse what does not keep the contract of `Embedding`."""
    name, size = getattr(found, "name", None), getattr(found, "size", None)
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise _refused(place, f"its name is {name!r:.60}")
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise _refused(place, f"its size is {size!r:.60}")
    generator = np.random.default_rng(0)
    for shape in PROBES:
        try:
            embed(found, generator.integers(0, 256, (*shape, 3), np.uint8))
        except Exception as error:  # whatever foreign code raises
            raise _refused(place, f"{type(error).__name__}: {error}") from error


def _refused(place: str, reason: str) -> ConfigError:
    return ConfigError(
        f"sensing.embedding = {place!r}: {reason}. Expected 'module:attribute', the "
        "import path of an object or a class with name (1 to 100 letters), size and "
        "embed(rgb), or '' for the shipped one. Correct it, or put the folder of the "
        "module into PYTHONPATH."
    )
