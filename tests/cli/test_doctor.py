"""The doctor: true findings, remedies, and an exit code that scripts can use."""

import argparse
import json
import os

import pytest

from neural_brain.cli import doctor, machine
from neural_brain.cli.machine import MISSING, NOTE, OK, Finding


def run_doctor(*checks, as_json=False, monkeypatch):
    monkeypatch.setattr(doctor, "CHECKS", checks)
    return doctor.run(argparse.Namespace(json=as_json))


def good():
    return Finding(name="good", state=OK, text="all is well")


def lacking():
    return Finding(name="lacking", state=NOTE, text="slow", remedy="make it fast")


def broken():
    return Finding(name="broken", state=MISSING, text="not there", remedy="get it")


def test_notes_do_not_fail(monkeypatch, capsys):
    assert run_doctor(good, lacking, monkeypatch=monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ok", "good:", "all", "is", "well"]
    assert lines[2].strip() == "make it fast"


def test_something_missing_fails(monkeypatch):
    assert run_doctor(good, broken, monkeypatch=monkeypatch) == 1


def test_json_can_be_read_by_programs(monkeypatch, capsys):
    run_doctor(good, broken, as_json=True, monkeypatch=monkeypatch)
    findings = json.loads(capsys.readouterr().out)
    assert findings[1] == {
        "name": "broken",
        "state": "missing",
        "text": "not there",
        "remedy": "get it",
    }


@pytest.mark.parametrize("check", machine.CHECKS, ids=lambda check: check.__name__)
def test_every_check_runs_here_and_has_a_remedy_for_what_it_finds(check):
    finding = check()
    assert finding.state in (OK, NOTE, MISSING)
    assert bool(finding.remedy) == (finding.state != OK)


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setitem(machine._CORE, "no_such_module", "no-such-package")
    finding = machine.check_packages()
    assert finding.state == MISSING
    assert "no-such-package" in finding.text


@pytest.mark.gl
def test_no_graphics_is_told_with_the_packages_to_install(monkeypatch):
    """A display server name that leads nowhere stands for a machine without GL."""
    monkeypatch.setattr(machine, "_DRAW", "raise SystemExit(1)")
    finding = machine.check_gl()
    assert finding.state == MISSING
    assert "libegl1" in finding.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_access_is_found(monkeypatch, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(locked))
    assert machine.check_places().state == MISSING


def test_a_cache_that_cannot_be_made_is_found(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEURAL_BRAIN_CACHE", str(tmp_path / "file"))
    finding = machine.check_places()
    assert finding.state == MISSING
    assert "NEURAL_BRAIN_CACHE" in finding.remedy


def test_a_full_disk_is_found(monkeypatch):
    usage = machine.shutil._ntuple_diskusage(10**12, 10**12, 10**6)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda place: usage)
    assert machine.check_disk().state == MISSING
