"""Two maps of one home laid onto each other and joined."""

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import compose2, inverse2, transform2, wrap
from neural_brain.models.maps import CognitiveMap
from neural_brain.models.maps.track import Track
from neural_brain.models.memory import (
    MemoryStore,
    check_file,
    merge_files,
    read_floors,
)
from neural_brain.models.signals import Event

LEFT = [(1.5, 2.8), (1.5, 4.6), (2.6, 1.2), (4.0, 4.6), (2.5, 6.5), (3.8, 7.8)]
MIDDLE = [(6.0, 4.6), (6.0, 3.3), (5.4, 6.6), (7.0, 6.3), (7.3, 3.0)]
RIGHT = [(10.0, 4.6), (10.0, 3.0), (9.2, 1.2), (11.0, 4.6), (11.0, 6.5), (10.0, 7.3)]
MUGS = {"blue": (2.0, 3.0), "red": (6.0, 2.0), "green": (6.6, 7.4), "pink": (9.9, 6.9)}


def survey(world, frame, stops, colours):
    """A map with its origin at `frame` (3,) in the world, from scans at given spots."""
    cognitive = world.survey(frame, stops)
    for colour in colours:
        add_mug(cognitive, frame, colour)
    return cognitive


def add_mug(cognitive, frame, colour):
    marks = cognitive.landmarks
    xy = transform2(inverse2(frame), np.array([MUGS[colour]]))[0]
    marks.tracks[marks.next_id] = Track(
        id=marks.next_id,
        center=np.array([*xy, 0.8]),
        covariance=np.diag([0.01, 0.02, 0.01]),
        size=np.array([0.1, 0.1, 0.1]),
        categories={"mug": 4.0},
        colours={colour: 3.0},
        log_odds=2.0,
        count=5,
        first_seen=1.0,
        last_seen=2.0,
        near=1.0,
        far=3.0,
        told=True,
        rivals={},
    )
    marks.next_id += 1


FRAME_A, FRAME_B = np.array([1.5, 2.8, 1.2]), np.array([10.0, 4.6, -2.0])


@pytest.fixture(scope="module")
def maps(world):
    a = survey(world, FRAME_A, LEFT + MIDDLE, ["blue", "red", "green"])
    b = survey(world, FRAME_B, MIDDLE + RIGHT, ["red", "green", "pink"])
    return a.snapshot(), b.snapshot()


def restored(maps):
    return [CognitiveMap.restore(CognitiveMap().config, part) for part in maps]


def test_the_pose_is_found_and_things_of_both_are_there_once(maps):
    a, b = restored(maps)
    alone = np.count_nonzero(a.grid.lidar)
    way = a.absorb(b)
    true = compose2(inverse2(FRAME_A), FRAME_B)
    assert np.hypot(*(way.pose_a_b[:2] - true[:2])) < 0.1
    assert abs(wrap(way.pose_a_b[2] - true[2])) < 0.02
    colours = sorted(mark.colour for mark in a.landmarks.landmarks())
    assert colours == ["blue", "green", "pink", "red"]
    for mark in a.landmarks.landmarks():
        there = transform2(FRAME_A, mark.center_map[None, :2])[0]
        assert np.hypot(*(there - MUGS[mark.colour])) < 0.15
    assert np.count_nonzero(a.grid.lidar) > 1.3 * alone
    assert len(a.state().rooms) >= 4


def test_walls_of_both_stay_one_wall(maps):
    a, b = restored(maps)
    walls = np.count_nonzero(a.grid.lidar > 0) + np.count_nonzero(b.grid.lidar > 0)
    a.absorb(b)
    assert np.count_nonzero(a.grid.lidar > 0) < 0.85 * walls


def test_walls_alone_are_enough(world):
    a = survey(world, FRAME_A, LEFT + MIDDLE + RIGHT, [])
    b = survey(world, FRAME_B, MIDDLE + RIGHT, [])
    true = compose2(inverse2(FRAME_A), FRAME_B)
    way = a.absorb(b)
    assert np.hypot(*(way.pose_a_b[:2] - true[:2])) < 0.1


