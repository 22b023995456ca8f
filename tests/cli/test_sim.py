"""`neural-brain sim`: goals typed into the terminal, the map saved at the end."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from neural_brain.cli.main import main
from neural_brain.cli.terminal import Interrupt, TypedLines, diary_line, is_news
from neural_brain.models.memory import read_diary, read_map
from neural_brain.models.signals import Event

ROOT = Path(__file__).resolve().parents[2]
FAST = ("--small", "--seed", "3", "--no-view", "--speed", "0")


def sim(*words, cwd, typed="", wait=True):
    """Run `neural-brain sim` in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "neural_brain", "sim", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if not wait:
        return process
    out, err = process.communicate(typed, timeout=120)
    return process.returncode, out, err


def test_describe_says_what_is_where_and_runs_nothing(capsys):
    assert main(["sim", "--small", "--seed", "3", "--describe"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Home 3: 3 rooms")
    assert "In the kitchen" in told


def test_the_split_chooses_the_home(capsys):
    main(["sim", "--small", "--split", "test", "--describe"])
    assert capsys.readouterr().out.startswith("Home 10000:")


@pytest.mark.gl
def test_picture_shows_the_home(tmp_path, capsys):
    import cv2

    path = tmp_path / "deep" / "home.png"
    assert main(["sim", *FAST, "--describe", "--picture", str(path)]) == 0
    assert f"Picture: {path}" in capsys.readouterr().out
    assert np.std(cv2.imread(str(path))) > 20.0


@pytest.mark.gl
@pytest.mark.slow
def test_typed_goals_are_answered_and_the_map_is_saved(tmp_path, capsys):
    memory = tmp_path / "memory.sqlite"
    typed = "press the flurb\nexplore"  # the last line has no end
    code, out, err = sim(
        *FAST, "--seconds", 2, "--memory", memory, cwd=tmp_path, typed=typed
    )
    assert code == 0, err
    told = " ".join(out.split())
    assert "I do not know 'flurb'" in told
    assert "I will explore." in told
    assert f"Saved: {memory}" in out
    assert main(["map", "check", str(memory)]) == 0
    assert "1 of 1 map generations whole" in capsys.readouterr().out
    first = [event.stamp for event in read_diary(memory)]
    code, _, err = sim(
        *FAST, "--seconds", 1, "--memory", memory, cwd=tmp_path, typed="explore"
    )
    assert code == 0, err
    later = [event.stamp for event in read_diary(memory)][len(first) :]
    assert later and max(first) < min(later) < max(first) + 5.0
    (seen,) = read_map(memory).data["landmarks"][:1] or [{"last_seen": 0.0}]
    assert seen["last_seen"] < read_map(memory).stamp > max(first)


@pytest.mark.gl
@pytest.mark.slow
def test_interrupt_saves_the_map(tmp_path):
    memory = tmp_path / "memory.sqlite"
    process = sim(*FAST, "--memory", memory, cwd=tmp_path, wait=False)
    process.stdin.write("explore\n")
    process.stdin.flush()
    for line in process.stdout:
        if "my goal: explore" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert f"Saved: {memory}" in out


@pytest.mark.gl
def test_quit_ends_the_run(monkeypatch, tmp_path):
    lines = tmp_path / "typed.txt"
    lines.write_text("e-stop\nreset\nquit\n")
    with lines.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert main(["sim", *FAST]) == 0


def test_lines_are_read_when_complete(monkeypatch):
    reading, writing = os.pipe()
    with os.fdopen(reading) as file:
        monkeypatch.setattr(sys, "stdin", file)
        typed = TypedLines()
        assert typed.read() == []
        os.write(writing, b"go to the")
        assert typed.read() == []
        os.write(writing, b" kitchen \n\nst")
        assert typed.read() == ["go to the kitchen"]
        os.write(writing, b"op")
        os.close(writing)
        assert typed.read() == ["stop"]
        assert typed.read() == []


def test_no_terminal_means_no_lines(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("explore\n"))
    assert TypedLines().read() == []


def test_the_first_interrupt_is_a_flag_the_second_ends_all():
    woken = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with Interrupt(lambda: woken.append(1)) as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.is_set
        assert woken == [1]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


def test_diary_lines_are_wrapped_beside_time_and_source(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    event = Event(stamp=12.34, source="executive", kind="reply", text="word " * 30)
    first, *rest = diary_line(event).splitlines()
    assert first.startswith("   12.3 s  executive  word")
    assert rest
    assert all(line.startswith(" " * 22 + "word") for line in rest)


def test_new_landmarks_are_not_news():
    found = Event(stamp=0.0, source="maps", kind="landmark", text="a red mug")
    lost = Event(stamp=0.0, source="maps", kind="lost", text="where am I?")
    assert not is_news(found)
    assert is_news(lost)
