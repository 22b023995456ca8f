"""Arrays and plain data as compressed blobs with a checksum."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import MapFileError

LEVEL = 1  # fast; grids are mostly runs of equal cells
MAX_BYTES = 1 << 30  # a blob that claims to be larger is damage


def pack(raw: bytes) -> tuple[bytes, str]:
    """Compressed bytes and the sha256 of the raw ones."""
    return zlib.compress(raw, LEVEL), hashlib.sha256(raw).hexdigest()


def unpack(blob: bytes, sha256: str, what: str) -> bytes:
    """Raw bytes of a blob.

    Raises:
        MapFileError: if it cannot be decompressed or its checksum is wrong.
    """
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(blob, MAX_BYTES)
    except zlib.error as error:
        raise MapFileError(f"{what} cannot be decompressed: {error}.") from error
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise MapFileError(f"{what} does not have its checksum.")
    return raw


def pack_array(array: NDArray[Any]) -> tuple[str, str, bytes, str]:
    """An array as (dtype, shape, blob, sha256)."""
    plain = np.ascontiguousarray(array)
    plain = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    blob, sha256 = pack(plain.tobytes())
    return plain.dtype.str, json.dumps(list(plain.shape)), blob, sha256


def unpack_array(
    dtype: str, shape: str, blob: bytes, *, sha256: str, what: str
) -> NDArray[Any]:
    """The array that `pack_array` wrote.

    Raises:
        MapFileError: if anything does not fit.
    """
    raw = unpack(blob, sha256, what)
    try:
        kind = np.dtype(dtype)
        if kind.kind not in "iuf":
            raise ValueError(f"type {dtype!r} is not a number")
        array = np.frombuffer(raw, dtype=kind).reshape(json.loads(shape))
    except (TypeError, ValueError) as error:
        raise MapFileError(f"{what} is not an array: {error}.") from error
    return array.astype(kind.newbyteorder("="))


def pack_data(data: dict[str, Any]) -> tuple[bytes, str]:
    """JSON-able data as (blob, sha256)."""
    return pack(json.dumps(data, allow_nan=False).encode())


def unpack_data(blob: bytes, sha256: str, what: str) -> dict[str, Any]:
    """The data that `pack_data` wrote.

    Raises:
        MapFileError: if it is damaged.
    """
    try:
        data = json.loads(unpack(blob, sha256, what))
    except ValueError as error:
        raise MapFileError(f"{what} is not JSON: {error}.") from error
    if not isinstance(data, dict):
        raise MapFileError(f"{what} is not a table of values.")
    return data