def test_maps_of_different_rooms_are_refused_and_nothing_changes(world):
    a = survey(world, FRAME_A, LEFT[:1], [])
    b = survey(world, FRAME_B, RIGHT[4:], [])
    before = a.grid.lidar.copy()
    with pytest.raises(MapFileError):
        a.absorb(b)
    assert np.array_equal(a.grid.lidar, before)


def test_an_empty_map_is_refused(maps):
    a, _ = restored(maps)
    with pytest.raises(MapFileError, match="hardly any walls"):
        a.absorb(CognitiveMap())


def test_files_are_merged_into_a_third_one(maps, tmp_path):
    for name, part, stamp in (("a", maps[0], 5.0), ("b", maps[1], 3.0)):
        with MemoryStore(tmp_path / name) as store:
            store.save_map(part, stamp)
            event = Event(stamp=stamp, source="x", kind="y", text=name, data={})
            store.add_events([event])
    before = [(tmp_path / name).read_bytes() for name in "ab"]
    report = merge_files(tmp_path / "a", tmp_path / "b", tmp_path / "both")
    assert report.landmarks == (3, 3, 4)
    assert [(tmp_path / name).read_bytes() for name in "ab"] == before
    assert check_file(tmp_path / "both").problems == ()
    with MemoryStore(tmp_path / "both") as store:
        assert [event.text for event in store.events()] == ["b", "a"]
        assert len(store.load_map().data["landmarks"]) == 4
    with pytest.raises(MapFileError, match="exists already"):
        merge_files(tmp_path / "a", tmp_path / "b", tmp_path / "both")


def test_floors_of_one_name_are_laid_onto_each_other_and_others_are_kept(
    world, tmp_path
):
    def storey(frame, stops, colours, floor, number):
        cognitive = survey(world, frame, stops, colours)
        cognitive.floor, cognitive.map_id = floor, number
        return cognitive.snapshot()

    with MemoryStore(tmp_path / "a") as store:
        up = storey(FRAME_B, MIDDLE + RIGHT, ("red", "pink"), "first", 2)
        store.save_map(up, 1.0)
        ground = storey(FRAME_A, LEFT + MIDDLE, ("blue", "red"), "ground", 1)
        store.save_map(ground, 2.0)
    with MemoryStore(tmp_path / "b") as store:
        store.save_map(storey(FRAME_B, RIGHT, (), "attic", 1), 3.0)
        other = storey(FRAME_B, MIDDLE + RIGHT, ("red", "green"), "Ground", 2)
        store.save_map(other, 4.0)
        store.save_map(storey(FRAME_B, LEFT, (), "", 3), 5.0)
    report = merge_files(tmp_path / "a", tmp_path / "b", tmp_path / "both")
    assert report.landmarks == (2, 2, 3)
    floors = read_floors(tmp_path / "both")
    names = {floor.name: len(floor.data["landmarks"]) for floor in floors}
    assert names == {"ground": 3, "first": 2, "attic": 0, "": 0}
    assert len({floor.place for floor in floors}) == 4
    assert check_file(tmp_path / "both").problems == ()
    with MemoryStore(tmp_path / "both") as store:
        assert store.load_map().data["floor"] == "ground"


def test_maps_of_two_floors_are_not_laid_onto_each_other(world, tmp_path):
    for name, floor in (("a", "ground"), ("b", "first")):
        cognitive = survey(world, FRAME_A, LEFT, ("blue", "red"))
        cognitive.floor = floor
        with MemoryStore(tmp_path / name) as store:
            store.save_map(cognitive.snapshot(), 1.0)
    with pytest.raises(MapFileError, match="ground and the first floor"):
        merge_files(tmp_path / "a", tmp_path / "b", tmp_path / "both")
    assert not (tmp_path / "both").exists()
