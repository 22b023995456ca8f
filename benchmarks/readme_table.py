"""Write the tables of results from the committed result files.

The README has the metrics with a goal, docs/results.md has all. Run `python -m
neural_brain.benchmarks.readme_table` after a benchmark; a test checks that both are up
to date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from neural_brain.benchmarks.result import RESULTS

BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"


def results_table(folder: Path = RESULTS, *, only_goals: bool = False) -> str:
    """A Markdown table of the metrics of all result files, in order of file name.

    Args:
        folder: with the result files.
        only_goals: leave out metrics without a goal.
    """
    lines = [
        "| benchmark | metric | value (95 % interval) | n | baselines | goal |",
        "|---|---|---|---|---|---|",
    ]
    for path in sorted(folder.glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        lines += [
            _row(result["benchmark"], metric)
            for metric in result["metrics"]
            if metric["goal"] or not only_goals
        ]
    return "\n".join(lines)


def update(page: str, table: str) -> str:
    """The text of a page with the part between the two markers replaced."""
    head, _, rest = page.partition(BEGIN)
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


def pages(root: Path) -> dict[Path, str]:
    """Both pages of a checkout as they should be, by file."""
    wanted = {root / "README.md": True, root / "docs" / "results.md": False}
    return {
        page: update(
            page.read_text(encoding="utf-8"), results_table(only_goals=only_goals)
        )
        for page, only_goals in wanted.items()
    }


def main() -> None:
    """Update README.md and docs/results.md of this checkout in place."""
    for page, text in pages(Path(__file__).resolve().parent.parent).items():
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
