"""Carry out a launch file: declare its arguments, start its programs, stop them all."""

from __future__ import annotations

import difflib
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neural_brain.nodes.bringup import standins
from neural_brain.nodes.bringup.actions import (
    DeclareLaunchArgument,
    LaunchDescription,
    Node,
    SetEnvironmentVariable,
)
from neural_brain.nodes.bringup.processes import POLL_S, Child, stop_all
from neural_brain.nodes.bringup.substitutions import (
    Context,
    LaunchError,
    package_share,
    text_of,
)

PACKAGE = "neural_brain"


def launch_file(name: str) -> Path:
    """The path of this package's launch file `name` (`sim`, `robot`, `viz`).

    Raises:
        LaunchError: if there is none of that name; lists those that exist.
    """
    folder = package_share(PACKAGE) / "launch"
    path = folder / f"{name}.launch.py"
    if not path.is_file():
        files = folder.glob("*.launch.py")
        found = sorted(p.name.removesuffix(".launch.py") for p in files)
        raise LaunchError(f"No launch file {name!r}; there are: {', '.join(found)}.")
    return path


def run_launch(
    path: Path, settings: Sequence[str] = (), stop: threading.Event | None = None
) -> int:
    """Run a launch file until it is interrupted or a program that it needs has ended.

    Args:
        path: the launch file.
        settings: `name:=value` for each argument that shall differ from its default.
        stop: ends the run when set; SIGINT and SIGTERM do so too in the main thread.

    Returns:
        0 if all programs ended well, else the first bad exit code (1 for a signal).

    Raises:
        LaunchError: for an unknown argument, a refused value or a missing program.
    """
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    context = Context(arguments=parse(settings), environment=dict(os.environ))
    actions = [a for a in load(path).entities if isinstance(a, _KNOWN)]
    check_arguments(actions, context, path)
    children: list[Child] = []
    try:
        needed = _start(actions, context, children)
        return _watch(children, needed, stop)
    finally:
        stop_all(children)


def describe(path: Path) -> str:
    """The arguments of a launch file with meaning, choices and default."""
    context = Context(environment=dict(os.environ))
    lines = [f"Arguments of {path.name} (name:=value):"]
    for action in load(path).entities:
        if isinstance(action, DeclareLaunchArgument):
            choices = f" [{'|'.join(action.choices)}]" if action.choices else ""
            default = text_of(action.default_value or "", context)
            lines.append(f"  {action.name}{choices}  (default {default!r})")
            lines.append(f"      {action.description}")
    return "\n".join(lines)


def parse(settings: Sequence[str]) -> dict[str, str]:
    """`name:=value` words as a dictionary."""
    arguments = {}
    for word in settings:
        name, mark, value = word.partition(":=")
        if not mark or not name:
            raise LaunchError(f"{word!r} is no argument; write name:=value.")
        arguments[name] = value
    return arguments


def load(path: Path) -> LaunchDescription:
    """What `generate_launch_description()` of the file returns."""
    spec = importlib.util.spec_from_file_location(path.stem.replace(".", "_"), path)
    if spec is None or spec.loader is None or not path.is_file():
        raise LaunchError(f"Cannot read the launch file {path}.")
    module = importlib.util.module_from_spec(spec)
    with standins.installed():
        spec.loader.exec_module(module)
        return module.generate_launch_description()


def check_arguments(actions: Sequence[Any], context: Context, path: Path) -> None:
    """Fill in defaults; refuse unknown arguments and values that are no choice."""
    declared = {a.name: a for a in actions if isinstance(a, DeclareLaunchArgument)}
    for name in context.arguments:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else ""
            raise LaunchError(
                f"{path.name} has no argument {name!r}; it has: "
                f"{', '.join(declared)}. {hint}".rstrip()
            )
    for name, action in declared.items():
        if name not in context.arguments:
            if action.default_value is None:
                raise LaunchError(f"{path.name} needs {name}:=... {action.description}")
            context.arguments[name] = text_of(action.default_value, context)
        value = context.arguments[name]
        if action.choices is not None and value not in action.choices:
            raise LaunchError(
                f"{name}:={value} is not allowed; choose one of: "
                f"{', '.join(action.choices)}."
            )


def program(package: str, executable: str) -> list[str]:
    """How to start an executable of a package.

    Looks where ROS installs it, where pip installs it, and last for the module itself.
    """
    prefixes = [p for p in os.environ.get("AMENT_PREFIX_PATH", "").split(":") if p]
    for prefix in (*prefixes, sys.prefix):
        path = Path(prefix) / "lib" / package / executable
        if path.is_file():
            return [str(path)]
    if package == PACKAGE:
        module = f"{PACKAGE}.nodes.{executable}"
        if importlib.util.find_spec(module) is not None:
            return [sys.executable, "-m", module]
    raise LaunchError(f"No program {executable!r} in the package {package!r}.")


_KNOWN = (DeclareLaunchArgument, SetEnvironmentVariable, Node)


def _start(
    actions: Sequence[Any], context: Context, children: list[Child]
) -> list[Child]:
    needed = []
    for action in actions:
        if not action.applies(context):
            continue
        if isinstance(action, SetEnvironmentVariable):
            name = text_of(action.name, context)
            context.environment[name] = text_of(action.value, context)
        elif isinstance(action, Node):
            executable = text_of(action.executable, context)
            argv = program(text_of(action.package, context), executable)
            child = Child(executable, argv + action.argv(context), context.environment)
            children.append(child)
            if action.ends_all:
                needed.append(child)
    if not children:
        raise LaunchError("The launch file starts no program with these arguments.")
    return needed


def _watch(
    children: Sequence[Child], needed: Sequence[Child], stop: threading.Event
) -> int:
    told: set[int] = set()
    while not stop.wait(5.0 * POLL_S):
        ended = [child for child in children if child.code is not None]
        for child in ended:
            if child.pid not in told:
                told.add(child.pid)
                print(f"[launch] {child.name} ended with code {child.code}", flush=True)
        if any(child in needed for child in ended) or len(ended) == len(children):
            break
    stop_all(children)
    codes = [child.code or 0 for child in children]
    return next((code if code > 0 else 1 for code in codes if code), 0)
