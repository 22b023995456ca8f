"""Mistakes that users make: one paragraph, the remedy, exit code 2, no traceback."""

import ctypes.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from neural_brain.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("demo", "--small", "--oracle")


@pytest.fixture
def refusal(tmp_path, monkeypatch, capsys):
    """Runs a command line here and returns the message with which it is refused."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = main([str(word) for word in words])
        return message_of(code, capsys.readouterr().err)

    return run


def message_of(code, told):
    """The message of a refusal, on one line."""
    assert code == 2, told
    assert "Traceback" not in told
    assert "\n\n" not in told.strip(), "more than one paragraph"
    return " ".join(told.split())


def call(*words, cwd, **environment):
    """Run `neural-brain WORDS` in a process of its own; its refusal."""
    done = subprocess.run(
        [sys.executable, "-m", "neural_brain", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=200,
    )
    return message_of(done.returncode, done.stderr)


def test_unknown_goal_words_are_asked_back(refusal):
    message = refusal("demo", "--goal", "pres the redd mug")
    assert "'pres'" in message
    assert "Did you mean: 'press the red mug'?" in message


def test_words_that_are_no_goal_get_examples(refusal):
    assert "press the red mug" in refusal("demo", "--goal", "hello")


def test_a_question_is_nothing_to_do(refusal):
    assert "is a question" in refusal("demo", "--goal", "where is the red mug?")


def config_file(folder, text):
    path = folder / "brain.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rates: {motion_herz: 20}", "Did you mean 'motion_hz'?"),
        ("rates: {motion_hz: 400}", "allowed [5.0, 50.0]"),
        ("rates: {motion_hz: fast}", "expected a float"),
        ("rates: [1, 2", "not valid YAML"),
        ("- 1", "section"),
    ],
    ids=["unknown key", "out of range", "wrong type", "no YAML", "no section"],
)
def test_wrong_configuration_is_refused(text, expected, tmp_path, refusal):
    path = config_file(tmp_path, text)
    assert expected in refusal(*SMALL, "--no-view", "--config", path)


def test_missing_configuration_is_refused(refusal):
    message = refusal(*SMALL, "--no-view", "--config", "none.yaml")
    assert "Give the path of an existing YAML file" in message


def test_missing_model_file_is_named(tmp_path, refusal):
    path = config_file(tmp_path, "world: {weights: /nowhere/world.safetensors}")
    message = refusal(*SMALL, "--no-view", "--config", path)
    assert "/nowhere/world" in message
    assert "neural-brain train world" in message


def test_folder_without_write_access_is_refused(refusal):
    assert "--to" in refusal(*SMALL, "--no-view", "--to", "/proc/brain")


def test_unknown_home_is_refused(refusal):
    assert "numbered 0 to" in refusal(*SMALL, "--no-view", "--seed", "-1")


@pytest.mark.gl
def test_port_in_use_is_refused_with_the_option_to_change_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        message = call(*SMALL, "--port", port, cwd=tmp_path)
    assert str(port) in message
    assert "port" in message


@pytest.mark.skipif(
    bool(ctypes.util.find_library("OSMesa")), reason="OSMesa is installed"
)
def test_no_opengl_names_the_packages_to_install(tmp_path):
    """OSMesa is not here: asking for it is what a machine without OpenGL does."""
    message = call(*SMALL, "--no-view", cwd=tmp_path, MUJOCO_GL="osmesa")
    assert "libegl1" in message


def test_unknown_launch_file_is_refused(refusal):
    assert "sim" in refusal("up", "simm")


def test_status_without_a_robot_says_how_to_start_one(tmp_path):
    pytest.importorskip("rclpy")
    words = ("status", "--seconds", "0.2")
    assert "neural-brain up sim" in call(*words, cwd=tmp_path, ROS_DOMAIN_ID="87")


def test_goal_without_a_robot_says_how_to_start_one(tmp_path):
    pytest.importorskip("rclpy")
    words = ("goal", "--timeout", "0.2", "find the sofa")
    assert "neural-brain up sim" in call(*words, cwd=tmp_path, ROS_DOMAIN_ID="87")
