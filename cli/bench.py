"""`neural-brain bench NAME`: run a benchmark and write its result file."""

from __future__ import annotations

import argparse
import importlib

HELP = "run a benchmark and print its table"
BENCHMARKS = (
    "demo",
    "detector",
    "detector-real",
    "fleet",
    "lerobot-act",
    "memory-maze",
    "nav-change",
    "nav-consolidation",
    "nav-day",
    "nav-detour",
    "nav-floors",
    "nav-instances",
    "nav-lifelong",
    "nav-memory",
    "nav-mesh",
    "nav-multi",
    "nav-objects",
    "nav-places",
    "nav-quasimetric",
    "nav-scale",
    "nav-slam",
    "nav-topology",
    "reflex-admittance",
    "reflex-bullet",
    "reflex-critic",
    "reflex-forearm",
    "reflex-fuzz",
    "reflex-impact",
    "reflex-kill",
    "reflex-maze",
    "reflex-navigation",
    "reflex-passivity",
    "reflex-press",
    "reflex-timing",
    "reflex-watchdog",
    "reflex-workspace",
    "sim",
    "words",
    "world",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command per benchmark, with the benchmark's own options."""
    commands = parser.add_subparsers(dest="benchmark", required=True, metavar="NAME")
    for name in BENCHMARKS:
        module = _module(name)
        sub = commands.add_parser(name, help=module.HELP, description=module.__doc__)
        sub.add_argument("--out", help="result file, or its folder")
        module.add_arguments(sub)


def run(args: argparse.Namespace) -> int:
    """Run the chosen benchmark; it prints its table and writes its JSON."""
    _module(args.benchmark).run(args)
    return 0


def _module(name: str) -> object:
    return importlib.import_module(f"neural_brain.benchmarks.{name.replace('-', '_')}")
