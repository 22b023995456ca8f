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


def torch_device(name: str) -> Any:
    """The device of that name.

    Raises:
        ModelFileError: if torch is missing, or knows or finds no such device.
    """
    torch = import_torch()
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ModelFileError(
            f"--device {name} cannot be used here ({reason}). Give cpu, or cuda on a "
            "machine with a GPU and a PyTorch that is built for it."
        ) from error
    return device
