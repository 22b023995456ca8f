"""Data sets recorded in the simulator."""

from neural_brain.sim.datasets.detector_data import detector_data
from neural_brain.sim.datasets.frames import LabelledFrame, Thing, labelled_frames
from neural_brain.sim.datasets.tour import TourFrame, tour_frames, tour_poses

__all__ = [
    "LabelledFrame",
    "Thing",
    "TourFrame",
    "detector_data",
    "labelled_frames",
    "tour_frames",
    "tour_poses",
]
