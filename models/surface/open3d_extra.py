"""Late import of Open3D: only surfaces need it."""

from __future__ import annotations

import importlib
from typing import Any

from neural_brain.models.errors import NeuralBrainError

LIBRARIES = "libusb-1.0-0 libgl1 libegl1 libx11-6 libgomp1"


def import_open3d() -> Any:
    """The open3d module, which prints nothing but errors.

    Raises:
        NeuralBrainError: if the `[pointcloud]` extra or a system library is missing.
    """
    try:
        open3d = importlib.import_module("open3d")
    except ModuleNotFoundError as error:
        raise NeuralBrainError(
            f"Surfaces need Open3D, and {error.name!r} is not installed. Type: "
            'pip install "neural_brain[pointcloud]"; the robot itself does not need it.'
        ) from error
    except (ImportError, OSError) as error:
        raise NeuralBrainError(
            f"Open3D is installed but cannot be loaded ({error}). Type: sudo apt-get "
            f"install {LIBRARIES}"
        ) from error
    open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)
    return open3d
