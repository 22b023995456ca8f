"""Lets torchvision be imported where its compiled operators do not fit PyTorch.

PyPI's torchvision is built for CUDA and for one version of PyTorch. Beside another
PyTorch, such as the small CPU build, its library does not load, and `import
torchvision` ends in "operator torchvision::nms does not exist" (pytorch/vision issue
9085): two operators are annotated that the library should have declared. LeRobot needs
only the Python part of torchvision (networks, transforms), so it is enough to declare
them. PyTorch calls `register` at the end of `import torch`, through the entry point
group `torch.backends`, which is its own way of letting packages extend it; so this
module stays outside the packages whose import takes time.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared: list[Any] = []  # a library is withdrawn when nobody holds it


def register() -> None:
    """Declare torchvision's operators if its library is there but cannot be loaded.

    Does nothing without torchvision, or with one that fits. `torchvision.ops.nms` and
    the like then raise NotImplementedError; nothing else of torchvision changes.
    """
    library = compiled_library()
    if library is None:
        return
    import torch  # this alone may have called `register` already

    if _declared:
        return
    try:
        torch.ops.load_library(str(library))
    except OSError:
        declared = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            declared.define(name + _SCHEMA)
        _declared.append(declared)


def compiled_library() -> Path | None:
    """The library with torchvision's operators; torchvision is not imported."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    return next(iter(sorted(folder.glob("_C*.so"))), None)
