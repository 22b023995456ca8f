"""The command line as a user meets it: help, versions, mistakes, exit codes."""

import argparse
import errno
import importlib
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neural_brain.cli import completion, failure, main
from neural_brain.models.errors import NeuralBrainError

ROOT = Path(__file__).resolve().parents[2]
WORDS = [name.replace("_", "-") for name in main.COMMANDS]


def call(*words, **environment):
    """Run `neural-brain WORDS` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "neural_brain", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_help_lists_every_command_and_its_purpose(capsys):
    with pytest.raises(SystemExit) as end:
        main.main(["--help"])
    assert end.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for name in main.COMMANDS:
        assert f"{name.replace('_', '-')} {main.load(name).HELP}" in text


def test_no_command_prints_the_help(capsys):
    assert main.main([]) == 0
    assert "usage: neural-brain" in capsys.readouterr().out


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom neural_brain.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'cv2', 'mujoco', 'torch', 'rclpy', 'viser'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.mark.parametrize("word", WORDS)
def test_every_command_has_help(word, capsys):
    with pytest.raises(SystemExit) as end:
        main.main([word, "--help"])
    assert end.value.code == 0
    assert f"usage: neural-brain {word}" in capsys.readouterr().out


def test_every_command_module_is_listed():
    folder = Path(main.__file__).parent
    having_help = {
        path.stem for path in folder.glob("*.py") if "\nHELP" in path.read_text()
    }
    assert set(main.COMMANDS) == having_help


def test_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit):
        main.main(["--version"])
    assert (
        capsys.readouterr().out.strip()
        == importlib.import_module("neural_brain").__version__
    )


def test_unknown_command_is_refused_with_the_known_ones():
    done = call("flie")
    assert done.returncode == 2
    assert "doctor" in done.stderr
    assert "Traceback" not in done.stderr


class Command:
    """A sub-command that fails in a chosen way."""

    HELP = "fail"
    __doc__ = "Fail."

    def __init__(self, error):
        self.error = error

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """No arguments."""

    def run(self, args):
        raise self.error


def fail_with(error, monkeypatch, *options):
    monkeypatch.setattr(main, "COMMANDS", ("doctor",))
    monkeypatch.setattr(main, "load", lambda name: Command(error))
    return main.main([*options, "doctor"])


def test_an_error_of_ours_is_one_paragraph_and_exit_code_2(monkeypatch, capsys):
    error = NeuralBrainError("rate = 7; allowed [1, 5].\n  Choose a value inside.")
    assert fail_with(error, monkeypatch) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "neural-brain: rate = 7; allowed [1, 5]. Choose a value inside.\n"
    )


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "may write"),
        (errno.EROFS, "read-only"),
        (errno.ENOSPC, "disk is full"),
        (errno.EADDRINUSE, "--port"),
        (errno.ENOENT, "does not exist"),
    ],
)
def test_errors_of_the_system_come_with_a_remedy(number, remedy, monkeypatch, capsys):
    error = OSError(number, os.strerror(number), "/some/place")
    assert fail_with(error, monkeypatch) == 2
    assert remedy in " ".join(capsys.readouterr().err.split())


def test_a_missing_extra_is_named(monkeypatch, capsys):
    error = ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")
    assert fail_with(error, monkeypatch) == 2
    assert "pip install 'neural_brain[learn]'" in capsys.readouterr().err


def test_a_bug_says_how_to_report_it_and_exits_with_1(monkeypatch, capsys):
    assert fail_with(ZeroDivisionError("division by zero"), monkeypatch) == 1
    assert "--traceback" in capsys.readouterr().err


def test_traceback_shows_the_whole_error(monkeypatch):
    with pytest.raises(NeuralBrainError):
        fail_with(NeuralBrainError("no"), monkeypatch, "--traceback")


def test_interrupt_exits_with_130(monkeypatch, capsys):
    assert fail_with(KeyboardInterrupt(), monkeypatch) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_paragraphs_are_wrapped(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    text = failure.paragraph("word " * 50)
    assert max(map(len, text.splitlines())) <= 60
    assert len(text.splitlines()) > 3


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["neural-brain", "doc"], ["doctor"]),
        (["neural-brain", "completion", ""], ["bash", "zsh"]),
        (["neural-brain", "doctor", "--j"], ["--json"]),
        (["neural-brain", "--ver"], ["--version"]),
    ],
)
def test_bash_completes(line, expected):
    assert expected == complete("bash", line)


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_completes(tmp_path):
    """A real interactive zsh at a pseudo terminal, with the Tab key."""
    script = tmp_path / "complete.zsh"
    script.write_text(completion.script("zsh"))
    terminal, inside = pty.openpty()
    zsh = subprocess.Popen(
        ["zsh", "-f", "-i"],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env={**os.environ, "TERM": "dumb", "HOME": str(tmp_path)},
        start_new_session=True,
    )
    try:
        load = f"autoload -U compinit; compinit -u -d {tmp_path}/dump; . {script}"
        os.write(terminal, f'{load}; neural-brain() {{ echo "ran $*."; }}\n'.encode())
        os.write(terminal, b"neural-brain compl\tz\t\n")
        assert read_until("ran completion zsh", terminal)
    finally:
        zsh.kill()
        zsh.wait()
        os.close(inside)
        os.close(terminal)


def read_until(expected, terminal):
    """Whether a text appears on a terminal within ten seconds."""
    seen = ""
    while expected not in seen and select.select([terminal], [], [], 10.0)[0]:
        seen += os.read(terminal, 4096).decode(errors="replace")
    return expected in seen


def complete(shell, line):
    """What the generated script offers for the last word of a line."""
    script = completion.script(shell)
    words = " ".join(f"'{word}'" for word in line)
    code = (
        f"{script}\nCOMP_WORDS=({words}); COMP_CWORD={len(line) - 1}\n"
        "_neural_brain\nprintf '%s\\n' \"${COMPREPLY[@]}\""
    )
    done = subprocess.run([shell, "-c", code], capture_output=True, text=True)
    return [word for word in done.stdout.split("\n") if word.strip()]


def test_help_is_fast():
    """The best of five starts; a loose bound against heavy imports."""
    best = min(timed() for _ in range(5))
    bare = min(timed("-c", "pass") for _ in range(5))
    assert best - bare < 0.3


def timed(*words):
    start = time.perf_counter()
    command = [sys.executable, *(words or ("-m", "neural_brain", "--help"))]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - start
