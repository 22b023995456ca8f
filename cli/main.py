"""The `neural-brain` command: finds the sub-command, runs it, explains what went wrong.

A sub-command is a module of this package with `HELP: str`, `add_arguments(parser)`
and `run(args) -> int`. Only the one that is asked for is imported, so that `--help`
answers at once.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from neural_brain import __version__
from neural_brain.cli.failure import explain

COMMANDS = (
    "demo",
    "sim",
    "up",
    "goal",
    "status",
    "bench",
    "train",
    "assets",
    "map",
    "replay",
    "record",
    "dataset",
    "doctor",
    "completion",
)
PROGRAM = "neural-brain"
EXIT_INTERRUPTED = 130

_DESCRIPTION = """\
A robot brain: it senses, maps, remembers, acts and protects itself.
`neural-brain COMMAND --help` tells more about one command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line.

    Args:
        argv: the words after the program's name; None takes those of the process.

    Returns:
        0 if the command did its work, 1 if it found something wrong or has a bug, 2
        for a mistake that the user can mend, 130 after Ctrl-C.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        # Before numpy is loaded: its many small products are slower on more threads.
        os.environ.setdefault(name, "1")
    words = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser(only=_command_word(words))
    args = parser.parse_args(words)
    if args.command is None:
        parser.print_help()
        return 0
    try:
        return int(args.run(args) or 0)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except Exception as error:
        if args.traceback:
            raise
        return explain(error)


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line.

    Args:
        only: import and fill in this command alone; None leaves all of them empty.
            `build_parser(only="*")` fills in all.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    _add_traceback(parser, default=False)
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands"
    )
    for name in COMMANDS:
        word = name.replace("_", "-")
        if only not in ("*", word):
            commands.add_parser(word, help=_read_help(name))
            continue
        module = load(name)
        sub = commands.add_parser(
            word,
            help=module.HELP,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_traceback(sub, default=argparse.SUPPRESS)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def load(name: str) -> ModuleType:
    """Import the module of a sub-command."""
    return importlib.import_module(f"neural_brain.cli.{name}")


def _add_traceback(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument(
        "--traceback",
        action="store_true",
        default=default,
        help="show the full Python traceback when something goes wrong",
    )


def _command_word(words: Sequence[str]) -> str | None:
    """The first word that is not an option: the command, if it is one."""
    return next((word for word in words if not word.startswith("-")), None)


def _read_help(name: str) -> str:
    """`HELP` of a command, read from its source without importing it."""
    spec = importlib.util.find_spec(f"neural_brain.cli.{name}")
    if spec is None or spec.origin is None:
        return str(load(name).HELP)
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
            targets = (
                statement.targets
                if isinstance(statement, ast.Assign)
                else [statement.target]
            )
            if any(isinstance(t, ast.Name) and t.id == "HELP" for t in targets):
                return str(ast.literal_eval(statement.value))
    return str(load(name).HELP)


if __name__ == "__main__":
    sys.exit(main())
