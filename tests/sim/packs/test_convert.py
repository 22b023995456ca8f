"""Reading, simplifying and converting third-party shapes."""

import io
import struct
import tarfile

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.sim.packs.convert import MOST_FACES, convert
from neural_brain.sim.packs.obj import read_obj, read_stl
from neural_brain.sim.packs.simplify import simplify
from neural_brain.sim.packs.sources import Raw, _deb_data

OBJ = b"""mtllib a.mtl
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
usemtl red
f 1/1 2/2 3/3 4/4
usemtl nothing
f -4 -3 -2
"""
MTL = b"newmtl red\nKd 0.8 0.1 0.1\n"


def grid(n: int) -> tuple[np.ndarray, np.ndarray]:
    """A wavy square of 2 n^2 triangles."""
    x, y = np.meshgrid(np.linspace(0, 1, n + 1), np.linspace(0, 1, n + 1))
    points = np.stack([x.ravel(), y.ravel(), 0.1 * np.sin(6 * x).ravel()], axis=1)
    k = (np.arange(n)[:, None] * (n + 1) + np.arange(n)).ravel()
    faces = [[k, k + 1, k + n + 2], [k, k + n + 2, k + n + 1]]
    return points, np.concatenate([np.stack(f, axis=1) for f in faces])


def test_obj_gives_triangles_by_colour() -> None:
    files = {"d/a.obj": OBJ, "d/a.mtl": MTL}
    meshes = read_obj("d/a.obj", files.get)
    assert [len(faces) for (_, faces), _ in meshes] == [2, 1]
    assert meshes[0][1] == (0.8, 0.1, 0.1)
    assert meshes[1][0][1].tolist() == [[0, 1, 2]]


def test_stl_corners_are_joined() -> None:
    corners = np.array(
        [[[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[1, 0, 0], [1, 1, 0], [0, 1, 0]]]
    )
    data = bytes(80) + struct.pack("<I", 2)
    for triangle in corners:
        data += bytes(12) + triangle.astype("<f4").tobytes() + bytes(2)
    points, faces = read_stl(data)
    assert points.shape == (4, 3)
    assert np.allclose(points[faces], corners)


def test_simplify_keeps_the_shape() -> None:
    points, faces = grid(60)
    ((fewer, left),) = simplify([(points, faces)], 800)
    assert 200 <= len(left) <= 800
    assert np.allclose(fewer.min(axis=0), points.min(axis=0), atol=0.04)
    assert np.allclose(fewer.max(axis=0), points.max(axis=0), atol=0.04)
    a, b, c = (fewer[left[:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
    assert 0.9 < area < 1.3


def test_small_meshes_are_left_alone() -> None:
    points, faces = grid(4)
    ((_, left),) = simplify([(points, faces)], 800)
    assert len(left) == len(faces)


def test_convert_fills_the_unit_box() -> None:
    points, faces = grid(70)
    raw = Raw(
        meshes=[((points * 3 + 1, faces), (0.2, 0.3, 0.4))], creator="me", rest=0.5
    )
    piece = convert(raw, "sofa", name="x/y", split="tune", licence="CC0")
    assert piece.face_count <= MOST_FACES
    assert piece.rest == 0.5
    low = piece.parts[0].vertices.min(axis=0)
    high = piece.parts[0].vertices.max(axis=0)
    assert np.allclose(low, [-0.5, -0.5, 0.0], atol=1e-5)
    assert np.allclose(high, [0.5, 0.5, 1.0], atol=1e-5)
    assert [part.main for part in piece.parts] == [True]


def test_data_part_of_a_deb_is_found(tmp_path) -> None:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:xz") as archive:
        info = tarfile.TarInfo("usr/share/doc/copyright")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    deb = b"!<arch>\n"
    for name, data in (
        (b"debian-binary", b"2.0\n"),
        (b"data.tar.xz", inner.getvalue()),
    ):
        deb += (
            name.ljust(16) + b"0".ljust(32) + str(len(data)).encode().ljust(10) + b"`\n"
        )
        deb += data + b"\n" * (len(data) % 2)
    path = tmp_path / "a.deb"
    path.write_bytes(deb)
    with tarfile.open(fileobj=io.BytesIO(_deb_data(path))) as archive:
        assert archive.getnames() == ["usr/share/doc/copyright"]


def test_other_files_are_no_deb(tmp_path) -> None:
    path = tmp_path / "a.deb"
    path.write_bytes(b"not a package")
    with pytest.raises(ModelFileError, match="not a Debian package"):
        _deb_data(path)
