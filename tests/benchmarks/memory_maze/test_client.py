"""Nothing from the worker is believed unchecked, and its death is told clearly."""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from neural_brain.benchmarks.memory_maze import environment
from neural_brain.benchmarks.memory_maze.client import (
    MazeProcess,
    own_environment,
    read_answer,
)
from neural_brain.models.errors import SimulationError


def answer(**changes):
    image = np.zeros((64, 64, 3), np.uint8)
    good = {
        "reward": 1.0,
        "done": False,
        "shape": [64, 64, 3],
        "image": base64.b64encode(image.tobytes()).decode(),
        "extra": {
            "agent_pos": [1.5, 2.5],
            "agent_dir": [0.0, 1.0],
            "targets_pos": [[0.5, 0.5]] * 3,
            "maze_layout": np.ones((9, 9), int).tolist(),
        },
    }
    extra = good["extra"] | changes.pop("extra", {})
    return json.dumps(good | {"extra": extra} | changes)


def test_a_good_answer_becomes_metres():
    frame = read_answer(answer(), maze="9x9", extra=True)
    np.testing.assert_allclose(frame.truth.pose, [3.0, 5.0, np.pi / 2])
    assert frame.image.shape == (64, 64, 3) and frame.reward == 1.0


def test_extra_observations_are_dropped_unless_asked_for():
    assert read_answer(answer(), maze="9x9", extra=False).truth is None


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"shape": [64, 64, 4]}, "image"),
        ({"image": "AAAA"}, "image"),
        ({"image": "not base64!"}, "line"),
        ({"reward": 7.0}, "reward"),
        ({"reward": None}, "reward"),
        ({"done": "no"}, "done"),
        ({"extra": {"agent_pos": [float("nan"), 1.0]}}, "agent_pos"),
        ({"extra": {"agent_pos": [1.0]}}, "agent_pos"),
        ({"extra": {"agent_dir": "north"}}, "agent_dir"),
        ({"extra": {"targets_pos": [[0.5, 0.5]]}}, "targets_pos"),
        ({"extra": {"maze_layout": [[9]]}}, "maze_layout"),
        ({"extra": {"agent_pos": [1e9, 1.0]}}, "agent_pos"),
    ],
)
def test_nonsense_is_named(changes, name):
    with pytest.raises(SimulationError, match=f"{name} = .*expected"):
        read_answer(answer(**changes), maze="9x9", extra=True)


@pytest.mark.parametrize("line", ["", "[]", "{", "null", '{"shape": 1}'])
def test_a_line_that_is_no_answer_is_refused(line):
    with pytest.raises(SimulationError, match="line = "):
        read_answer(line, maze="9x9", extra=False)


def test_a_python_without_the_environment_is_told():
    maze = MazeProcess(Path(sys.executable), "9x9", 0, extra=False, silence_s=60.0)
    try:
        with pytest.raises(SimulationError, match=r"ended with code 1 .*gym"):
            maze.reset()
    finally:
        maze.close()
        maze.close()


def test_a_maze_or_an_action_that_does_not_exist_is_refused():
    with pytest.raises(SimulationError, match="allowed: 9x9, 11x11"):
        MazeProcess(Path(sys.executable), "7x7", 0, extra=False)
    maze = MazeProcess(Path(sys.executable), "9x9", 0, extra=False)
    try:
        with pytest.raises(SimulationError, match="action = 6; allowed: 0 to 5"):
            maze.step(6)
    finally:
        maze.close()


def test_a_missing_environment_says_what_to_type(monkeypatch, tmp_path):
    monkeypatch.delenv(environment.VARIABLE, raising=False)
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    with pytest.raises(SimulationError, match="bench memory-maze --setup"):
        environment.need_python()
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "none"))
    with pytest.raises(SimulationError, match="none"):
        environment.need_python()


def test_the_worker_gets_none_of_our_library_paths(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "here")
    monkeypatch.setenv("LD_LIBRARY_PATH", "there")
    assert not {"PYTHONPATH", "LD_LIBRARY_PATH"} & set(own_environment())
