"""Wrong input to `sim` and to shared options: what is wrong, what is allowed, exit 2.

Mistakes with the other commands are in `test_mistakes.py`.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from neural_brain.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
SIM = ("sim", "--small", "--speed", "0", "--seconds", "0.1")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sim --seed three", "'three' is not a whole number from 0 to 9999"),
        ("sim --seed -1", "'-1' is not a whole number from 0 to 9999"),
        ("sim --seed 10000", "'10000' is not a whole number from 0 to 9999"),
        ("sim --port 0", "'0' is not a whole number from 1 to 65535"),
        ("demo --port 99999", "'99999' is not a whole number from 1 to 65535"),
        ("sim --speed -1", "'-1' is not a number from 0 to 100"),
        ("demo --speed nan", "'nan' is not a number from 0 to 100"),
        ("sim --seconds soon", "'soon' is not a number"),
        ("sim --split train", "invalid choice: 'train'"),
    ],
)
def test_numbers_and_choices_name_the_allowed_ones(words, expected, capsys):
    with pytest.raises(SystemExit) as end:
        main(words.split())
    assert end.value.code == 2
    assert expected in capsys.readouterr().err


def refused(words, capsys):
    """The message of a refusal, on one line."""
    assert main([str(word) for word in words]) == 2
    message = capsys.readouterr().err.strip()
    assert "\n\n" not in message
    return " ".join(message.split())


def test_memory_below_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "memory.sqlite"
    message = refused([*SIM, "--no-view", "--oracle", "--memory", path], capsys)
    assert "not a folder" in message


def test_memory_that_is_a_folder_is_refused(tmp_path, capsys):
    message = refused([*SIM, "--no-view", "--oracle", "--memory", tmp_path], capsys)
    assert "is a folder. Give the path of a file" in message


@pytest.mark.gl
def test_picture_below_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "home.png"
    message = refused([*SIM, "--describe", "--picture", path], capsys)
    assert "not a folder" in message


def test_weights_that_are_missing_are_named(tmp_path, capsys):
    config = tmp_path / "my.yaml"
    config.write_text("world: {weights: /nowhere/world.safetensors}")
    message = refused([*SIM, "--no-view", "--oracle", "--config", config], capsys)
    assert "/nowhere/world" in message
    assert "neural-brain train world" in message


def test_a_misspelt_parameter_gets_the_nearest_name(tmp_path, capsys):
    config = tmp_path / "my.yaml"
    config.write_text("fast: {reflex: {force: {limit: 50}}}")
    message = refused([*SIM, "--no-view", "--oracle", "--config", config], capsys)
    assert "'fast.reflex.force.limit'" in message
    assert "Did you mean 'limit_n'?" in message


@pytest.mark.gl
def test_port_in_use_is_refused(capsys):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        message = refused([*SIM, "--oracle", "--port", port], capsys)
    assert f"Port {port}" in message
    assert "--no-view" in message


def test_an_unknown_graphics_back_end_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "neural_brain", "sim", "--small", "--describe"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MUJOCO_GL": "crayons"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    message = " ".join(done.stderr.split())
    assert "MUJOCO_GL: crayons" in message
    assert "unset MUJOCO_GL" in message
