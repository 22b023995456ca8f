"""Files of learned weights: safetensors beside a JSON model card, checked on load.

`NAME.safetensors` holds plain arrays (never pickled objects, so a file cannot run
code); `NAME.json` says from which data, seeds and command they came, how good they
are, and the SHA-256 of the arrays.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ModelFileError

Tensors = dict[str, NDArray[np.float32]]
_MAX_BYTES = 512 * 1024 * 1024


def load_weights(
    path: str | Path, *, name: str, version: int
) -> tuple[Tensors, dict[str, Any]]:
    """Read weights and their card.

    Args:
        path: the `.safetensors` file; the card lies beside it as `.json`.
        name: what `neural-brain train` calls this model.
        version: layout that the caller understands.

    Returns:
        The float32 arrays by name, and the card.

    Raises:
        ModelFileError: if a file is missing, damaged, too large, not finite or of
            another version; the message names the file and how to train it anew.
    """
    file = Path(path)
    remedy = f"Train it anew with `neural-brain train {name}`."
    card = _read_card(file.with_suffix(".json"), remedy)
    if card.get("model") != name or card.get("version") != version:
        raise ModelFileError(
            f"{file.with_suffix('.json')} describes model {card.get('model')!r} "
            f"version {card.get('version')!r}; expected {name!r} version {version}. "
            f"{remedy}"
        )
    return _read_tensors(file, card.get("sha256"), remedy), card


def save_weights(path: str | Path, tensors: Tensors, card: dict[str, Any]) -> None:
    """Write weights and their card; each file is replaced whole.

    Args:
        path: the `.safetensors` file to write.
        tensors: float32 arrays by name.
        card: needs "model" and "version"; "sha256" is filled in.

    Raises:
        ModelFileError: if the files cannot be written.
    """
    from safetensors.numpy import save

    file = Path(path)
    content = save({key: np.ascontiguousarray(a) for key, a in tensors.items()})
    full = {**card, "sha256": hashlib.sha256(content).hexdigest()}
    text = json.dumps(full, indent=1) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for target, data in (
            (file, content),
            (file.with_suffix(".json"), text.encode()),
        ):
            part = target.with_name(target.name + ".part")
            part.write_bytes(data)
            part.replace(target)
    except OSError as error:
        raise ModelFileError(
            f"Cannot write the weights {file}: {error}. Give a folder that you may "
            "write to with `--out`."
        ) from error


def _read_card(file: Path, remedy: str) -> dict[str, Any]:
    try:
        card = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFileError(
            f"Cannot read the model card {file}: {error}. {remedy}"
        ) from error
    except ValueError as error:
        raise ModelFileError(f"{file} is not valid JSON: {error}. {remedy}") from error
    if not isinstance(card, dict):
        raise ModelFileError(f"{file} is not a model card (a JSON object). {remedy}")
    return card


def _read_tensors(file: Path, sha256: object, remedy: str) -> Tensors:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        if file.stat().st_size > _MAX_BYTES:
            raise ModelFileError(
                f"{file} has {file.stat().st_size} bytes; allowed are {_MAX_BYTES}. "
                f"{remedy}"
            )
        content = file.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"Cannot read the weights {file}: {error}. {remedy}"
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ModelFileError(
            f"{file} has SHA-256 {digest}, its card says {sha256!r}: the file is "
            f"damaged or was replaced. {remedy}"
        )
    try:
        tensors = {key: np.asarray(a, np.float32) for key, a in load(content).items()}
    except (SafetensorError, ValueError) as error:
        raise ModelFileError(
            f"{file} is not a safetensors file: {error}. {remedy}"
        ) from error
    bad = [key for key, a in tensors.items() if not np.isfinite(a).all()]
    if bad:
        raise ModelFileError(
            f"{file} holds numbers that are not finite in {bad}. {remedy}"
        )
    return tensors
