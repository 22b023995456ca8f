"""A shared map behaves as a memory file does, and two robots add to each other."""

import dataclasses

import numpy as np
import pytest

from neural_brain.benchmarks.fleet_robot import look_around
from neural_brain.models.errors import MapFileError
from neural_brain.models.maps import CognitiveMap, MapsConfig, word_feature
from neural_brain.models.memory import (
    FleetStore,
    MemoryConfig,
    check_memory,
    next_stamp,
    next_stamp_at,
    read_map,
    where_last_seen,
)
from neural_brain.models.signals import Event
from neural_brain.sim.homes import generate_home


def event(t, kind="words", **data):
    return Event(stamp=t, source="maps", kind=kind, text=f"{kind} {t}", data=data)


def test_a_map_comes_back_as_it_was(url, drawn):
    wanted = drawn().look(0.0, 0.0)
    wanted.put("mug", 0.5, 0.2)
    wanted = wanted.snapshot()
    with FleetStore(url) as store:
        assert store.load_map() is None
        assert store.save_map(wanted, 5.0) is None
    with FleetStore(url) as store:
        loaded = store.load_map()
    assert loaded.stamp == 5.0
    for name, array in wanted.arrays.items():
        assert np.array_equal(loaded.arrays[name], array)
        assert loaded.arrays[name].dtype == array.dtype
    for name in wanted.data.keys() - {"lineage", "next_landmark"}:
        assert loaded.data[name] == wanted.data[name]
    assert check_memory(url).problems == ()


def test_only_the_last_generations_are_kept(url, drawn):
    with FleetStore(url, MemoryConfig(generations=3)) as store:
        for n in range(6):
            store.save_map(drawn().look(n, 0.0).snapshot(), float(n))
        assert store.query("SELECT count(*) FROM generations") == [(3,)]
        assert store.load_map().stamp == 5.0
        assert next_stamp(store) == next_stamp_at(url) == 7.0


def test_a_failed_save_leaves_the_old_map(url, drawn):
    first = drawn().look(0.0, 0.0).snapshot()
    with FleetStore(url) as store:
        store.save_map(first, 1.0)
        broken = dataclasses.replace(first, data={**first.data, "rooms": [{"id": 1}]})
        with pytest.raises(KeyError):
            store.save_map(broken, 2.0)
        assert store.load_map().stamp == 1.0
        assert check_memory(url).problems == ()


def test_the_diary_tells_which_robot_and_is_bounded(url, robot):
    anna, bert = robot("anna"), robot("bert")
    anna.store.add_events([event(1.0), event(2.0, "lost", fit=np.float64(0.2))])
    bert.store.add_events([event(1.5)])
    told = anna.store.events()
    assert [e.data["robot"] for e in told] == ["anna", "anna", "bert"]
    assert anna.store.events(kind="lost")[0].data == {"robot": "anna", "fit": 0.2}
    assert [e.stamp for e in anna.store.events(since=1.6)] == [2.0]
    assert [e.stamp for e in anna.store.events(limit=1)] == [1.5]
    with FleetStore(url, MemoryConfig(max_events=100)) as store:
        store.add_events([event(float(k)) for k in range(150)])
        assert [e.stamp for e in store.events()] == [float(k) for k in range(50, 150)]


def test_where_did_anybody_last_see(url, robot):
    anna, bert = robot("anna"), robot("bert")
    anna.drawn.put("mug", 1.0, 2.0, colour="blue", t=3.0)
    anna.save(3.0)
    gone = event(9.0, "landmark gone", category="ball", colour="red", xyz=[1, 2, 0])
    bert.store.add_events([gone])
    (mug,) = where_last_seen(bert.store, "mug")
    (ball,) = where_last_seen(anna.store, "ball", "red")
    assert (mug.colour, mug.present, mug.last_seen) == ("blue", True, 3.0)
    assert (ball.present, ball.last_seen) == (False, 9.0)
    assert where_last_seen(bert.store, "mug", "red") == []


def begun(robot):
    """Two robots that continue the map of a third one."""
    first = robot()
    first.drawn.look(0.0, 0.0)
    first.drawn.put("sofa", 0.0, 0.0)
    first.save(1.0)
    return robot("anna"), robot("bert")


def test_what_two_robots_find_is_there_for_both(url, robot):
    anna, bert = begun(robot)
    anna.drawn.look(3.0, 0.0).put("mug", 3.0, 0.5)
    bert.drawn.look(0.0, 3.0).put("ball", 0.5, 3.0)
    assert anna.save(2.0) is None
    joined = bert.save(3.0)
    assert joined is not None
    everything = [("ball", 0.5, 3.0), ("mug", 3.0, 0.5), ("sofa", 0.0, 0.0)]
    assert bert.drawn.things() == everything
    assert anna.save(4.0) is not None
    assert anna.drawn.things() == everything
    assert np.array_equal(anna.drawn.map.grid.lidar, bert.drawn.map.grid.lidar)
    assert anna.save(5.0) is None  # nobody has added anything since
    for spot in ((0.0, 0.0), (3.0, 0.0), (0.0, 3.0)):
        (cell,) = anna.drawn.map.grid.cells_of(np.array([spot]))
        assert anna.drawn.map.grid.lidar[tuple(cell)] < 0


