"""Meshes of the Franka arm and hand, out of an installed package, with fewer triangles.

The package is read once; what comes out, under 1 MB, is kept in the cache with the
notice of its makers beside it.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.cache import cache_dir
from neural_brain.models.errors import ModelFileError
from neural_brain.sim.packs.simplify import simplify
from neural_brain.sim.robots.hand import FINGERS, HAND
from neural_brain.sim.robots.shapes import PREFIX
from neural_brain.sim.robots.skin import Patch, Skin
from neural_brain.sim.robots.sources import PANDA_MESHES, RobotSource

FOLDER = "dm_robotics/panda/assets/panda"
PALETTE, NOTICE = "panda.png", "NOTICE"
CACHE_VERSION = "1"
MOST_FACES = 1600
FEWEST_FACES = 24
"""A patch with fewer triangles is a speck that nobody sees."""
MESHES = {
    **{f"{PREFIX}link{i}": f"link{i}" for i in range(8)},
    HAND: "hand",
    FINGERS[0]: "finger",
    FINGERS[1]: "finger",
}
PLAIN = ("link1", "link2")  # white all over, their texture coordinates mean nothing
WHITE = (1.0, 1.0, 1.0)

Points = NDArray[np.float64]
Corners = NDArray[np.int64]


def load_skin(source: RobotSource = PANDA_MESHES) -> Skin:
    """The skin of the arm, from the cache or else from the package.

    Args:
        source: the package.

    Raises:
        ConfigError: if the package is not installed.
        ModelFileError: if its files cannot be read.
    """
    source.file(f"{FOLDER}/{PALETTE}")  # the cache alone would outlive the package
    return _load(source, cache_dir() / "skins" / f"{source.name}-{CACHE_VERSION}.npz")


@lru_cache(maxsize=2)
def _load(source: RobotSource, cached: Path) -> Skin:
    try:
        return _read(cached)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        skin = convert(source)
        _write(cached, skin, source.file(f"{FOLDER}/{NOTICE}").read_text("utf-8"))
        return skin


def convert(source: RobotSource) -> Skin:
    """Read the package's meshes and thin them out; takes some seconds.

    Raises:
        ConfigError: if the package is not installed.
        ModelFileError: if a file cannot be read.
    """
    import cv2

    palette = cv2.imread(str(source.file(f"{FOLDER}/{PALETTE}")))
    skin: list[Patch] = []
    for body, name in MESHES.items():
        path = source.file(f"{FOLDER}/{name}.obj")
        try:
            skin += _patches(body, name, path, palette)
        except (ValueError, IndexError, TypeError) as error:
            raise ModelFileError(
                f"The mesh {path} cannot be read ({error!r}); expected an OBJ file of "
                f"triangles with texture coordinates. Type `{source.command}`, or do "
                "without meshes."
            ) from error
    return tuple(skin)


def _patches(body: str, name: str, path: Path, palette: NDArray[np.uint8]) -> Skin:
    vertices, faces, uv = read_obj(path.read_text("utf-8"))
    colours = _face_colours(uv, palette)
    if name in PLAIN:
        colours[:] = 255
    if body == FINGERS[1]:
        vertices = vertices * np.array([-1.0, -1.0, 1.0])  # turned about z
    kinds, kind = np.unique(colours, axis=0, return_inverse=True)
    soup = [(vertices, faces[kind.ravel() == k]) for k in range(len(kinds))]
    thin = simplify(soup, MOST_FACES)
    return tuple(
        Patch(
            body=body,
            vertices=points.astype(np.float32),
            faces=triangles.astype(np.int32),
            rgb=(float(rgb[0]), float(rgb[1]), float(rgb[2])),
        )
        for (points, triangles), rgb in zip(thin, kinds / 255.0, strict=True)
        if len(triangles) >= FEWEST_FACES
    )


def read_obj(text: str) -> tuple[Points, Corners, Points]:
    """Vertices (n, 3), faces (m, 3), and where in the texture each face is (m, 2).

    Args:
        text: an OBJ file of triangles whose corners read `vertex/texture/normal`.
    """
    rows = [line.split() for line in text.splitlines()]
    vertices = np.array([row[1:4] for row in rows if row[:1] == ["v"]], float)
    texture = np.array([row[1:3] for row in rows if row[:1] == ["vt"]], float)
    corners = np.array(
        [[c.split("/")[:2] for c in row[1:]] for row in rows if row[:1] == ["f"]],
        np.int64,
    )
    return vertices, corners[..., 0] - 1, texture[corners[:, 0, 1] - 1]


def _face_colours(uv: Points, palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Red, green, blue (m, 3) of every face from the palette picture."""
    height, width = palette.shape[:2]
    column = np.clip((uv[:, 0] * width).astype(int), 0, width - 1)
    row = np.clip(((1.0 - uv[:, 1]) * height).astype(int), 0, height - 1)
    return np.ascontiguousarray(palette[row, column, ::-1])


def _read(path: Path) -> Skin:
    with np.load(path, allow_pickle=False) as arrays:
        return tuple(
            Patch(
                body=str(body),
                vertices=arrays[f"v{k}"],
                faces=arrays[f"f{k}"],
                rgb=tuple(float(c) for c in arrays["rgb"][k]),
            )
            for k, body in enumerate(arrays["bodies"])
        )


def _write(path: Path, skin: Skin, notice: str) -> None:
    """Keep a skin; where nothing can be written, each start reads the package again."""
    arrays = {"bodies": np.array([patch.body for patch in skin])}
    arrays["rgb"] = np.array([patch.rgb for patch in skin])
    for k, patch in enumerate(skin):
        arrays[f"v{k}"], arrays[f"f{k}"] = patch.vertices, patch.faces
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".txt").write_text(notice, "utf-8")
        handle, part = tempfile.mkstemp(dir=path.parent, suffix=".npz")
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(stream, **arrays)
        os.replace(part, path)
    except OSError:
        return
