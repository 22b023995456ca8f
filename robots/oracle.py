"""The oracle detector of a simulated robot: true labels at the moment of exposure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from neural_brain.models.sensing import SegmentationDetector
from neural_brain.models.sensing.detector import Labels
from neural_brain.models.signals import RgbdFrame
from neural_brain.robots.mujoco_body import MujocoBody
from neural_brain.sim.scene import category_of_geom, object_of_geom


def oracle_detector(body: MujocoBody) -> SegmentationDetector:
    """A detector that reads the simulator's labels; results with it must say so."""
    return SegmentationDetector(true_labels(body))


def true_labels(
    body: MujocoBody,
) -> Callable[[RgbdFrame], tuple[Labels, Labels] | None]:
    """Gives the class and instance image (h, w) of the camera's last frames."""
    camera = body.sensors.camera
    camera.keep_labels = True
    model = body.simulation.model
    classes = np.append(category_of_geom(model), 0).astype(np.int32)
    things = np.append(object_of_geom(model) + 1, 0).astype(np.int32)

    def labels(frame: RgbdFrame) -> tuple[Labels, Labels] | None:
        geoms = camera.labels.get(frame.stamp)
        if geoms is None:
            return None
        return classes[geoms], things[geoms]  # geom -1 is nothing: the appended zero

    return labels
