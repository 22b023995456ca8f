"""Frames of many homes as the detector's network sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from neural_brain.models.learning import DetectorData
from neural_brain.models.sensing.inputs import geometry_channels
from neural_brain.sim.datasets.frames import labelled_frames


def detector_data(
    seeds: Iterable[int],
    per_home: int,
    progress: Callable[[int], None] | None = None,
) -> DetectorData:
    """Render and label frames.

    Args:
        seeds: homes.
        per_home: frames of each home.
        progress: called after every home with its seed.
    """
    rgb, geometry, labels = [], [], []
    for seed in seeds:
        for labelled in labelled_frames(seed, per_home):
            rgb.append(labelled.frame.rgb)
            geometry.append(geometry_channels(labelled.frame).astype(np.float16))
            labels.append(labelled.classes[1::2, 1::2].astype(np.uint8))
        if progress is not None:
            progress(seed)
    return DetectorData(
        rgb=np.stack(rgb), geometry=np.stack(geometry), labels=np.stack(labels)
    )
