"""A mesh as a file that others read: .ply, .obj, .glb, or its points as .ply, .pcd.

Files appear whole or not at all. A .glb is turned so that its y axis points up, as
glTF asks; the others keep the axes of `map` (z up).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import trimesh

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.surface import Mesh

ENDINGS = (".ply", ".obj", ".glb", ".pcd")
_Y_UP = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], float)
_PCD_HEADER = """\
# .PCD v0.7 - Point Cloud Data file format
VERSION 0.7
FIELDS x y z rgb
SIZE 4 4 4 4
TYPE F F F U
COUNT 1 1 1 1
WIDTH {count}
HEIGHT 1
VIEWPOINT 0 0 0 1 0 0 0
POINTS {count}
DATA binary
"""


def check_target(path: Path, endings: tuple[str, ...] = ENDINGS) -> None:
    """Refuse a file that could not be written later.

    Args:
        path: where it shall be.
        endings: what its name may end with.

    Raises:
        NeuralBrainError: for another ending, or if its folder cannot be made or
            written to.
    """
    if path.suffix.lower() not in endings:
        raise NeuralBrainError(
            f"{path} has the ending {path.suffix!r}; known are {', '.join(endings)}. "
            "Choose one of these."
        )
    if path.is_dir():
        raise NeuralBrainError(f"{path} is a folder. Give the name of a file in it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _scratch(path).unlink()
    except OSError as error:
        raise NeuralBrainError(
            f"Cannot write {path} ({error.strerror}). Choose a folder that you may "
            "write to, or change its permissions."
        ) from error


def export_surface(mesh: Mesh, path: Path, *, points: bool = False) -> None:
    """Write a mesh, or its corners alone with `points`; a .pcd always has points only.

    Raises:
        NeuralBrainError: for an unknown ending, or if its folder cannot be written to.
        OSError: if the file cannot be written, such as on a full disk.
    """
    check_target(path)
    kind = path.suffix.lower()
    write_whole(path, encoded(mesh, kind, points=points))


def encoded(mesh: Mesh, kind: str, *, points: bool = False) -> bytes:
    """The bytes of a file of the kind ".ply", ".obj", ".glb" or ".pcd"."""
    if kind == ".pcd":
        return _pcd(mesh)
    shape: trimesh.PointCloud | trimesh.Trimesh
    if points:
        shape = trimesh.PointCloud(mesh.vertices.astype(float), colors=mesh.colours)
    else:
        shape = trimesh.Trimesh(
            mesh.vertices, mesh.faces, vertex_colors=mesh.colours, process=False
        )
    if kind == ".glb":
        shape.apply_transform(_Y_UP)
    data = shape.export(file_type=kind[1:])
    return data.encode() if isinstance(data, str) else bytes(data)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there when it is complete.

    Raises:
        OSError: if it cannot be written; an older file stays as it was.
    """
    part = _scratch(path)
    try:
        part.write_bytes(data)
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _scratch(path: Path) -> Path:
    """An empty file in the same folder."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(number)
    return Path(name)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _pcd(mesh: Mesh) -> bytes:
    colours = mesh.colours.astype(np.uint32)
    rows = np.empty(len(mesh.vertices), [("xyz", "<f4", 3), ("rgb", "<u4")])
    rows["xyz"] = mesh.vertices
    rows["rgb"] = (colours[:, 0] << 16) | (colours[:, 1] << 8) | colours[:, 2]
    return _PCD_HEADER.format(count=len(rows)).encode() + rows.tobytes()
