"""Newest-value slots in shared memory: one writer, many readers, nobody waits.

A slot is a small file in memory (/dev/shm where there is one) with a header and one
numpy record. The writer makes the sequence number odd, copies, adds a checksum and
makes it even (a seqlock: C. Lameter, "Effective synchronization on Linux/NUMA
systems", 2005). A reader that sees an odd or changed number, or a wrong checksum, tries
again and then gives up: it never blocks, also when the writer was killed in between.

The writer owns the file and holds a lock on it that the kernel drops at its death. So a
new writer takes an abandoned slot over, readers go on with it, and `remove_abandoned`
cleans up after processes that were killed. (`multiprocessing.shared_memory` is not
used: before Python 3.13 the exit of any reader deletes the block for all.)
"""

from __future__ import annotations

import fcntl
import mmap
import os
import re
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.errors import BodyError

PREFIX = "neural_brain."
_MAGIC = 0x4E42_534C_4F54_0001
_HEADER = np.dtype(
    [
        ("magic", "<u8"),
        ("layout", "<u8"),
        ("sequence", "<u8"),
        ("written_ns", "<i8"),
        ("checksum", "<u8"),
    ]
)
_TRIES = 8
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def slot_folder() -> Path:
    """Where slots live: memory-backed if the system has such a folder."""
    memory = Path("/dev/shm")  # noqa: S108 - the kernel's shared memory
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    return memory if usable else Path(tempfile.gettempdir())


class SlotWriter:
    """The owner of a slot.

    Fill `record` and call `publish`.

    Args:
        name: letters, digits, `_`, `.` and `-`; readers use the same.
        layout: dtype of the record.

    Attributes:
        record: structured array of shape () to fill in place.

    Raises:
        BodyError: if the name is bad, another process owns the slot, or it cannot be
            created.
    """

    def __init__(self, name: str, layout: np.dtype[Any]) -> None:
        self.record = np.zeros((), layout)
        self._path = _path(name)
        self._file = _own(self._path)
        size = _HEADER.itemsize + layout.itemsize
        try:
            os.ftruncate(self._file, size)
            self._map = mmap.mmap(self._file, size)
        except OSError as error:
            os.close(self._file)
            raise BodyError(
                f"No shared memory of {size} bytes at {self._path}: {error}. Free some "
                "memory there."
            ) from error
        self._header = np.frombuffer(self._map, _HEADER, count=1)
        self._payload = memoryview(self._map)[_HEADER.itemsize :]
        self._source = self.record.reshape(1).view(np.uint8).data
        self._sequence = (int(self._header["sequence"][0]) + 2) & ~1
        self._begin()

    def publish(self, now_ns: int | None = None) -> None:
        """Make the record visible to readers.

        Args:
            now_ns: monotonic time of writing [ns]; now when None.
        """
        header = self._fields
        self._sequence += 1
        header[2] = self._sequence
        self._payload[:] = self._source
        header[3] = time.monotonic_ns() if now_ns is None else now_ns
        header[4] = zlib.crc32(self._source)
        self._sequence += 1
        header[2] = self._sequence

    def close(self) -> None:
        """Delete the slot; safe to call twice."""
        if self._file < 0:
            return
        self._path.unlink(missing_ok=True)
        self._fields.release()
        self._payload.release()
        del self._header
        self._map.close()
        os.close(self._file)
        self._file = -1

    def __enter__(self) -> SlotWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> None:
        self._fields = memoryview(self._map)[: _HEADER.itemsize].cast("q")
        self._fields[2] = self._sequence - 1  # odd: nothing to read yet
        self._header["magic"] = _MAGIC
        self._header["layout"] = _fingerprint(self.record.dtype)
        self._fields[3] = 0


