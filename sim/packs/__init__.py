"""Furniture and objects made by others: fetched at set-up, converted once, optional."""

from neural_brain.models.cache import cache_dir
from neural_brain.sim.packs.build import build_pack, selected
from neural_brain.sim.packs.piece import Part, Piece
from neural_brain.sim.packs.store import Pack, load, pack_dir

__all__ = [
    "Pack",
    "Part",
    "Piece",
    "build_pack",
    "cache_dir",
    "load",
    "pack_dir",
    "selected",
]
