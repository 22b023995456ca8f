"""Curves of result files as Markdown."""

from neural_brain.benchmarks.curve_table import curve_tables


def test_only_curves_become_tables() -> None:
    result = {
        "benchmark": "some",
        "metrics": [{"name": "x"}],
        "speed_curve": [
            {"k": 0.0, "safe": 0.9123, "n": 20},
            {"k": 2e5, "safe": 1.0, "n": 20},
        ],
        "curve": [],
    }
    tables = curve_tables(result)
    assert list(tables) == ["speed_curve"]
    assert tables["speed_curve"].splitlines() == [
        "| k | safe | n |",
        "| --- | --- | --- |",
        "| 0 | 0.912 | 20 |",
        "| 200000 | 1 | 20 |",
    ]
