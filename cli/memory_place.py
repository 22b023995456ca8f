"""The place of a memory on the command line: a file, or a shared map."""

from __future__ import annotations

from pathlib import Path


def memory_place(text: str) -> Path | str:
    """A path, or the address `postgresql://...` as it is; for `argparse`."""
    from neural_brain.models.memory import is_shared

    return text if is_shared(text) else Path(text)
