"""Late import of torch: only training needs it."""

from __future__ import annotations

import importlib
from typing import Any

from neural_brain.models.errors import ModelFileError


def import_torch() -> Any:
    """The torch module.

    Raises:
        ModelFileError: if the `[learn]` extra is not installed.
    """
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise ModelFileError(
            f"Training needs PyTorch, which cannot be imported ({error}). Install it "
            'with `pip install "neural_brain[learn]"`; running the robot does not need '
            "it."
        ) from error
