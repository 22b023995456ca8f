"""Turns an exception into one paragraph that says what to do, and an exit code."""

from __future__ import annotations

import errno
import shutil
import sys
import textwrap
import traceback

from neural_brain.models.errors import NeuralBrainError

EXIT_BUG = 1
EXIT_USER = 2

_EXTRAS = {
    "torch": "learn",
    "safetensors": "learn",
    "rclpy": "ros",
    "sensor_msgs": "ros",
    "tf2_msgs": "ros",
    "onnxruntime": "perception",
    "open3d": "pointcloud",
    "pybullet": "pybullet",
    "lerobot": "lerobot",
    "sqlalchemy": "fleet",
    "psycopg": "fleet",
}
_NO_OPENGL = """
The OpenGL library that MUJOCO_GL names cannot be loaded, so nothing can be drawn.
Type `sudo apt-get install libegl1 libgl1-mesa-dri` and unset MUJOCO_GL;
`neural-brain doctor` shows what works.
"""
_WRONG_OPENGL = """
Use `egl` or `osmesa`, or unset MUJOCO_GL: then the one that works here is taken.
"""
_REMEDIES = {
    errno.EACCES: "Choose a place that you may write, or mend its permissions.",
    errno.EPERM: "Choose a place that you may write, or mend its permissions.",
    errno.EROFS: "The file system is read-only: choose another place.",
    errno.ENOENT: "Check the path; it does not exist.",
    errno.EEXIST: "Check the path: a part of it is a file, not a folder.",
    errno.ENOTDIR: "Check the path: a part of it is a file, not a folder.",
    errno.EISDIR: "Give the path of a file, not of a folder.",
    errno.ENOSPC: "The disk is full: free some space or choose another disk.",
    errno.EADDRINUSE: "Another program uses this port: choose another with --port, or "
    "end that program.",
}


def explain(error: Exception) -> int:
    """Print the error as one wrapped paragraph on stderr; return the exit code."""
    if isinstance(error, NeuralBrainError):
        return _say(str(error), EXIT_USER)
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return EXIT_BUG
    if isinstance(error, ModuleNotFoundError) and _extra(error):
        module, extra = (error.name or "").split(".")[0], _extra(error)
        return _say(
            f"This command needs the Python package {module!r}, which is not "
            f"installed. Type: pip install 'neural_brain[{extra}]'",
            EXIT_USER,
        )
    if isinstance(error, OSError) and error.errno in _REMEDIES:
        return _say(f"{error}. {_REMEDIES[error.errno]}", EXIT_USER)
    if "MUJOCO_GL" in str(error):  # MuJoCo refuses the name of a back end
        return _say(f"{error}. {_WRONG_OPENGL}", EXIT_USER)
    if _in_opengl(error):
        return _say(_NO_OPENGL, EXIT_USER)
    return _say(
        f"Unexpected {type(error).__name__}: {error}. This is a bug in neural_brain; "
        "run the command again with --traceback and report what it prints.",
        EXIT_BUG,
    )


def paragraph(text: str) -> str:
    """The text as one paragraph, wrapped to the terminal (88 columns at most)."""
    width = min(88, max(40, shutil.get_terminal_size().columns))
    return textwrap.fill(
        " ".join(text.split()),
        width,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _in_opengl(error: Exception) -> bool:
    """Whether the error comes from loading OpenGL, whose own messages say little."""
    frames = traceback.extract_tb(error.__traceback__)
    return any("/OpenGL/" in frame.filename for frame in frames)


def _extra(error: ModuleNotFoundError) -> str | None:
    return _EXTRAS.get((error.name or "").split(".")[0])


def _say(text: str, code: int) -> int:
    print(paragraph(f"neural-brain: {text}"), file=sys.stderr)
    return code
