"""Recordings of real and simulated robots, as streams of observations."""

from neural_brain.robots.recordings.camera_topics import CameraTopics
from neural_brain.robots.recordings.datasets import (
    DatasetError,
    cache_folder,
    mrpt_datasets,
)
from neural_brain.robots.recordings.frames import Frame, FrameMaker
from neural_brain.robots.recordings.mcap_file import read_mcap
from neural_brain.robots.recordings.mcap_messages import RecordingError
from neural_brain.robots.recordings.posed_frames import PosedFrame, PosedRecording
from neural_brain.robots.recordings.rawlog import RawlogError, read_rawlog
from neural_brain.robots.recordings.reader import read_recording
from neural_brain.robots.recordings.replay import (
    Replay,
    blur,
    known_area_m2,
    replay,
    trajectory_error,
    wall_cells,
)

__all__ = [
    "CameraTopics",
    "DatasetError",
    "Frame",
    "FrameMaker",
    "PosedFrame",
    "PosedRecording",
    "RawlogError",
    "RecordingError",
    "Replay",
    "blur",
    "cache_folder",
    "known_area_m2",
    "mrpt_datasets",
    "read_mcap",
    "read_rawlog",
    "read_recording",
    "replay",
    "trajectory_error",
    "wall_cells",
]
