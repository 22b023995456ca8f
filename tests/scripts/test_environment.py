"""The set-up script: what it says when something is missing, and when it may rest."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment():
    """A fresh copy of the script as a module."""
    spec = importlib.util.spec_from_file_location(
        "environment", ROOT / "scripts" / "environment.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_rights_the_one_line_to_type_is_printed(
    environment, monkeypatch, capsys
):
    monkeypatch.setattr(environment, "loads", lambda name: False)
    monkeypatch.setattr(environment, "privileges", lambda: None)
    monkeypatch.setattr(environment.shutil, "which", lambda name: f"/usr/bin/{name}")
    environment.need_system_packages([])
    assert capsys.readouterr().out.splitlines()[-1].strip() == (
        "sudo apt-get install -y --no-install-recommends libegl1 libgl1-mesa-dri"
    )


def test_nothing_is_said_when_nothing_is_missing(environment, monkeypatch, capsys):
    monkeypatch.setattr(environment, "loads", lambda name: True)
    monkeypatch.setattr(environment.shutil, "which", lambda name: f"/usr/bin/{name}")
    environment.need_system_packages(["test"])
    assert capsys.readouterr().out == ""


def test_a_missing_browser_matters_to_tests_only(environment, monkeypatch):
    asked = []
    monkeypatch.setattr(environment, "loads", lambda name: True)
    monkeypatch.setattr(environment, "apt_install", asked.append)
    monkeypatch.setattr(
        environment.shutil, "which", lambda name: None if "chrom" in name else name
    )
    environment.need_system_packages([])
    assert asked == []
    monkeypatch.setattr(
        environment.shutil, "which", lambda name: name if name == "g++" else None
    )
    environment.need_system_packages(["test"])
    assert asked == [["chromium", "cmake", "make"]]


def test_a_library_of_an_extra_matters_with_that_extra_only(environment, monkeypatch):
    asked = []
    monkeypatch.setattr(environment, "loads", lambda name: "usb" not in name)
    monkeypatch.setattr(environment, "apt_install", asked.append)
    monkeypatch.setattr(environment.shutil, "which", lambda name: name)
    environment.need_system_packages(["fleet"])
    assert asked == []
    environment.need_system_packages(["pointcloud"])
    assert asked == [["libusb-1.0-0"]]


def test_an_old_python_is_refused(environment, monkeypatch, capsys):
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as end:
        environment.check_python()
    assert end.value.code == 2
    assert "make PYTHON=python3.12 demo" in capsys.readouterr().err


def test_an_environment_of_another_python_is_refused(environment, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        environment.check_version(tmp_path)
    assert end.value.code == 2
    assert "make clean" in capsys.readouterr().err


def test_a_changed_lock_makes_the_environment_stale(environment, tmp_path):
    lock = tmp_path / "kilted.txt"
    lock.write_text("numpy==2.4.6\n")
    environment.stamp(tmp_path, [lock]).write_text(environment.fingerprint([lock]))
    assert environment.is_current(tmp_path, [lock])
    lock.write_text("numpy==2.4.7\n")
    assert not environment.is_current(tmp_path, [lock])


def test_robot_models_come_without_what_they_depend_on(environment, monkeypatch):
    commands = []
    monkeypatch.setattr(environment, "run", commands.append)
    locks = [environment.REQUIREMENTS / f"{name}.txt" for name in ("kilted", "robots")]
    environment.install(Path("python"), locks, torch_index="")
    others, models, ours = (" ".join(command) for command in commands)
    assert "kilted.txt" in others and "robots.txt" not in others
    assert "--no-deps" not in others
    assert "--no-deps" in models and models.endswith("robots.txt")
    assert ours.endswith(f"-e {ROOT}")


def test_a_ros_of_another_python_is_not_used(environment, monkeypatch, capsys):
    monkeypatch.setenv("ROS_DISTRO", "humble")
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    assert not environment.has_sourced_ros()
    assert "humble" in capsys.readouterr().out
    monkeypatch.delenv("ROS_DISTRO")
    assert not environment.has_sourced_ros()


def test_processors_without_ros_wheels_get_the_core(environment, monkeypatch, capsys):
    monkeypatch.setattr(environment.platform, "machine", lambda: "aarch64")
    assert not environment.has_wheels()
    assert "aarch64" in capsys.readouterr().out


def test_the_script_needs_nothing_but_python():
    done = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "scripts" / "environment.py", "--help"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_make_help_lists_the_two_commands_of_the_readme():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True)
    assert "make demo" in done.stdout
    assert "make test" in done.stdout