def test_evidence_counts_once_however_often_it_is_saved(robot):
    anna, bert = begun(robot)
    mug = anna.drawn.put("mug", 3.0, 0.5, count=6)
    for k in range(5):
        anna.save(2.0 + k)
        bert.save(2.5 + k)
    assert bert.drawn.map.landmarks.tracks[mug].count == 6
    cells = bert.drawn.map.grid.lidar
    assert cells.min() >= -40 and cells.max() <= 85  # one scan, seen once


def test_a_robot_that_does_not_take_the_joined_map_loses_nothing(url, robot, drawn):
    anna, bert = begun(robot)
    anna.drawn.look(3.0, 0.0).put("mug", 3.0, 0.5)
    anna.save(2.0)
    bert.drawn.put("ball", 0.5, 3.0)
    assert bert.save(3.0, adopt_it=False) is not None
    bert.drawn.put("vase", -1.0, 3.0)
    assert bert.save(4.0, adopt_it=False) is not None
    final = drawn(CognitiveMap.restore(MapsConfig(), read_map(url)))
    assert [name for name, *_ in final.things()] == ["ball", "mug", "sofa", "vase"]
    assert max(t.count for t in final.map.landmarks.tracks.values()) == 6


def test_two_robots_never_give_a_number_twice(robot):
    anna, bert = begun(robot)
    mine = {anna.drawn.put("mug", 3.0 * k, 9.0) for k in range(5)}
    others = {bert.drawn.put("ball", 3.0 * k, -9.0) for k in range(5)}
    assert not mine & others
    anna.save(2.0)
    bert.save(2.0)
    assert {*mine, *others} <= bert.drawn.map.landmarks.tracks.keys()


def test_a_thing_is_gone_unless_another_robot_has_seen_it_since(robot):
    anna, bert = begun(robot)
    vase = anna.drawn.put("vase", 1.0, 0.0)
    anna.save(2.0)
    bert.save(2.0)
    (sofa,) = (k for k, t in anna.drawn.map.landmarks.tracks.items() if k != vase)
    del anna.drawn.map.landmarks.tracks[vase]
    del anna.drawn.map.landmarks.tracks[sofa]
    bert.drawn.see(sofa, 3.0)
    anna.save(3.0)
    bert.save(3.0)
    anna.save(4.0)
    assert anna.drawn.things() == bert.drawn.things() == [("sofa", 0.0, 0.0)]


@pytest.mark.parametrize("floors", [("", ""), ("ground", "first")])
def test_maps_begun_apart_become_one_when_they_fit(url, robot, floors):
    anna, bert = robot("anna"), robot("bert")  # both before there is any map
    anna.drawn.map.floor, bert.drawn.map.floor = floors
    home = generate_home(1000, small=True)
    rng = np.random.default_rng(1)
    for own, room in ((anna, 0), (bert, 1)):
        for spot in (*doorways(home), middle(home.rooms[room])):
            look_around(own.drawn.map, home, np.array(spot), rng, t=1.0)
        assert own.save(2.0) is None
    assert read_map(url).data["map"] == 2  # nothing is joined while robots drive
    apart = {name for own in (anna, bert) for name, *_ in own.drawn.things()}
    third = robot()
    if floors[0] != floors[1]:  # storeys lie above each other, whatever their walls
        assert third.store.messages == []
        return
    assert any("laid onto map 1" in line for line in third.store.messages)
    assert {name for name, *_ in third.drawn.things()} == apart
    assert check_memory(url).problems == ()
    anna.drawn.put("vase", -3.0, 0.0)
    anna.save(3.0)
    third.save(3.0)
    assert "vase" in [name for name, *_ in third.drawn.things()]


def doorways(home):
    return [door.center for door in home.doors]


def middle(room):
    x0, y0, x1, y1 = room.rect
    return 0.5 * (x0 + x1), 0.5 * (y0 + y1)


def test_a_robot_in_another_home_has_a_map_of_its_own(robot):
    anna, bert = begun(robot)
    bert.drawn.map._empty()  # as when it does not know the place
    bert.drawn.map.map_id += 1
    bert.drawn.put("bath", 0.0, 0.0)
    bert.save(2.0)
    anna.drawn.put("mug", 3.0, 0.5)
    assert anna.save(3.0) is None
    assert [name for name, *_ in anna.drawn.things()] == ["mug", "sofa"]
    assert anna.store.query("SELECT DISTINCT map FROM generations ORDER BY 1") == [
        (1,),
        (2,),
    ]


