import argparse
import json

import pytest

from neural_brain.benchmarks.nav_floors import run

pytestmark = pytest.mark.gl


def test_a_small_run_tells_two_homes_apart(tmp_path):
    out = tmp_path / "floors.json"
    args = argparse.Namespace(homes=2, seconds=9.0, scans=2, out=str(out))
    found, others, decided, cost = run(args)
    assert found.n == others.n == decided.n == 2
    assert found.value == decided.value == 1.0
    assert others.value == 0.0
    assert cost.value > 0.0
    assert json.loads(out.read_text())["benchmark"] == "nav-floors"
