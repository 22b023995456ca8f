"""The cache of converted pieces: one npz of arrays, one JSON of names and licences."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.cache import cache_dir
from neural_brain.models.errors import ModelFileError
from neural_brain.sim.packs.piece import Part, Piece

VERSION = "1"
ARRAYS, INDEX, CREDITS = "pieces.npz", "pieces.json", "ATTRIBUTION.txt"


def pack_dir() -> Path:
    """The folder of the converted pieces."""
    return cache_dir() / "packs" / VERSION


class Pack:
    """Converted pieces by category and split."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = tuple(pieces)

    def choose(self, category: str, split: str, variant: int) -> Piece | None:
        """The piece for one instance; None if the pack has none of that kind."""
        fitting = [
            p for p in self.pieces if p.category == category and p.split == split
        ]
        return fitting[variant % len(fitting)] if fitting else None


def save(pieces: list[Piece], documents: dict[str, str]) -> Path:
    """Write a pack so that it appears whole or not at all; returns its folder.

    Args:
        pieces: what to write.
        documents: texts to lay beside it (licences, attribution), by file name.
    """
    target = pack_dir()
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix="new-"))
    try:
        arrays: dict[str, Any] = {}
        index = []
        for k, piece in enumerate(pieces):
            for j, part in enumerate(piece.parts):
                arrays[f"v{k}_{j}"], arrays[f"f{k}_{j}"] = part.vertices, part.faces
            index.append(_plain(piece))
        np.savez_compressed(work / ARRAYS, **arrays)
        (work / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
        for name, text in documents.items():
            (work / name).write_text(text, encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        work.rename(target)
        _load.cache_clear()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def load(folder: Path | None = None) -> Pack | None:
    """The converted pack, or None if there is none yet.

    Raises:
        ModelFileError: if its files are damaged.
    """
    folder = folder or pack_dir()
    if not (folder / INDEX).exists():
        return None
    return _load(str(folder))


@lru_cache(maxsize=2)
def _load(folder: str) -> Pack:
    try:
        index = json.loads(Path(folder, INDEX).read_text(encoding="utf-8"))
        with np.load(Path(folder, ARRAYS), allow_pickle=False) as arrays:
            return Pack([_piece(k, entry, arrays) for k, entry in enumerate(index)])
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise ModelFileError(
            f"The furniture pack in {folder} is damaged ({error!r}). Type "
            "`neural-brain assets fetch --again`, or build homes without packs."
        ) from error


def _plain(piece: Piece) -> dict[str, Any]:
    values = {
        field.name: getattr(piece, field.name)
        for field in dataclasses.fields(piece)
        if field.name != "parts"
    }
    return {
        **values,
        "parts": [{"rgb": part.rgb, "main": part.main} for part in piece.parts],
    }


def _piece(k: int, entry: dict[str, Any], arrays: Any) -> Piece:
    parts = tuple(
        Part(
            vertices=arrays[f"v{k}_{j}"],
            faces=arrays[f"f{k}_{j}"],
            rgb=tuple(part["rgb"]),
            main=bool(part["main"]),
        )
        for j, part in enumerate(entry["parts"])
    )
    return Piece(**{**entry, "parts": parts})
