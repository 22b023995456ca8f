"""Latest-value slots in shared memory: one writer each, readers never wait.

Every slot is a sequence lock: the writer makes the counter odd, copies, makes it even;
a reader that saw an odd or a changed counter tries again (Lameter, 2005, "Effective
synchronization on Linux/NUMA systems"). Aligned 8-byte stores are not reordered on
x86-64. Values are float64; a JSON header says what they mean.
"""

from __future__ import annotations

import json
import mmap
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.errors import BodyError
from neural_brain.models.geometry import Array

FOLDER = Path("/dev/shm")  # noqa: S108 (shared memory is what is wanted)
PREFIX = "neural_brain."
HEADER_BYTES = 4096
VERSION = 1
ATTEMPTS = 50


class Slot:
    """One float64 vector behind a sequence counter."""

    def __init__(self, memory: mmap.mmap, offset: int, size: int) -> None:
        self._counter = np.frombuffer(memory, np.int64, 1, offset)
        self._values = np.frombuffer(memory, np.float64, size, offset + 8)
        self.size = size

    @property
    def sequence(self) -> int:
        """Grows by 2 with every write; odd while one is going on."""
        return int(self._counter[0])

    def write(self, values: Array) -> None:
        """Replace the value; only one process may write a slot."""
        counter = self._counter
        counter[0] += 1
        self._values[: values.size] = values
        counter[0] += 1

    def read(self) -> tuple[int, Array] | None:
        """Sequence and a copy of the value; None if it was never (or half) written."""
        for _ in range(ATTEMPTS):
            before = int(self._counter[0])
            if before == 0:
                return None
            copy = self._values.copy()
            if before % 2 == 0 and int(self._counter[0]) == before:
                return before, copy
        return None

    def release(self) -> None:
        """Let go of the memory, so that it can be unmapped."""
        del self._counter, self._values


class SharedSlots:
    """A named set of slots: one process creates it, others open it.

    Args:
        name: of the set; letters, digits, `_`, `-` and `.`.
        sizes: numbers of float64 per slot, or None to open an existing set.
        about: plain data for the header (what the values mean).

    Raises:
        BodyError: if it cannot be made, or does not exist, or is of another version.
    """

    def __init__(
        self,
        name: str,
        sizes: Mapping[str, int] | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        if not re.fullmatch(r"[\w.-]{1,64}", name):
            raise BodyError(
                f"The link name {name!r} is not allowed; use letters, digits, _ - and ."
            )
        self.path = FOLDER / f"{PREFIX}{name}"
        self._owner = sizes is not None
        header, self._memory = (
            _open(self.path)
            if sizes is None
            else _create(self.path, sizes, dict(about or {}))
        )
        self.about: dict[str, Any] = header["about"]
        self.pid = int(header["pid"])
        self._slots: dict[str, Slot] = {}
        for slot, (offset, size) in header["slots"].items():
            self._slots[slot] = Slot(self._memory, offset, size)

    def __getitem__(self, slot: str) -> Slot:
        return self._slots[slot]

    @property
    def alive(self) -> bool:
        """Whether the process that made the slots still runs."""
        return _runs(self.pid)

    def close(self) -> None:
        """Unmap; the creator also removes the file. Safe to call twice."""
        for slot in self._slots.values():
            slot.release()
        self._slots = {}
        if not self._memory.closed:
            self._memory.close()
        if self._owner:
            self.path.unlink(missing_ok=True)


def _create(
    path: Path, sizes: Mapping[str, int], about: dict[str, Any]
) -> tuple[dict[str, Any], mmap.mmap]:
    remove_stale(path)
    offset, slots = HEADER_BYTES, {}
    for name, size in sizes.items():
        slots[name] = (offset, int(size))
        offset += 8 * (1 + int(size)) + (-8 * (1 + int(size))) % 64
    header = {"version": VERSION, "pid": os.getpid(), "slots": slots, "about": about}
    text = json.dumps(header).encode()
    if len(text) >= HEADER_BYTES:
        raise BodyError(f"The header of {path} is too long ({len(text)} bytes).")
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BodyError(
            f"Cannot make {path}: {error.strerror}. Another robot runs under this name "
            "(end it, or choose another link name), or /dev/shm is full."
        ) from error
    try:
        os.ftruncate(file, offset)
        memory = mmap.mmap(file, offset)
    finally:
        os.close(file)
    memory[: len(text)] = text
    return header, memory


def _open(path: Path) -> tuple[dict[str, Any], mmap.mmap]:
    try:
        file = os.open(path, os.O_RDWR)
    except OSError as error:
        raise BodyError(
            f"There is no running fast process at {path} ({error.strerror}). Start it "
            "first: neural-brain up sim."
        ) from error
    try:
        memory = mmap.mmap(file, os.fstat(file).st_size)
        header = json.loads(bytes(memory[:HEADER_BYTES]).rstrip(b"\0"))
        if header["version"] != VERSION:
            raise ValueError(f"version {header['version']}, expected {VERSION}")
        return header, memory
    except (ValueError, KeyError) as error:
        raise BodyError(
            f"{path} is not a set of slots of this version ({error}). Start the fast "
            "process again."
        ) from error
    finally:
        os.close(file)


def remove_stale(path: Path) -> None:
    """Remove a file whose creator has died without removing it."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.read(HEADER_BYTES).rstrip(b"\0"))
        pid = int(header["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        pid = 0
    if path.exists() and not _runs(pid):
        path.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
