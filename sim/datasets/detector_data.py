"""Frames of many homes as the detector's network sees them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from neural_brain.models.learning import DetectorData
from neural_brain.models.sensing.inputs import geometry_channels
from neural_brain.sim.datasets.frames import labelled_frames

CLOSE_UPS = 0.5


def detector_data(
    seeds: Iterable[int],
    per_home: int,
    progress: Callable[[], None] | None = None,
    *,
    jobs: int = 2,
) -> DetectorData:
    """Render and label frames, half of them close-ups.

    In homes of odd seeds every small thing is where another one should be: a detector
    that has only seen cushions on sofas does not know one on the floor.

    Args:
        seeds: homes.
        per_home: frames of each home.
        progress: called after every home.
        jobs: homes rendered at the same time; the order of the data is that of seeds.
    """
    parts = []
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for part in pool.imap(partial(_frames_of, per_home), seeds):
            parts.append(part)
            if progress is not None:
                progress()
    return DetectorData(
        rgb=np.concatenate([part.rgb for part in parts]),
        geometry=np.concatenate([part.geometry for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
    )


def _frames_of(per_home: int, seed: int) -> DetectorData:
    rgb, geometry, labels = [], [], []
    moved = float(seed % 2)
    for labelled in labelled_frames(seed, per_home, close_ups=CLOSE_UPS, moved=moved):
        rgb.append(labelled.frame.rgb)
        geometry.append(geometry_channels(labelled.frame).astype(np.float16))
        labels.append(labelled.classes[1::2, 1::2].astype(np.uint8))
    return DetectorData(
        rgb=np.stack(rgb), geometry=np.stack(geometry), labels=np.stack(labels)
    )
