"""The environment's own Python: where it is, and how it is made.

Memory Maze needs dm_control 1.0.30, which needs MuJoCo below 4, while this package is
at home on MuJoCo 4. So it gets a virtual environment of its own, with exact pins, and
is spoken to through pipes. Nothing of it is part of this package; Memory Maze is under
the MIT licence, labmaze and dm_control under Apache-2.0.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from neural_brain.models.cache import cache_dir
from neural_brain.models.errors import SimulationError

VARIABLE = "NEURAL_BRAIN_MEMORY_MAZE"
PINS = (
    "dm_control==1.0.30",
    "mujoco==3.3.2",
    "labmaze==1.0.6",
    "numpy==2.2.6",
    "scipy==1.15.3",
    "gym==0.26.2",
    "PyOpenGL==3.1.10",
    "protobuf==6.31.1",
)
ALONE = ("memory-maze==1.0.3",)  # asks for any dm_control: without its requirements
COMMAND = "neural-brain bench memory-maze --setup"


def folder() -> Path:
    """Where the virtual environment is made."""
    return cache_dir() / "memory_maze"


def find_python() -> Path | None:
    """The interpreter that has Memory Maze, or None; the variable overrides."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen) if Path(chosen).is_file() else None
    python = folder() / "bin" / "python"
    return python if python.is_file() else None


def need_python() -> Path:
    """The interpreter that has Memory Maze.

    Raises:
        SimulationError: there is none; says what to type.
    """
    python = find_python()
    if python is None:
        where = os.environ.get(VARIABLE) or folder()
        raise SimulationError(
            f"Memory Maze has no Python at {where}. Type `{COMMAND}` to make one "
            f"(about 0.5 GB), or let {VARIABLE} name an interpreter that has it."
        )
    return python


def make() -> Path:
    """Make the virtual environment with the pinned packages; returns its Python.

    Raises:
        SimulationError: pip or the first import fails.
    """
    where = folder()
    python = where / "bin" / "python"
    where.parent.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", "--clear", str(where)])
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    _run([*pip, *PINS])
    _run([*pip, "--no-deps", *ALONE])
    _run([str(python), "-c", "import memory_maze, gym"])
    return python


def _run(command: list[str]) -> None:
    from neural_brain.benchmarks.memory_maze.client import own_environment

    done = subprocess.run(command, env=own_environment(), text=True,
                          capture_output=True)  # fmt: skip
    if done.returncode:
        raise SimulationError(
            f"`{' '.join(command)}` ended with code {done.returncode}: "
            f"{done.stderr.strip()[-400:]!r}. Mend that and type `{COMMAND}` again."
        )
