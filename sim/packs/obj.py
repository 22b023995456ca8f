"""Reads Wavefront OBJ with MTL materials, and binary STL, as coloured triangles."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[float, float, float]
Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]
Read = Callable[[str], "bytes | None"]
GREY: Rgb = (0.7, 0.7, 0.7)


def read_obj(path: str, read: Read) -> list[tuple[Mesh, Rgb]]:
    """Meshes of an OBJ file, one per colour.

    Args:
        path: name of the file in its archive.
        read: gives the bytes of a file of the archive, or None if it has none.
    """
    vertices: list[list[float]] = []
    faces: dict[str, list[tuple[int, int, int]]] = {}
    colours: dict[str, Rgb] = {}
    current = ""
    for line in (read(path) or b"").decode("latin-1").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "v":
            vertices.append([float(w) for w in words[1:4]])
        elif words[0] == "f":
            corner = [_index(w, len(vertices)) for w in words[1:]]
            fan = [
                (corner[0], corner[k], corner[k + 1]) for k in range(1, len(corner) - 1)
            ]
            faces.setdefault(current, []).extend(fan)
        elif words[0] == "usemtl":
            current = words[1] if len(words) > 1 else ""
        elif words[0] == "mtllib":
            name = posixpath.join(
                posixpath.dirname(path), line.split(None, 1)[1].strip()
            )
            colours.update(_read_mtl(name, read))
    points = np.array(vertices, float).reshape(-1, 3)
    return [
        ((points, np.array(triangles, np.int64)), colours.get(name, GREY))
        for name, triangles in faces.items()
    ]


def read_stl(data: bytes) -> Mesh:
    """Vertices and faces of a binary STL file."""
    record = np.dtype([("normal", "<f4", 3), ("corner", "<f4", (3, 3)), ("tag", "<u2")])
    count = int.from_bytes(data[80:84], "little")
    triangles = np.frombuffer(data, record, count=count, offset=84)["corner"]
    points, index = np.unique(
        triangles.reshape(-1, 3).astype(float), axis=0, return_inverse=True
    )
    return points, index.reshape(-1, 3)


def _index(word: str, count: int) -> int:
    k = int(word.split("/")[0])
    return k - 1 if k > 0 else count + k


def _read_mtl(path: str, read: Read) -> dict[str, Rgb]:
    """Colour of every material: that of its texture's mean, or its diffuse colour."""
    colours: dict[str, Rgb] = {}
    name = ""
    for line in (read(path) or b"").decode("latin-1").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "newmtl":
            name = words[1] if len(words) > 1 else ""
        elif words[0] == "Kd" and name not in colours:
            colours[name] = (float(words[1]), float(words[2]), float(words[3]))
        elif words[0] == "map_Kd":
            image = read(posixpath.join(posixpath.dirname(path), words[-1]))
            mean = None if image is None else _mean_colour(image)
            if mean is not None:
                colours[name] = mean
    return colours


def _mean_colour(image: bytes) -> Rgb | None:
    import cv2

    pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        return None
    b, g, r = (float(c) / 255.0 for c in pixels.reshape(-1, 3).mean(axis=0))
    return (r, g, b)
