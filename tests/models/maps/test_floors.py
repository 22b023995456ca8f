"""Floors: one map in use, the others in the memory; a lift carries the robot."""

import numpy as np
import pytest

from neural_brain.models.brain import carry_out, recall_map
from neural_brain.models.errors import MapFileError
from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.maps.outlines import disc
from neural_brain.models.memory import (
    FloorSearch,
    MemoryStore,
    change_floor,
    note_floors,
    saved_floors,
)
from neural_brain.models.memory.floor_search import SLICES
from neural_brain.models.signals import Area, AreaKind, MapOrder, MapRequest


def drive(world, cognitive, waypoints, after=0.0, search=None, seed=0):
    """Drive a tour and map it; the last sample."""
    sample = None
    for sample in world.drive(waypoints, seed=seed):
        t = after + sample.t
        body = type(sample.body)(**{**vars(sample.body), "stamp": t})
        scan = type(sample.scan)(**{**vars(sample.scan), "stamp": t})
        cognitive.step(t, body, scan, None)
        if search is not None:
            search.step(cognitive, scan, t)
    return sample


def named(name, xy):
    return Area(name=name, kind=AreaKind.KEEP_OUT, outline=disc(np.array(xy), 0.5))


@pytest.fixture(scope="module")
def upstairs(world):
    """The storey above: other walls."""
    segments = world.segments.copy()
    segments[:, [0, 2]] *= 0.75
    segments[:, [1, 3]] *= 1.2
    keep = np.ones(len(segments), bool)
    keep[6::5] = False
    return type(world)(segments[keep], start=(1.2, 3.3, 1.2))


UP = [(1.2, 5.5), (4.5, 5.5), (4.5, 4.0), (4.5, 5.5), (1.2, 5.5), (1.2, 3.3)]


@pytest.fixture(scope="module")
def building(world, upstairs, tour, tmp_path_factory):
    """A memory of two storeys; the robot stopped on the first."""
    path = tmp_path_factory.mktemp("floors") / "building.db"
    with MemoryStore(path) as store:
        ours = CognitiveMap(MapsConfig())
        change_floor(ours, store, "ground", 0.0)
        assert (ours.floor, ours.map_id) == ("ground", 1)
        sample = drive(world, ours, tour[:7])
        ours.areas = (named("cellar hole", (1.0, 1.0)),)
        t = sample.t
        change_floor(ours, store, "first", t)
        drive(upstairs, ours, UP, after=t + 10.0)
        ours.areas = (named("balcony", (2.0, 2.0)),)
        store.save_map(ours.snapshot(), 200.0)
    return path


def test_each_floor_has_its_own_map_and_areas(building):
    with MemoryStore(building) as store:
        ground, first = saved_floors(store)
        assert (ground.name, first.name) == ("ground", "first")
        ours = recall_map(MapsConfig(), store)
        assert (ours.floor, [a.name for a in ours.areas]) == ("first", ["balcony"])
        assert [floor.name for floor in ours.other_floors] == ["ground"]
        assert "cellar hole" in ours.other_floors[0].rooms
        version, cells = ours.grid.version, ours.grid.view().cells.copy()
        change_floor(ours, store, "Ground", 300.0)
        assert (ours.floor, [a.name for a in ours.areas]) == ("ground", ["cellar hole"])
        assert ours.grid.version > version  # so that nobody takes it for the old one
        assert ours.grid.view().cells.shape != cells.shape or np.any(
            ours.grid.view().cells != cells
        )
        assert [floor.name for floor in ours.other_floors] == ["first"]
        change_floor(ours, store, "ground", 301.0)  # it is there already
        assert ours.state().map_id == ground.place


def test_a_robot_is_found_on_the_floor_that_a_person_names(building, world, tour):
    with MemoryStore(building) as store:
        ours = recall_map(MapsConfig(), store)
        change_floor(ours, store, "ground", 300.0)
        sample = drive(world, ours, tour[:3], after=400.0)
        assert ours.localiser.localised
        assert ours.floor == "ground"
        pose = ours.last_pose
        assert np.hypot(*(pose - sample.true)[:2]) < 0.15


def test_a_floor_that_was_named_wrongly_is_not_overwritten_by_a_new_map(
    building, world, upstairs
):
    with MemoryStore(building) as store:
        ours = recall_map(MapsConfig(), store)
        change_floor(ours, store, "ground", 300.0)
        before = ours.grid.lidar.copy()
        drive(upstairs, ours, UP[:3], after=400.0, search=FloorSearch(store))
        assert ours.floor == "ground"
        assert not ours.localiser.localised
        assert np.array_equal(ours.grid.lidar, before)


def test_a_new_map_never_takes_the_number_of_a_floor(building, tmp_path, world):
    copy = tmp_path / "copy.db"
    copy.write_bytes(building.read_bytes())
    with MemoryStore(copy) as store:
        ours = recall_map(MapsConfig(), store)
        change_floor(ours, store, "ground", 300.0)
        ours = recall_map(MapsConfig(), store)
        change_floor(ours, store, "attic", 301.0)
        store.save_map(ours.snapshot(), 302.0)
        assert [f.name for f in saved_floors(store)] == ["ground", "first", "attic"]
        assert len({f.place for f in saved_floors(store)}) == 3


