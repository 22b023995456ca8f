"""Say what is missing or slow on this machine, and how to mend it.

Exit code 0: the core works (some things may be slow or optional ones absent);
exit code 1: something that the core needs is missing.
"""

from __future__ import annotations

import argparse
import dataclasses
import json

from neural_brain.cli.machine import CHECKS, MISSING, Finding

HELP = "say what is missing or slow on this machine and how to mend it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only the form of the output can be chosen."""
    parser.add_argument("--json", action="store_true", help="print findings as JSON")


def run(args: argparse.Namespace) -> int:
    """Run all checks and print one line each, with the remedy below."""
    findings = []
    for check in CHECKS:
        findings.append(check())
        if not args.json:
            _show(findings[-1])
    if args.json:
        print(json.dumps([dataclasses.asdict(item) for item in findings], indent=2))
    return int(any(item.state == MISSING for item in findings))


def _show(finding: Finding) -> None:
    print(f"{finding.state:>8}  {finding.name}: {finding.text}", flush=True)
    if finding.remedy:
        print(f"{'':>10}{finding.remedy}", flush=True)
