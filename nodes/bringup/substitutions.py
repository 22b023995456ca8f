"""Values of a launch file that are known only when it is started."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neural_brain.models.errors import NeuralBrainError

TRUE, FALSE = ("true", "1"), ("false", "0")


class LaunchError(NeuralBrainError):
    """A launch file, an argument or a program that it names is wrong."""


@dataclass
class Context:
    """Arguments and environment variables while a launch file is carried out."""

    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


class Substitution:
    """Text that depends on the context."""

    def perform(self, context: Context) -> str:
        """The text."""
        raise NotImplementedError


Text = str | Substitution | Sequence[str | Substitution]


def text_of(value: Any, context: Context) -> str:
    """Strings, substitutions and sequences of them, joined."""
    if isinstance(value, Substitution):
        return value.perform(context)
    if isinstance(value, (list, tuple)):
        return "".join(text_of(item, context) for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


class LaunchConfiguration(Substitution):
    """The value of a launch argument."""

    def __init__(self, variable_name: str, *, default: Text | None = None) -> None:
        self.name = variable_name
        self.default = default

    def perform(self, context: Context) -> str:
        """The argument's value."""
        if self.name in context.arguments:
            return context.arguments[self.name]
        if self.default is not None:
            return text_of(self.default, context)
        raise LaunchError(
            f"The launch file uses the argument {self.name!r} without declaring it."
        )


class PathJoinSubstitution(Substitution):
    """Parts joined to one path."""

    def __init__(self, substitutions: Sequence[Text]) -> None:
        self.parts = substitutions

    def perform(self, context: Context) -> str:
        """The path."""
        first, *rest = (text_of(part, context) for part in self.parts)
        return str(Path(first, *rest))


class FindPackageShare(Substitution):
    """The share folder of a ROS package (launch files, configuration)."""

    def __init__(self, package: Text) -> None:
        self.package = package

    def perform(self, context: Context) -> str:
        """The folder."""
        return str(package_share(text_of(self.package, context)))


def package_share(package: str) -> Path:
    """Where a package's launch and config folders are.

    A source checkout comes first, so that edits take effect without an install.
    """
    try:
        module = importlib.import_module(package)
        for folder in map(Path, getattr(module, "__path__", [])):
            for root in (folder, folder.parent):
                if (root / "package.xml").is_file() and (root / "launch").is_dir():
                    return root
    except ImportError:
        pass
    return _installed_share(package)


def _installed_share(package: str) -> Path:

    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    for prefix in (*prefixes, sys.prefix):
        share = Path(prefix or ".") / "share" / package
        if prefix and (share / "package.xml").is_file():
            return share
    raise LaunchError(
        f"The package {package!r} was not found in AMENT_PREFIX_PATH or {sys.prefix}. "
        "Install it (pip install .) or build the workspace (colcon build)."
    )
