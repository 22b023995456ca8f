"""Finished pushes in a folder, so that a long comparison can go on after a stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from neural_brain.benchmarks.push_data import Push


def kept(folder: Path | None, name: str, make: Callable[[], Push]) -> Push:
    """The push of this name: from its file if it is there, else made and written.

    Args:
        folder: of one commit and one file of weights; None: nothing is kept.
        name: of the push in it.
        make: makes the push.
    """
    if folder is None:
        return make()
    file = folder / f"{name}.npz"
    if file.is_file():
        with np.load(file) as found:
            values = {key: found[key] for key in found.files}
        return Push(**{**values, "ended": str(values["ended"])})
    push = make()
    folder.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("wb") as stream:
        np.savez_compressed(stream, **vars(push))
    part.replace(file)
    return push
