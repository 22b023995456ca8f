"""What is compiled is kept for its sources, and takes plain arrays only."""

import os
import subprocess
import sys

import numpy as np
import pytest

from neural_brain.models.kernels import compiled
from neural_brain.models.kernels.anchor import vector_of

STATS = (
    "from neural_brain.models.kernels.room import travel as f;"
    "print(sum(f.stats.cache_hits.values()), sum(f.stats.cache_misses.values()))"
)


@pytest.mark.parametrize("bad", [np.zeros((3, 3), np.float32), np.zeros(3), None])
def test_another_type_is_refused_at_once(bad):
    """It must not compile for seconds in the middle of the loop."""
    with pytest.raises(TypeError):
        vector_of(bad)


@pytest.mark.parametrize("line", ["kernels.low import f", "kernels import other, low"])
def test_a_change_in_what_a_file_imports_counts(tmp_path, monkeypatch, line):
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "compiled.py"))
    top, low = tmp_path / "top.py", tmp_path / "low.py"
    top.write_text(f"from neural_brain.models.{line}\n")
    found = set()
    for text in ("1", "2"):
        low.write_text(text)
        compiled._digest.cache_clear()
        found.add(compiled._digest(str(top)))
    compiled._digest.cache_clear()
    assert len(found) == 2


def test_where_nothing_can_be_written_every_start_compiles(monkeypatch):
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", "/proc/nowhere")
    assert compiled._folder(vector_of.py_func) == ""


def start(cache):
    env = {**os.environ, "NEURAL_BRAIN_CACHE": str(cache)}
    command = [sys.executable, "-c", STATS]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_second_start_compiles_nothing(tmp_path):
    assert start(tmp_path) == ["0", "1"]
    assert start(tmp_path) == ["1", "0"]
