"""World model: a one-step ensemble that predicts the body and measures surprise."""

from neural_brain.models.world.config import WorldConfig
from neural_brain.models.world.ensemble import Ensemble, channel_nll
from neural_brain.models.world.features import (
    ACTIONS,
    CHANNELS,
    actions_of,
    channels_of,
    model_input,
)
from neural_brain.models.world.world import STEP_S, VERSION, WorldModel

__all__ = [
    "ACTIONS",
    "CHANNELS",
    "STEP_S",
    "VERSION",
    "Ensemble",
    "WorldConfig",
    "WorldModel",
    "actions_of",
    "channel_nll",
    "channels_of",
    "model_input",
]
