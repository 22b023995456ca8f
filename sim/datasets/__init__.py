"""Data sets recorded in the simulator."""

from neural_brain.sim.datasets.detector_data import detector_data
from neural_brain.sim.datasets.frames import LabelledFrame, Thing, labelled_frames

__all__ = ["LabelledFrame", "Thing", "detector_data", "labelled_frames"]