def test_a_robot_that_a_lift_has_carried_finds_the_other_floor(
    building, tmp_path, world, tour
):
    """It stopped upstairs, is started downstairs, and nobody says anything."""
    copy = tmp_path / "copy.db"
    copy.write_bytes(building.read_bytes())
    with MemoryStore(copy) as store:
        ours = recall_map(MapsConfig(), store)
        assert ours.floor == "first"
        search = FloorSearch(store)
        sample = drive(world, ours, tour[:5], after=400.0, search=search, seed=1)
        assert (ours.floor, ours.map_id) == ("ground", 1)
        assert ours.localiser.localised
        assert ours.recognised  # after some metres in agreement
        assert np.hypot(*(ours.last_pose - sample.true)[:2]) < 0.15
        assert [e.kind for e in ours.pop_events()].count("floor") >= 1
        assert [floor.name for floor in ours.other_floors] == ["first"]


def test_storeys_of_one_shape_are_not_told_apart_but_asked_about(
    building, tmp_path, world, tour
):
    copy = tmp_path / "copy.db"
    copy.write_bytes(building.read_bytes())
    with MemoryStore(copy) as store:
        twin = store.load_map(1)
        twin.data.update(floor="second", map=7)
        store.save_map(twin, 300.0)
        first = store.load_map(2)
        store.save_map(first, 301.0)
        ours = recall_map(MapsConfig(), store)
        search = FloorSearch(store)
        events = []
        for sample in world.drive(tour[:3]):
            t = 400.0 + sample.t
            body = type(sample.body)(**{**vars(sample.body), "stamp": t})
            scan = type(sample.scan)(**{**vars(sample.scan), "stamp": t})
            ours.step(t, body, scan, None)
            search.step(ours, scan, t)
            events += ours.pop_events()
            if any("several floors" in event.text for event in events):
                break
        assert any("several floors (ground, second)" in e.text for e in events)


def test_without_a_memory_a_floor_is_refused_and_nothing_is_lost(make_body):
    ours = CognitiveMap(MapsConfig())
    ours.floor, ours.areas = "ground", (named("pond", (0.0, 0.0)),)
    with pytest.raises(MapFileError, match="no memory"):
        change_floor(ours, None, "first", 1.0)
    request = MapRequest(stamp=1.0, order=MapOrder.FLOOR, floor="first")
    assert "no memory" in carry_out(request, ours, None)
    assert (ours.floor, len(ours.areas)) == ("ground", 1)


@pytest.mark.parametrize("name", ["", "  ", "x" * 50, "a\x00b"])
def test_names_of_floors_are_checked(tmp_path, name):
    with MemoryStore(tmp_path / "home.db") as store:
        ours = CognitiveMap(MapsConfig())
        with pytest.raises(MapFileError, match="name of a floor"):
            change_floor(ours, store, name, 1.0)


def test_a_lift_of_one_name_says_where_to_look_first(building, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(building.read_bytes())
    with MemoryStore(copy) as store:
        ours = recall_map(MapsConfig(), store)
        pose = np.array([1.0, 2.0, 0.5])
        lift = Area(
            name="lift", kind=AreaKind.LIFT, outline=disc(pose[:2], 1.0), pose_map=pose
        )
        ours.areas = (lift,)
        store.save_map(ours.snapshot(), 300.0)
        change_floor(ours, store, "ground", 301.0)
        ours.areas = (lift,)
        change_floor(ours, store, "first", 302.0)
        assert np.array_equal(ours.localiser._recalled, pose)
        note_floors(ours, store)


def test_a_tick_never_waits_for_all_floors(building, tmp_path, world, upstairs):
    """Every call does one slice: reads one map, unpacks one, or tries ten headings."""
    copy = tmp_path / "copy.db"
    copy.write_bytes(building.read_bytes())
    with MemoryStore(copy) as store:
        other = store.load_map(1)
        for number in (7, 8):
            other.data.update(floor=f"floor {number}", map=number)
            store.save_map(other, 200.0 + number)
        store.save_map(store.load_map(2), 301.0)
        ours = recall_map(MapsConfig(), store)
        search, read = FloorSearch(store), []
        load = store.load_map
        store.load_map = lambda place: read.append(place) or load(place)
        ours.localiser.localised, ours.localiser.searches = False, 1
        scan = next(iter(world.drive([(1.5, 4.6)]))).scan
        slices = 0
        while ours.waits or not slices:
            before = len(read)
            assert not search.step(ours, scan, 400.0)
            assert len(read) - before <= 1
            slices += 1
            assert slices < 100
        assert read == [1, 7, 8]
        assert slices == 3 * SLICES + 1
        assert any("several floors" in event.text for event in ours.pop_events())


def test_a_robot_that_knows_its_place_again_ends_the_search(building, world):
    with MemoryStore(building) as store:
        ours = recall_map(MapsConfig(), store)
        search = FloorSearch(store)
        ours.localiser.localised, ours.localiser.searches = False, 1
        scan = next(iter(world.drive([(1.5, 4.6)]))).scan
        search.step(ours, scan, 400.0)
        assert ours.waits
        ours.localiser.localised = True
        search.step(ours, scan, 400.1)
        assert not ours.waits
