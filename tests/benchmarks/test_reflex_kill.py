"""The kill benchmark: what it makes of the drill's lines, and of its failure."""

import json
import sys
from types import SimpleNamespace

import pytest

from neural_brain.benchmarks import reflex_kill
from neural_brain.models.errors import SimulationError

LINES = [
    {"killed": "fast process", "hold_s": 0.055},
    {"killed": "commanding side", "hold_s": 0.131},
    {"killed": "fast process", "hold_s": 0.155},
    {"killed": "commanding side", "hold_s": 0.133},
]


def drilled(tmp_path, monkeypatch, ending=0):
    """A drill in whose place a script prints the lines and ends so."""
    text = "\n".join(json.dumps(line) for line in LINES)
    script = tmp_path / "drill"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {ending}\n")
    script.chmod(0o755)
    monkeypatch.setattr(reflex_kill.sys, "executable", str(script))
    monkeypatch.setattr(sys, "argv", ["neural-brain", "bench", "reflex-kill"])


def test_each_side_has_its_median_and_its_longest_time(tmp_path, monkeypatch, capsys):
    drilled(tmp_path, monkeypatch)
    args = SimpleNamespace(kills=2, out=str(tmp_path / "kill.json"))
    rows = {metric.name: metric for metric in reflex_kill.run(args)}
    assert rows["fast process killed: to HOLD, median"].value == pytest.approx(105.0)
    assert rows["fast process killed: to HOLD, longest"].met is False
    longest = rows["commanding side killed: to HOLD, longest"]
    assert longest.value == pytest.approx(133.0)
    assert longest.met
    assert json.loads((tmp_path / "kill.json").read_text())["benchmark"]


def test_a_drill_that_fails_is_no_result(tmp_path, monkeypatch):
    drilled(tmp_path, monkeypatch, ending=2)
    with pytest.raises(SimulationError, match="ended with 2"):
        reflex_kill.drill(2)
