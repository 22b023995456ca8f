"""Repair: what can be read is saved, the rest is named, the original is kept."""

import sqlite3

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory import MemoryStore, check_file, repair_file
from neural_brain.models.signals import Event

EVENTS = 300


@pytest.fixture
def saved(tmp_path, make_snapshot):
    path = tmp_path / "home.db"
    with MemoryStore(path) as store:
        store.add_events(
            Event(stamp=float(k), source="test", kind="tick", text=f"tick {k}", data={})
            for k in range(EVENTS)
        )
        for n in range(1, 4):
            store.save_map(make_snapshot(n), float(n))
    return path


def newest_number(path):
    with MemoryStore(path) as store:
        assert store.messages == []
        return store.load_map().data["number"]


def test_a_whole_file_loses_nothing(saved, tmp_path):
    before = saved.read_bytes()
    report = repair_file(saved, tmp_path / "new.db")
    assert (report.generations, report.events, report.lost) == (3, EVENTS, ())
    assert saved.read_bytes() == before
    assert report.aside is None
    assert check_file(tmp_path / "new.db").problems == ()
    assert newest_number(tmp_path / "new.db") == 3


def test_a_damaged_generation_is_named_and_the_one_before_stays(saved):
    with sqlite3.connect(saved) as connection:
        connection.execute("UPDATE arrays SET data = zeroblob(9) WHERE generation = 3")
    connection.close()
    damaged = saved.read_bytes()
    report = repair_file(saved)
    assert report.generations == 2
    assert any("generation 3" in loss for loss in report.lost)
    assert report.aside.read_bytes() == damaged
    assert check_file(saved).problems == ()
    assert newest_number(saved) == 2


def test_damaged_events_are_counted(saved, tmp_path):
    with sqlite3.connect(saved) as connection:
        connection.execute("UPDATE events SET text = 'other' WHERE id <= 7")
    connection.close()
    report = repair_file(saved, tmp_path / "new.db")
    assert report.events == EVENTS - 7
    assert report.lost == ("7 events could not be read",)


def test_wrong_first_bytes_are_mended(saved, tmp_path):
    data = bytearray(saved.read_bytes())
    data[:10] = bytes(10)
    saved.write_bytes(data)
    report = repair_file(saved, tmp_path / "new.db")
    assert report.generations == 3
    assert "first bytes" in report.lost[0]


@pytest.mark.parametrize("seed", range(8))
def test_any_damage_gives_a_whole_file_or_an_untouched_original(saved, seed):
    rng = np.random.default_rng(seed)
    data = bytearray(saved.read_bytes())
    start = int(rng.integers(100, len(data) - 5000))
    data[start : start + 5000] = rng.bytes(5000)
    if seed % 4 == 0:
        data = data[: len(data) // 2]
    saved.write_bytes(data)
    try:
        report = repair_file(saved)
    except MapFileError:
        assert saved.read_bytes() == bytes(data)
        assert [p.name for p in saved.parent.iterdir() if p.name[0] == "."] == []
        return
    assert report.aside.read_bytes() == bytes(data)
    assert check_file(saved).problems == ()
    assert report.lost


def test_what_holds_nothing_is_refused_and_left_alone(tmp_path, saved):
    rubbish = tmp_path / "list.txt"
    rubbish.write_text("milk, bread" * 100)
    with pytest.raises(MapFileError):
        repair_file(rubbish)
    assert rubbish.read_text().startswith("milk")
    with pytest.raises(MapFileError, match="exists already"):
        repair_file(saved, rubbish)
    with pytest.raises(MapFileError, match="no memory file"):
        repair_file(tmp_path / "none.db")


def test_a_file_of_another_program_is_refused(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE events (id INTEGER)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(MapFileError, match="another program"):
        repair_file(path)
    assert path.read_bytes() == before
