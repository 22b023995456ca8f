"""Write the README's results table from the committed result files.

Run `python -m neural_brain.benchmarks.readme_table` after a benchmark; a test checks
that the README is up to date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from neural_brain.benchmarks.result import RESULTS

BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"


def results_table(folder: Path = RESULTS) -> str:
    """A Markdown table of all metrics of all result files, in order of file name."""
    lines = [
        "| benchmark | metric | value (95 % interval) | n | baselines | goal |",
        "|---|---|---|---|---|---|",
    ]
    for path in sorted(folder.glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        lines += [_row(result["benchmark"], metric) for metric in result["metrics"]]
    return "\n".join(lines)


def update(readme: str, table: str) -> str:
    """The README text with the part between the two markers replaced."""
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"


def _row(benchmark: str, metric: dict[str, Any]) -> str:
    unit = f" {metric['unit']}" if metric["unit"] else ""
    value = f"{metric['value']:.3g}{unit} ({metric['low']:.3g} to {metric['high']:.3g})"
    baselines = ", ".join(f"{k}: {v:.3g}" for k, v in metric["baseline"].items())
    mark = {True: "met", False: "**missed**", None: ""}[metric["met"]]
    goal = f"{metric['goal']} {mark}".strip()
    cells = (benchmark, metric["name"], value, metric["n"], baselines, goal)
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Update README.md of this checkout in place."""
    readme = Path(__file__).resolve().parent.parent / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(update(text, results_table()), encoding="utf-8")


if __name__ == "__main__":
    main()
