"""Where files of other makers are kept, once they are fetched."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """Where fetched and converted files live; NEURAL_BRAIN_CACHE overrides it."""
    root = os.environ.get("NEURAL_BRAIN_CACHE")
    return Path(root) if root else Path.home() / ".cache" / "neural_brain"
