"""`neural-brain dataset` says what is missing; the rest is in test_lerobot_tools.py."""

import sys

import pytest

from neural_brain.cli.main import main


def test_without_lerobot_the_extra_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "lerobot", None)
    assert main(["dataset", "run.mcap", "--to", str(tmp_path / "set")]) == 2
    assert "neural_brain[lerobot]" in capsys.readouterr().err
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    "words", [["--fps", "0"], ["--oldest", "nan"], ["--seed", "x"]]
)
def test_wrong_numbers_are_refused_with_the_range(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["dataset", "run.mcap", "--to", "set", *words])
    assert caught.value.code == 2
    assert "Choose one of these" in capsys.readouterr().err
