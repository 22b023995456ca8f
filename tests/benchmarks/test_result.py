"""Result files: goals are computed, intervals are honest, files are whole."""

import json

import numpy as np
import pytest

from neural_brain.benchmarks.result import (
    Metric,
    bootstrap_interval,
    mean_metric,
    table,
    write_result,
)


def test_met_is_computed_from_the_goal():
    def met(value, goal):
        row = Metric(name="x", value=value, low=0, high=1, unit="", n=1, goal=goal)
        return row.met

    assert met(0.9, ">= 0.9") is True
    assert met(0.89, ">= 0.9") is False
    assert met(1.0, "< 1") is False
    assert met(1.0, "") is None
    with pytest.raises(ValueError, match="write it like"):
        met(1.0, "about 1")


def test_interval_covers_the_true_mean_about_95_percent():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        low, high = bootstrap_interval(rng.normal(3.0, 1.0, 30), resamples=400)
        hits += low <= 3.0 <= high
    assert 175 <= hits <= 200


def test_file_has_provenance(tmp_path):
    row = mean_metric(
        "success", [1, 1, 0, 1], "", goal=">= 0.5", baseline={"none": 0.1}
    )
    path = write_result("trial", [row], seeds=[1, 2], out=tmp_path / "trial.json")
    content = json.loads(path.read_text())
    assert content["metrics"][0]["met"] is True
    assert content["metrics"][0]["value"] == 0.75
    assert {"commit", "date", "machine", "versions", "command", "seeds"} <= set(content)
    assert not list(tmp_path.glob("*.part"))
    assert "MISSED" not in table([row]) and "baseline" in table([row])


def test_a_folder_takes_the_result_under_its_own_name(tmp_path):
    row = mean_metric("success", [1, 1], "")
    assert write_result("trial", [row], seeds=[1], out=tmp_path).name == "trial.json"
    assert json.loads((tmp_path / "trial.json").read_text())["benchmark"] == "trial"
