"""Late import of LeRobot's modules: only datasets and policies need them."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from neural_brain.torchvision_ops import register


def import_lerobot(name: str) -> Any:
    """A module of LeRobot, such as "lerobot.datasets.lerobot_dataset".

    Takes seconds the first time, for PyTorch and pandas come along.

    Raises:
        ModuleNotFoundError: if the `[lerobot]` extra is not installed.
    """
    with warnings.catch_warnings():
        # torchvision's own picture files are not used; its library needs CUDA.
        warnings.filterwarnings("ignore", message="Failed to load image Python ext")
        importlib.import_module("lerobot")
        register()
        return importlib.import_module(name)