def test_landmarks_are_found_by_what_they_look_like(url, robot, sql):
    anna = robot()
    anna.drawn.put("mug", 1.0, 0.0, colour="red")
    anna.drawn.put("mug", 3.0, 0.0, colour="blue")
    anna.drawn.put("ball", 5.0, 0.0, colour="red")
    anna.save(1.0)
    database = url.split("/")[3].split("?")[0]
    if anna.store.messages:  # a server without pgvector
        assert "pgvector" in anna.store.messages[0]
    else:
        (index,) = sql(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'looks_by_feature'",
            database,
        )
        assert "hnsw" in index[0]
    best, second = anna.store.like(word_feature("mug", "blue"), limit=2)
    assert (best.category, best.colour) == ("mug", "blue")
    assert best.likeness == pytest.approx(1.0, abs=1e-3)
    assert best.center_map.tolist() == [3.0, 0.0, 0.5]
    assert second.likeness == pytest.approx(0.5, abs=1e-3)


def test_without_rights_to_pgvector_looks_are_kept_as_bytes(url, robot, sql, server):
    database = url.split("/")[3].split("?")[0]
    sql(f"CREATE ROLE plain_{database} LOGIN")
    sql(f"GRANT ALL ON SCHEMA public TO plain_{database}", database)
    anna = robot(address=server.url(database, user=f"plain_{database}"))
    assert "pgvector" in anna.store.messages[0]
    anna.drawn.put("mug", 3.0, 0.0, colour="blue")
    anna.drawn.put("ball", 5.0, 0.0, colour="red")
    anna.save(1.0)
    (best,) = anna.store.like(word_feature("mug"), limit=1)
    assert (best.category, best.colour) == ("mug", "blue")
    assert best.likeness == pytest.approx(np.sqrt(0.5), abs=1e-3)
    assert check_memory(url).problems == ()


def test_while_the_server_is_away_nothing_is_lost(robot, server):
    anna, bert = begun(robot)
    server.stop("immediate")
    try:
        anna.drawn.put("mug", 3.0, 0.5)
        with pytest.raises(MapFileError, match="pg_isready"):
            anna.save(2.0)
        anna.store.add_events([event(2.0)])
        anna.store.add_events([event(3.0)])
        (told,) = anna.store.messages
        assert "The diary waits" in told
        with pytest.raises(MapFileError, match="1 events of the diary are lost"):
            bert.store.add_events([event(2.5)])
            bert.store.close()
    finally:
        server.start(durable=False)
    anna.store.add_events([event(20.0)])
    assert anna.save(20.0) is None
    assert [e.stamp for e in anna.store.events()] == [2.0, 3.0, 20.0]
    assert [name for name, *_ in robot().drawn.things()] == ["mug", "sofa"]


def test_a_damaged_generation_is_passed_over_and_told(url, robot, sql):
    anna, _ = begun(robot)
    anna.drawn.put("mug", 3.0, 0.5)
    anna.save(2.0)
    database = url.split("/")[3].split("?")[0]
    sql(
        "UPDATE arrays SET data = 'rubbish' WHERE name = 'lidar' AND generation = "
        "(SELECT max(id) FROM generations)",
        database,
    )
    report = check_memory(url)
    assert len(report.problems) == 1 and "'lidar'" in report.problems[0]
    assert len(report.whole) == len(report.generations) - 1
    late = robot()
    assert "is left out" in late.store.messages[-1]
    assert [name for name, *_ in late.drawn.things()] == ["sofa"]
    anna.drawn.put("vase", 1.0, 0.5)
    anna.save(3.0)  # it still has all that it found
    assert [name for name, *_ in robot().drawn.things()] == ["mug", "sofa", "vase"]


def test_a_robot_without_rights_any_more_drives_on_and_is_told_once(
    url, server, sql, robot
):
    database = url.split("/")[3].split("?")[0]
    sql(f"CREATE ROLE robot_{database} LOGIN")
    sql(f"GRANT ALL ON SCHEMA public TO robot_{database}", database)
    anna = robot(address=server.url(database, user=f"robot_{database}"))
    before = len(anna.store.messages)
    sql(f"REVOKE INSERT ON events FROM robot_{database}", database)
    for t in (1.0, 2.0, 30.0):
        anna.store.add_events([event(t)])
    (told,) = anna.store.messages[before:]
    assert "permission denied" in told and "GRANT" in told
    sql(f"GRANT INSERT ON events TO robot_{database}", database)
    anna.store.add_events([event(60.0)])
    assert [e.stamp for e in anna.store.events()] == [1.0, 2.0, 30.0, 60.0]


def test_only_so_many_events_wait(url, sql):
    store = FleetStore(url, MemoryConfig(max_events=100))
    database = url.split("/")[3].split("?")[0]
    sql("ALTER TABLE events RENAME TO put_away", database)
    store.add_events([event(1.0)] * 100)
    store.add_events([event(2.0)])  # the oldest one makes room
    sql("ALTER TABLE put_away RENAME TO events", database)
    store.add_events([event(30.0)])
    assert "2 events could not wait" in store.messages[-1]
    assert [e.stamp for e in store.events()][-2:] == [2.0, 30.0]
    sql("ALTER TABLE events RENAME TO put_away", database)
    store.add_events([event(40.0)])
    with pytest.raises(MapFileError, match="1 events of the diary are lost"):
        store.close()
