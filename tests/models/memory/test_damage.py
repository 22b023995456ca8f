"""Whatever happens to the file: the last whole state, or a fresh start that is told."""

import os
import resource
import signal
import sqlite3
import time

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory import MemoryStore, check_file
from neural_brain.models.signals import Event

# half a minute; set NEURAL_BRAIN_KILLS=15 for a short version
KILLS = int(os.environ.get("NEURAL_BRAIN_KILLS", "200"))


@pytest.fixture
def saved(tmp_path, make_snapshot):
    path = tmp_path / "home.db"
    with MemoryStore(path) as store:
        for n in range(1, 4):
            store.save_map(make_snapshot(n), float(n))
    return path


def assert_whole(loaded, wanted):
    """That a map is the one that was saved, every number of it."""
    assert loaded.data == wanted.data
    assert loaded.arrays.keys() == wanted.arrays.keys()
    for name, array in wanted.arrays.items():
        assert np.array_equal(loaded.arrays[name], array)


def in_child(work):
    """Run `work` in a forked process; returns its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except MapFileError:
            os._exit(3)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return pid


def save_for_ever(path, make_snapshot, start, pipe):
    store = MemoryStore(path)
    n = start
    while True:
        n += 1
        store.save_map(make_snapshot(n), float(n))
        os.write(pipe, n.to_bytes(4, "little"))


def test_killed_while_saving_the_last_committed_map_opens(tmp_path, make_snapshot):
    path = tmp_path / "home.db"
    rng = np.random.default_rng(11)
    number = 0
    for _ in range(KILLS):
        read, write = os.pipe()
        pid = in_child(
            lambda w=write, n=number: save_for_ever(path, make_snapshot, n, w)
        )
        os.close(write)
        told = b""
        for _ in range(int(rng.integers(0, 4)) if number else 1):
            told += os.read(read, 4)  # so many saves are promised before the kill
        time.sleep(float(rng.uniform(0.0, 0.02)))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        while part := os.read(read, 65536):
            told += part
        os.close(read)
        promised = int.from_bytes(told[-4:], "little") if told else number
        with MemoryStore(path) as store:
            assert store.messages == []
            loaded = store.load_map()
        if loaded is None:
            assert promised == 0
            continue
        number = loaded.data["number"]
        assert number >= promised
        assert_whole(loaded, make_snapshot(number))
    assert number > 0


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_put_aside_and_told(saved, make_snapshot, share):
    size = int(saved.stat().st_size * share)
    with saved.open("r+b") as file:
        file.truncate(size)
    with MemoryStore(saved) as store:
        assert store.load_map() is None
        told = list(store.messages)
        store.save_map(make_snapshot(9), 9.0)
    assert len(told) == (size > 0)  # a file of no bytes is a new one
    assert all("put aside" in message for message in told)
    assert saved.with_name("home.db.damaged-1").exists() is (size > 0)
    assert check_file(saved).problems == ()
    with MemoryStore(saved) as store:
        assert_whole(store.load_map(), make_snapshot(9))


def test_a_log_that_is_cut_anywhere_opens_a_committed_generation(
    tmp_path, make_snapshot
):
    """What lies in the write-ahead log when the machine stops may be there in part."""
    path, cut = tmp_path / "home.db", tmp_path / "cut.db"
    with MemoryStore(path) as store:
        for n in range(1, 4):
            store.save_map(make_snapshot(n), float(n))
        whole = path.read_bytes()
        log = path.with_name("home.db-wal").read_bytes()
    opened = []
    for share in np.linspace(0.0, 1.0, 25):
        for old in tmp_path.glob("cut.db*"):
            old.unlink()
        cut.write_bytes(whole)
        cut.with_name("cut.db-wal").write_bytes(log[: int(share * len(log))])
        with MemoryStore(cut) as store:
            assert store.messages == []
            loaded = store.load_map()
        opened.append(0 if loaded is None else loaded.data["number"])
        if loaded is not None:
            assert_whole(loaded, make_snapshot(opened[-1]))
    assert opened == sorted(opened) and set(opened) == {0, 1, 2, 3}


def test_a_file_of_rubbish_is_put_aside(tmp_path, make_snapshot):
    path = tmp_path / "home.db"
    for k in (1, 2):
        path.write_bytes(b"this was a shopping list" * 100)
        with MemoryStore(path) as store:
            assert "does not begin as an SQLite file" in store.messages[0]
            store.save_map(make_snapshot(k), float(k))
        assert path.with_name(f"home.db.damaged-{k}").exists()


def test_flipped_bits_never_give_a_wrong_map(saved, make_snapshot):
    whole = saved.read_bytes()
    rng = np.random.default_rng(4)
    truth = {n: make_snapshot(n) for n in range(1, 4)}
    for place in rng.integers(0, len(whole), 60):
        for companion in saved.parent.iterdir():
            companion.unlink()
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(0, 8))
        saved.write_bytes(damaged)
        try:
            with MemoryStore(saved) as store:
                loaded = store.load_map()
                told = list(store.messages)
        except MapFileError:  # the flip made it look foreign: nothing is touched
            assert saved.read_bytes() == damaged
            continue
        if loaded is None:
            assert told
            continue
        assert_whole(loaded, truth[loaded.data["number"]])
        if loaded.data["number"] != 3:
            assert told


def test_a_damaged_generation_gives_way_to_the_one_before(saved):
    connection = sqlite3.connect(saved)
    with connection:
        connection.execute(
            "UPDATE arrays SET data = zeroblob(100) WHERE generation = 3"
        )
    connection.close()
    assert len(check_file(saved).problems) == 1
    with MemoryStore(saved) as store:
        assert store.load_map().data["number"] == 2
        assert "generation 3" in store.messages[0]


@pytest.mark.parametrize("pragma", ["user_version = 99", "application_id = 7"])
def test_a_foreign_or_newer_file_is_not_touched(saved, pragma):
    connection = sqlite3.connect(saved)
    connection.execute(f"PRAGMA {pragma}")
    connection.close()
    before = saved.read_bytes()
    with pytest.raises(MapFileError, match="another name"):
        MemoryStore(saved)
    with pytest.raises(MapFileError):
        check_file(saved)
    assert saved.read_bytes() == before


def test_a_full_disk_is_told_and_the_old_map_stays(saved, make_snapshot):
    def fill():
        limit = saved.stat().st_size + 60_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        store = MemoryStore(saved)
        for n in range(4, 40):
            store.save_map(make_snapshot(n, 400), float(n))

    _, status = os.waitpid(in_child(fill), 0)
    assert os.waitstatus_to_exitcode(status) == 3  # MapFileError, not a crash
    with MemoryStore(saved) as store:
        assert store.messages == []
        assert store.load_map().data["number"] >= 3


@pytest.mark.parametrize("seed", range(5))
def test_wherever_the_disk_fills_up_the_robot_goes_on(saved, make_snapshot, seed):
    """Saves fail and are told, the diary waits, and is written once there is room."""
    room = int(np.random.default_rng(seed).integers(0, 400_000))

    def fill():
        store = MemoryStore(saved)
        limit = saved.stat().st_size + room
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        refused = 0
        for n in range(4, 24):
            store.add_events([_event(float(20 * n), "x" * 2000)])
            try:
                store.save_map(make_snapshot(n, 400), float(n))
            except MapFileError:
                refused += 1
        assert refused > 0
        infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_FSIZE, infinite)
        store.add_events([_event(1000.0, "there is room again")])
        store.save_map(make_snapshot(24, 400), 24.0)
        store.close()

    _, status = os.waitpid(in_child(fill), 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert check_file(saved).problems == ()
    with MemoryStore(saved) as store:
        assert store.messages == []
        assert store.load_map().data["number"] == 24
        stamps = [event.stamp for event in store.events()]
    assert stamps == [*(20.0 * np.arange(4, 24)), 1000.0]


def _event(stamp, text):
    return Event(stamp=stamp, source="maps", kind="test", text=text, data={})


@pytest.mark.parametrize("place", ["/proc/none/home.db", "/dev/null/home.db"])
def test_a_folder_that_cannot_be_written_is_told(place):
    with pytest.raises(MapFileError, match="Choose a"):
        MemoryStore(place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(MapFileError, match="Choose a folder that you may write to"):
        MemoryStore(tmp_path / "home.db")


def test_a_folder_instead_of_a_file_is_told(tmp_path):
    with pytest.raises(MapFileError, match="is a folder"):
        MemoryStore(tmp_path)


def test_checking_a_missing_file_is_told(tmp_path):
    with pytest.raises(MapFileError, match="There is no memory file"):
        check_file(tmp_path / "none.db")
