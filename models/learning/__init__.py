"""Training of the learned parts. Needs the `[learn]` extra (torch), imported late."""

from neural_brain.models.learning.alp_gmm import AlpGmm
from neural_brain.models.learning.calibrate import (
    alarm_limit,
    prototypes,
    usual_limit,
)
from neural_brain.models.learning.detector_net import TorchEngine
from neural_brain.models.learning.evolution import CrossEntropy
from neural_brain.models.learning.recovery import recovered
from neural_brain.models.learning.torch_extra import import_torch, torch_device
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
    "AlpGmm",
    "CrossEntropy",
    "DetectorData",
    "DetectorTraining",
    "ReflexTraining",
    "RiskData",
    "RiskTrainer",
    "TorchEngine",
    "WorldData",
    "WorldTraining",
    "alarm_limit",
    "import_torch",
    "prototypes",
    "recovered",
    "torch_device",
    "train_detector",
    "train_world",
    "transitions",
    "usual_limit",
    "usual_surprise",
]
