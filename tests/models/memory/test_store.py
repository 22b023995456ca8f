import sqlite3

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory import (
    MemoryConfig,
    MemoryStore,
    WorkingMemory,
    check_file,
    where_last_seen,
)
from neural_brain.models.signals import Event


def event(t, kind="words", **data):
    return Event(stamp=t, source="maps", kind=kind, text=f"{kind} {t}", data=data)


def test_a_map_comes_back_as_it_was(tmp_path, make_snapshot):
    with MemoryStore(tmp_path / "home.db") as store:
        assert store.load_map() is None
        store.save_map(make_snapshot(5), 5.0)
    with MemoryStore(tmp_path / "home.db") as store:
        loaded = store.load_map()
    wanted = make_snapshot(5)
    assert loaded.data == wanted.data
    assert loaded.stamp == 5.0
    for name, array in wanted.arrays.items():
        assert np.array_equal(loaded.arrays[name], array)
        assert loaded.arrays[name].dtype == array.dtype


def test_only_the_last_generations_are_kept(tmp_path, make_snapshot):
    with MemoryStore(tmp_path / "home.db", MemoryConfig(generations=3)) as store:
        for n in range(6):
            store.save_map(make_snapshot(n), float(n))
        assert len(store.generations()) == 3
        assert store.load_map().data["number"] == 5
        assert store.query("SELECT count(*) FROM arrays")[0][0] == 9


def test_the_map_of_another_place_is_kept(tmp_path, make_snapshot):
    with MemoryStore(
        tmp_path / "home.db", MemoryConfig(generations=2, maps=2)
    ) as store:
        for place in (1, 2, 3):
            for n in range(4):
                snapshot = make_snapshot(10 * place + n)
                snapshot.data["map"] = place
                store.save_map(snapshot, float(n))
        kept = [store.load_generation(k).data["number"] for k in store.generations()]
    assert kept == [33, 32, 23, 22]


def test_the_file_does_not_grow_with_saves(tmp_path, make_snapshot):
    path = tmp_path / "home.db"
    sizes = []
    for _ in range(3):
        with MemoryStore(path) as store:
            for n in range(8):
                store.save_map(make_snapshot(n), float(n))
        sizes.append(path.stat().st_size)
    assert sizes[2] <= 1.3 * sizes[0]


def test_people_can_read_the_tables(tmp_path, make_snapshot):
    path = tmp_path / "home.db"
    with MemoryStore(path) as store:
        store.save_map(make_snapshot(7), 7.0)
    connection = sqlite3.connect(path)
    row = connection.execute(
        "SELECT l.category, l.colour, l.x, r.name FROM landmarks l "
        "JOIN rooms r ON r.id = l.room"
    ).fetchone()
    connection.close()
    assert row == ("mug", "blue", 1.0, "kitchen")


def test_where_did_i_last_see(tmp_path, make_snapshot):
    with MemoryStore(tmp_path / "home.db") as store:
        store.save_map(make_snapshot(3), 3.0)
        gone = event(9.0, "landmark gone", category="ball", colour="red", xyz=[1, 2, 0])
        store.add_events([gone])
        (mug,) = where_last_seen(store, "mug")
        (ball,) = where_last_seen(store, "ball", "red")
        assert (mug.colour, mug.room, mug.present) == ("blue", "kitchen", True)
        assert (ball.last_seen, ball.present) == (9.0, False)
        assert where_last_seen(store, "mug", "red") == []
        assert len(where_last_seen(store)) == 2


def test_events_come_back_in_order_and_by_kind(tmp_path):
    with MemoryStore(tmp_path / "home.db") as store:
        store.add_events([event(1.0), event(2.0, "lost", fit=np.float64(0.2))])
        store.add_events([event(3.0)])
        assert [e.stamp for e in store.events()] == [1.0, 2.0, 3.0]
        (lost,) = store.events(kind="lost")
        assert lost.data == {"fit": 0.2}
        assert [e.stamp for e in store.events(since=2.5)] == [3.0]
        assert [e.stamp for e in store.events(limit=1)] == [3.0]


def test_the_diary_is_bounded(tmp_path):
    with MemoryStore(tmp_path / "home.db", MemoryConfig(max_events=100)) as store:
        for k in range(5):
            store.add_events([event(float(50 * k + i)) for i in range(50)])
        assert len(store.events(limit=10_000)) == 100
        assert store.events()[-1].stamp == 249.0


def test_a_failed_save_leaves_the_old_map(tmp_path, make_snapshot):
    with MemoryStore(tmp_path / "home.db") as store:
        store.save_map(make_snapshot(1), 1.0)
        broken = make_snapshot(2)
        broken.data["rooms"] = [{"id": 1}]
        with pytest.raises(KeyError):
            store.save_map(broken, 2.0)
        assert store.load_map().data["number"] == 1
        store.save_map(make_snapshot(3), 3.0)
        assert store.load_map().data["number"] == 3


def test_a_file_in_use_is_said_so(tmp_path, make_snapshot):
    path = tmp_path / "home.db"
    with MemoryStore(path, MemoryConfig(timeout_s=0.0)) as store:
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(MapFileError, match=r"locked.*close other programs"):
            store.save_map(make_snapshot(1), 1.0)
        other.rollback()
        other.close()
        store.save_map(make_snapshot(1), 1.0)


def test_the_diary_waits_while_the_file_is_in_use(tmp_path):
    path = tmp_path / "home.db"
    with MemoryStore(path, MemoryConfig(timeout_s=0.0)) as store:
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        store.add_events([event(1.0)])
        store.add_events([event(2.0)])
        store.add_events([event(12.0)])
        (told,) = store.messages
        assert "locked" in told and "The diary waits" in told
        other.rollback()
        other.close()
        store.add_events([event(13.0)])  # too early for another try
        assert store.events() == []
        store.add_events([event(22.5), event(np.nan)])
        assert [e.stamp for e in store.events()] == [1.0, 2.0, 12.0, 13.0, 22.5]
        assert "1 events could not wait" in store.messages[-1]


def test_what_waits_is_written_at_the_end_or_told_lost(tmp_path):
    path = tmp_path / "home.db"
    for held in (False, True):
        store = MemoryStore(path, MemoryConfig(timeout_s=0.0))
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        store.add_events([event(1.0)])
        if held:
            with pytest.raises(MapFileError, match="1 events of the diary are lost"):
                store.close()
        other.rollback()
        other.close()
        store.close()
    with MemoryStore(path) as store:
        assert [e.stamp for e in store.events()] == [1.0]


def test_a_whole_file_checks_clean(tmp_path, make_snapshot):
    path = tmp_path / "home.db"
    with MemoryStore(path) as store:
        store.save_map(make_snapshot(1), 1.0)
        store.add_events([event(1.0)])
    report = check_file(path)
    assert report.problems == ()
    assert report.whole == report.generations == (1,)
    assert report.counts["landmarks"] == 1


def test_working_memory_is_a_ring():
    working = WorkingMemory(3)
    working.add([event(float(k)) for k in range(5)])
    assert [e.stamp for e in working.recent()] == [2.0, 3.0, 4.0]
    assert [e.stamp for e in working.recent(1)] == [4.0]
    assert [e.stamp for e in working.since(3.5)] == [4.0]
    assert len(working) == 3
