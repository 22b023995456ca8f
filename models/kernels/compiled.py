"""Turns plain functions on flat memory into machine code, once a machine.

What is compiled is kept on disk under a name made from its source and all that it
imports of this folder: numba alone would not notice a change in another file.
The first process that needs something compiles it, others wait for it.
Entries have the types of their arguments written down. They are compiled, or loaded,
when their module is imported, and never afterwards: an argument of another type raises
TypeError instead of holding up the loop for seconds.

A division by zero gives infinity or NaN as in C; who calls looks at the result.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import functools
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

from neural_brain.models.cache import cache_dir

Function = TypeVar("Function", bound=Callable[..., Any])

VECTOR = numba.float64[::1]
MATRIX = numba.float64[:, ::1]
NUMBER = numba.float64
FLAG = numba.boolean
SIZES = numba.int64[::1]


def given(dimensions: int, count: int) -> Any:
    """A tuple of arrays that are only read, and may be marked so."""
    array = numba.types.Array(NUMBER, dimensions, "C", readonly=True)
    return numba.types.UniTuple(array, count)


def record(dtype: np.dtype[Any]) -> Any:
    """Type of an array (1,) of a structured dtype."""
    return numba.from_dtype(dtype)[::1]


def compiled(function: Function) -> Function:
    """A function that entries, or one another, call."""
    return _jit()(function)


def entry(*types: Any) -> Callable[[Function], Function]:
    """A function that Python calls, with arguments of these types."""
    return _jit(types)


def _jit(types: tuple[Any, ...] | None = None) -> Callable[[Function], Function]:
    def wrap(function: Function) -> Function:
        folder, settings = _folder(function), cast(Any, numba.config)
        before, settings.CACHE_DIR = settings.CACHE_DIR, folder
        make: Any = numba.njit(types, cache=bool(folder), error_model="numpy")
        try:
            with _turn(folder, function) if types else contextlib.nullcontext():
                jit: Function = make(function)
        finally:
            settings.CACHE_DIR = before
        return jit

    return wrap


@contextlib.contextmanager
def _turn(folder: str, function: Any) -> Iterator[None]:
    """One process at a time, unless the machine code is there already."""
    if folder and any(Path(folder).glob(f"*/*.{function.__name__}-*.nbi")):
        yield
        return
    _tell()
    if not folder:
        yield
        return
    with Path(folder).with_name("lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def _tell() -> None:
    """Say once why this start takes long."""
    print(
        "neural_brain compiles its fast loop for this machine; that takes about a "
        "minute, once.",
        file=sys.stderr,
        flush=True,
    )


def _folder(function: Any) -> str:
    """Where the machine code of a function's module is kept; "" if nowhere."""
    folder = cache_dir() / "compiled" / _digest(function.__code__.co_filename)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # then every start compiles
        return ""
    return str(folder) if os.access(folder, os.W_OK) else ""


@functools.cache
def _digest(file: str) -> str:
    """Name for the sources of a file and of what it imports of this folder."""
    digest, pending, seen = hashlib.sha256(), [Path(file)], {Path(file)}
    while pending:
        source = pending.pop().read_bytes()
        digest.update(source)
        for name in sorted(_imported(source)):
            other = Path(__file__).with_name(f"{name}.py")
            if other not in seen and other.exists():
                seen.add(other)
                pending.append(other)
    return digest.hexdigest()[:16]


def _imported(source: bytes) -> set[str]:
    """Names of the modules of this folder that a source imports."""
    here, names = __name__.rpartition(".")[0], set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == here:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            folder, _, name = node.module.rpartition(".")
            names |= {name} if folder == here else set()
    return names
