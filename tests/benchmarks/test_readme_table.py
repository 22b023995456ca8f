"""The README shows the committed results, all of them and nothing else."""

import json
from pathlib import Path

from neural_brain.benchmarks.readme_table import results_table, update

README = Path(__file__).resolve().parents[2] / "README.md"


def test_readme_matches_the_committed_results():
    text = README.read_text(encoding="utf-8")
    assert update(text, results_table()) == text


def test_a_missed_goal_is_shown(tmp_path):
    row = {
        "name": "success",
        "value": 0.5,
        "low": 0.4,
        "high": 0.6,
        "unit": "",
        "n": 10,
        "baseline": {"none": 0.1},
        "goal": ">= 0.9",
        "met": False,
    }
    content = {"benchmark": "trial", "metrics": [row]}
    (tmp_path / "trial.json").write_text(json.dumps(content))
    table = results_table(tmp_path)
    assert (
        "0.5 (0.4 to 0.6)" in table and "**missed**" in table and "none: 0.1" in table
    )
