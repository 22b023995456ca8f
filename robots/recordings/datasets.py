"""Recorded data sets of Debian packages, unpacked once into the user's cache.

`mrpt-common` (BSD-3-Clause, https://www.mrpt.org) holds logs of real robots. Nothing
of it is shipped here; it comes from the system's own package source.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from neural_brain.models.errors import NeuralBrainError

PACKAGE = "mrpt-common"
FOLDER = Path("usr/share/mrpt/datasets")
# sha256 of the files that are used; the same in every version of the package
FILES = {
    "2006-01ENE-21-SENA_Telecom Faculty_one_loop_only.rawlog": (
        "23137dedc3d694976de922d2f7e8c9878d6036bd5ba5ed52ef8d1bc57372e49d"
    ),
    "localization_demo.rawlog": (
        "0f11c7dca4480c98d91caa33a7c09e20709b482f257ca9d4eee4497f8e695594"
    ),
    "uwb_ro-localization_demo.rawlog": (
        "9f33f90414f1ee5b66ae5d36de55813217079a1ea1c7e10360a256dc691930e7"
    ),
    "uwb_ro-localization_demo_GT.txt": (
        "86c95edef82df6ce276b2185fed2df8a8a4fc470cba39f1c56a4b1852f808a59"
    ),
    "graphslam-engine-demos/action_observations_map/simul.rawlog": (
        "560130e387bbda14a4fe570d1586d8398a56bab74db41431c48eb3e4497eb12e"
    ),
    "graphslam-engine-demos/action_observations_map/simul.rawlog.GT.txt": (
        "3f835b8c2bbe773767294f72c5c1ea1e89e27940d930e784b72c532849062f1c"
    ),
    "tests_rgbd.rawlog": (
        "b0a4cc75ca7381375cd616e45c436fc6739f9fc3cc41699ed3855b1e40b8270f"
    ),
}


class DatasetError(NeuralBrainError):
    """A data set cannot be fetched."""


def cache_folder() -> Path:
    """Where downloaded things are kept; NEURAL_BRAIN_CACHE overrides it."""
    chosen = os.environ.get("NEURAL_BRAIN_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "neural_brain"


def mrpt_datasets() -> Path:
    """Folder with the logs of `mrpt-common`: installed, cached, or fetched by apt.

    Raises:
        DatasetError: if there is no apt, no network, or a file is not what it was.
    """
    installed = Path("/") / FOLDER
    if all((installed / name).is_file() for name in FILES):
        return installed
    folder = cache_folder() / PACKAGE
    if not (folder / "complete").is_file():
        _fetch(folder)
    return folder / FOLDER


def _fetch(folder: Path) -> None:
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise DatasetError(
                f"The logs of {PACKAGE} are fetched with {tool}, which this machine "
                "lacks. Unpack that Debian package by hand into "
                f"{folder} and create an empty file {folder / 'complete'}."
            )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        work = Path(name)
        _run(["apt-get", "download", PACKAGE], work)
        package = next(work.glob("*.deb"), None)
        if package is None:
            raise DatasetError(f"apt-get brought no file for {PACKAGE}.")
        _run(["dpkg-deb", "-x", package.name, "unpacked"], work)
        unpacked = work / "unpacked"
        _check(unpacked / FOLDER)
        (unpacked / "complete").touch()
        if folder.exists():
            shutil.rmtree(folder)
        unpacked.rename(folder)


def _run(command: list[str], work: Path) -> None:
    result = subprocess.run(
        command, cwd=work, capture_output=True, text=True, timeout=300, check=False
    )
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise DatasetError(
            f"`{' '.join(command)}` failed: {last}. Check the network and the package "
            "sources (`apt-get update`)."
        )


def _check(folder: Path) -> None:
    for name, wanted in FILES.items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise DatasetError(f"{PACKAGE} lacks {name}: {error}.") from error
        if found != wanted:
            raise DatasetError(
                f"{name} of {PACKAGE} has sha256 {found}; expected {wanted}. The "
                "package source may be tampered with or have changed: look at the file "
                "before you use it."
            )
