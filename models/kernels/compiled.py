"""Turns plain functions on flat memory into machine code, once a machine.

What is compiled is kept on disk under a name made from its source and all that it
imports of this folder: numba alone would not notice a change in another file.
Entries have the types of their arguments written down. They are compiled, or loaded,
when their module is imported, and never afterwards: an argument of another type raises
TypeError instead of holding up the loop for seconds.

A division by zero gives infinity or NaN as in C; who calls looks at the result.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np

from neural_brain.models.cache import cache_dir

Function = TypeVar("Function", bound=Callable[..., Any])

VECTOR = numba.float64[::1]
MATRIX = numba.float64[:, ::1]
NUMBER = numba.float64
FLAG = numba.boolean


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
        settings: Any = numba.config
        before, settings.CACHE_DIR = settings.CACHE_DIR, _folder(function)
        try:
            jit: Any = numba.njit(types, cache=True, error_model="numpy")(function)
        finally:
            settings.CACHE_DIR = before
        return jit

    return wrap


def _folder(function: Callable[..., Any]) -> str:
    """Where the machine code of a function's module is kept."""
    return str(cache_dir() / "compiled" / _digest(function.__module__))


@functools.cache
def _digest(module: str) -> str:
    """Name for the sources of a module and of what it imports of this folder."""
    digest, pending, seen = hashlib.sha256(), [module], {module}
    while pending:
        name = pending.pop().rpartition(".")[2]
        source = Path(__file__).with_name(f"{name}.py").read_bytes()
        digest.update(source)
        for other in sorted(set(_IMPORTED.findall(source.decode()))):
            if other not in seen:
                seen.add(other)
                pending.append(other)
    return digest.hexdigest()[:16]


_IMPORTED = re.compile(r"neural_brain\.models\.kernels(?:\.| import )(\w+)")
