"""Print the curves in a result file as Markdown, for the pages that show them.

Run `python -m neural_brain.benchmarks.curve_table benchmarks/results/NAME.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def curve_tables(result: dict[str, Any]) -> dict[str, str]:
    """A table for each curve of a result: a list of points, each with named values."""
    return {
        name: curve_table(rows)
        for name, rows in result.items()
        if name.endswith("curve") and rows
    }


def curve_table(rows: Sequence[dict[str, Any]]) -> str:
    """A curve as Markdown; a column for each value of its points."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names)]
    lines += [[_cell(row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.3g}" if abs(value) < 1e3 else f"{value:.0f}"


def main(files: Sequence[str]) -> int:
    """Print all curves of some result files."""
    for file in files:
        result = json.loads(Path(file).read_text(encoding="utf-8"))
        for name, text in curve_tables(result).items():
            print(f"{result['benchmark']}, {name}:\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
