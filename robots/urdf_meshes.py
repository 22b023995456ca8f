"""What a URDF says of solid shapes, with its meshes found, for MuJoCo to read."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

from neural_brain.models.errors import ConfigError

_PACKAGE, _FILE = "package://", "file://"


def is_urdf(path: str | Path) -> bool:
    """Whether a readable XML file is a URDF; else it is an MJCF."""
    return ElementTree.parse(path).getroot().tag == "robot"  # noqa: S314


def solid_urdf(path: str | Path) -> str:
    """A URDF in which `collision` holds what is solid, or else drawn, of each link.

    Raises:
        ConfigError: if a mesh is nowhere to be found.
    """
    root = ElementTree.parse(path).getroot()  # noqa: S314
    for link in root.iter("link"):
        drawn = link.findall("visual")
        solid = link.find("collision") is not None
        for visual in drawn:
            if solid:
                link.remove(visual)
            else:
                visual.tag = "collision"
        for mesh in link.iter("mesh"):
            name = mesh.get("filename", "")
            mesh.set("filename", str(_find(name, Path(path), str(link.get("name")))))
    _let_paths_be(root)
    return ElementTree.tostring(root, encoding="unicode")


def _let_paths_be(root: ElementTree.Element) -> None:
    """MuJoCo cuts folders off the names of a URDF's meshes unless told otherwise."""
    own = root.find("mujoco")
    own = ElementTree.SubElement(root, "mujoco") if own is None else own
    compiler = own.find("compiler")
    if compiler is None:
        compiler = ElementTree.SubElement(own, "compiler")
    compiler.set("strippath", "false")


def _find(name: str, urdf: Path, link: str) -> Path:
    """The file of a mesh: by ROS packages, beside the URDF, or above it."""
    folder = urdf.absolute().parent
    around = [folder, *folder.parents]
    plain = name.removeprefix(_PACKAGE).removeprefix(_FILE)
    if name.startswith(_PACKAGE):
        package, _, rest = plain.partition("/")
        places = [share / plain for share in _package_folders()]
        places += [place / plain for place in around]
        places += [place / rest for place in around if place.name == package]
    else:
        places = [folder / plain]
    places.append(folder / Path(plain).name)
    for place in places:
        if place.is_file():
            return place
    raise ConfigError(
        f"Link {link!r} of {str(urdf)!r} has the mesh {name!r}, which is nowhere; it "
        "is sought in the packages of AMENT_PREFIX_PATH and ROS_PACKAGE_PATH, and in "
        f"the folders from {str(folder)!r} upwards. Source the workspace that has it, "
        "put it beside the file, or leave workspace planes and self_distance out."
    )


def _package_folders() -> list[Path]:
    """Folders in which a sourced ROS workspace has its packages."""
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    shares = [Path(prefix) / "share" for prefix in prefixes if prefix]
    older = os.environ.get("ROS_PACKAGE_PATH", "").split(os.pathsep)
    return shares + [Path(place) for place in older if place]