class SlotReader:
    """Reads the newest record of a slot, which may come, go and come back.

    Args:
        name: as given to the writer.
        layout: dtype of the record; a slot with another layout is not read.

    Attributes:
        record: the last good record, structured array of shape ().
        sequence: its number; grows with every `publish`.
        written_ns: when it was written, monotonic [ns]; 0 before the first.
        torn: reads that were given up since the writer was always in between.

    Raises:
        BodyError: if the name is bad.
    """

    def __init__(self, name: str, layout: np.dtype[Any]) -> None:
        self.record = np.zeros((), layout)
        self.sequence = self.written_ns = self.torn = 0
        self._path = _path(name)
        self._layout_print = _fingerprint(layout)
        self._spare = bytearray(layout.itemsize)
        self._target = self.record.reshape(1).view(np.uint8).data
        self._map: mmap.mmap | None = None
        self._inode = -1

    def read(self) -> bool:
        """Fetch a newer record into `record`; False if there is none."""
        if self._map is None and not self._attach():
            return False
        for _ in range(_TRIES):
            before = self._fields[2]
            if before & 1:
                continue
            if before == self.sequence:
                return False
            self._spare[:] = self._payload
            written_ns, checksum = self._fields[3], self._fields[4]
            if self._fields[2] == before and zlib.crc32(self._spare) == checksum:
                self._target[:] = self._spare
                self.sequence, self.written_ns = before, written_ns
                return True
        self.torn += 1
        self._forget_if_replaced()
        return False

    def age_s(self, now_ns: int | None = None) -> float:
        """Time since the last good record was written [s]; infinity before the first.

        Args:
            now_ns: monotonic time [ns]; now when None.
        """
        if self.written_ns == 0:
            return float("inf")
        now_ns = time.monotonic_ns() if now_ns is None else now_ns
        return (now_ns - self.written_ns) * 1e-9

    def refresh(self) -> None:
        """Attach anew if the file was replaced; call when the slot has gone stale."""
        self._forget_if_replaced()

    def close(self) -> None:
        """Detach; the slot stays. Safe to call twice."""
        if self._map is not None:
            self._fields.release()
            self._payload.release()
            self._map.close()
            self._map = None

    def __enter__(self) -> SlotReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _attach(self) -> bool:
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            state = os.fstat(file)
            if state.st_size != _HEADER.itemsize + self.record.dtype.itemsize:
                return False
            view = mmap.mmap(file, state.st_size, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            return False
        finally:
            os.close(file)
        header = np.frombuffer(view, _HEADER, count=1)
        known = (int(header["magic"][0]), int(header["layout"][0]))
        del header
        if known != (_MAGIC, self._layout_print):
            view.close()
            return False
        self._map, self._inode = view, state.st_ino
        self._fields = memoryview(view)[: _HEADER.itemsize].cast("q")
        self._payload = memoryview(view)[_HEADER.itemsize :]
        self.sequence = 0
        return True

    def _forget_if_replaced(self) -> None:
        try:
            same = self._path.stat().st_ino == self._inode
        except OSError:
            same = False
        if not same:
            self.close()


def remove_abandoned(prefix: str = "") -> list[str]:
    """Delete slots whose writer is dead; returns their names.

    Args:
        prefix: only slots whose name begins so.
    """
    removed = []
    for path in sorted(slot_folder().glob(f"{PREFIX}{prefix}*")):
        try:
            file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
            removed.append(path.name.removeprefix(PREFIX))
        except OSError:
            continue
        finally:
            os.close(file)
    return removed


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise BodyError(
            f"Slot name {name!r}; allowed: up to 100 letters, digits, '_', '.' and "
            "'-'. Choose such a name."
        )
    return slot_folder() / f"{PREFIX}{name}"


def _own(path: Path) -> int:
    """Open the file and lock it for this process's life."""
    try:
        flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        while True:
            file = os.open(path, flags, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(file)
                raise
            if os.fstat(file).st_nlink > 0:
                return file
            os.close(file)  # deleted between open and lock: try again
    except BlockingIOError as error:
        raise BodyError(
            f"The slot {path.name} belongs to another running process. Stop that one, "
            "or use another name."
        ) from error
    except OSError as error:
        raise BodyError(
            f"Cannot create the slot {path}: {error}. Make that folder writable."
        ) from error


def _fingerprint(layout: np.dtype[Any]) -> int:
    return zlib.crc32(repr(layout.descr).encode()) | (layout.itemsize << 32)
