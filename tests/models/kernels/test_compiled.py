"""What is compiled is kept for its sources, and takes plain arrays only."""

import os
import subprocess
import sys

import numpy as np
import pytest

from neural_brain.models.kernels import compiled
from neural_brain.models.kernels.anchor import vector_of
from neural_brain.models.kernels.last_word import keep_finite
from neural_brain.models.kernels.ring import NEXT, write_row

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


def begin(cache):
    env = {**os.environ, "NEURAL_BRAIN_CACHE": str(cache)}
    command = [sys.executable, "-c", STATS]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=env, **pipes)


def end(process):
    """Hits and misses of the cache, and whether it said that it compiles."""
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out.split(), "compiles" in err


def test_the_second_start_compiles_nothing_and_says_nothing(tmp_path):
    assert end(begin(tmp_path)) == (["0", "1"], True)
    assert end(begin(tmp_path)) == (["1", "0"], False)


def test_of_two_that_start_together_one_compiles_and_the_other_waits(tmp_path):
    together = [begin(tmp_path), begin(tmp_path)]
    found = sorted(end(process)[0] for process in together)
    assert found == [["0", "1"], ["1", "0"]]


def test_a_row_that_does_not_fit_is_not_written():
    rows, head = np.zeros((2, 12)), np.zeros(7)
    three, two = np.ones(3), np.ones(2)
    write_row(rows, head, two, two, two)
    assert head[NEXT] == 1.0
    with pytest.raises(ValueError, match="fill a row"):
        write_row(rows, head, two, two, three)
    assert head[NEXT] == 1.0 and not rows[1].any()


def test_too_many_values_are_not_kept():
    kept = np.zeros(4)
    keep_finite(kept[:2], np.ones(4))
    assert not kept.any()
    keep_finite(kept[:2], np.ones(2))
    assert kept.tolist() == [1.0, 1.0, 0.0, 0.0]
