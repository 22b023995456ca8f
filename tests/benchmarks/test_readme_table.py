"""README and docs show the committed results and nothing else."""

import json
from pathlib import Path

from neural_brain.benchmarks.readme_table import pages, results_table

ROOT = Path(__file__).resolve().parents[2]


def test_both_pages_match_the_committed_results():
    for page, text in pages(ROOT).items():
        assert page.read_text(encoding="utf-8") == text, page


def test_the_readme_has_what_has_a_goal_and_the_page_has_all():
    short, long = results_table(only_goals=True), results_table()
    assert set(short.splitlines()) < set(long.splitlines())
    assert short.count("met |") == long.count("met |") > 0
    assert short.count("**missed**") == long.count("**missed**")


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
