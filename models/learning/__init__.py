"""Training of the learned parts. Needs the `[learn]` extra (torch), imported late."""

from neural_brain.models.learning.detector_net import TorchEngine
from neural_brain.models.learning.torch_extra import import_torch
from neural_brain.models.learning.train_detector import (
    DetectorData,
    DetectorTraining,
    train_detector,
)
from neural_brain.models.learning.train_reflex import (
    ReflexTraining,
    RiskData,
    RiskTrainer,
)
from neural_brain.models.learning.train_world import (
    WorldData,
    WorldTraining,
    train_world,
    transitions,
    usual_surprise,
)

__all__ = [
    "DetectorData",
    "DetectorTraining",
    "ReflexTraining",
    "RiskData",
    "RiskTrainer",
    "TorchEngine",
    "WorldData",
    "WorldTraining",
    "import_torch",
    "train_detector",
    "train_world",
    "transitions",
    "usual_surprise",
]
