"""A closed loop moves the whole map at once; files of older maps are continued."""

import numpy as np
import pytest

from neural_brain.models.geometry import compose2, transform2
from neural_brain.models.maps import CognitiveMap, MapsConfig, OccupancyGrid
from neural_brain.models.maps.area_geojson import dock_area
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.loop_closer import Closure
from neural_brain.models.maps.redraw import draw
from neural_brain.models.maps.snapshot import VERSION
from neural_brain.models.memory import MemoryStore
from neural_brain.models.signals import ObjectPercept, Percepts

CHANGE = np.array([0.4, -0.3, 0.15])


def mug_percepts(sample):
    mug = ObjectPercept(
        category="mug",
        colour="red",
        confidence=0.9,
        center_base=np.array([1.0, 0.0, 0.7]),
        size=np.full(3, 0.1),
    )
    return Percepts(
        stamp=sample.t,
        pose_odom_base=sample.body.pose_odom_base,
        obstacles=np.array([[1.0, 0.0]]),
        free=np.array([[0.5, 0.0]]),
        objects=(mug,),
        view_polygon=np.zeros((0, 2)),
    )


@pytest.fixture(scope="module")
def drive(world, tour):
    return list(world.drive(tour[:5]))


@pytest.fixture
def driven(drive):
    cognitive = CognitiveMap(MapsConfig())
    for sample in drive:
        cognitive.step(sample.t, sample.body, sample.scan, mug_percepts(sample))
    return cognitive


def closure(cognitive):
    """All keyframes moved by one rigid change, as if a loop had said so."""
    frames = cognitive.closer.keys.frames
    before = cognitive.closer.keys.poses()
    after = np.array([compose2(CHANGE, pose) for pose in before])
    grid = OccupancyGrid(cognitive.config.grid)
    list(draw(grid, zip(frames.values(), after, strict=True), weight=2))
    correction = Correction(numbers=tuple(frames), before=before, after=after)
    return Closure(grid=grid, correction=correction, loops=1)


def test_keyframes_come_every_half_metre(driven, drive):
    frames = list(driven.closer.keys.frames.values())
    steps = np.diff(driven.closer.keys.poses()[:, :2], axis=0)
    assert len(frames) > 10
    assert np.hypot(*steps.T).max() < 0.65
    true = {round(sample.t, 6): sample.true for sample in drive}
    for frame in frames:
        assert np.hypot(*(frame.pose - true[round(frame.stamp, 6)])[:2]) < 0.1


def test_everything_moves_together_and_the_robot_sees_no_jump(driven, drive):
    body = drive[-1].body
    dock = dock_area("dock", np.array([1.0, 0.5, 0.2]))
    driven.areas = (dock,)
    state = driven.state()
    pose = driven.pose_map_base(body)
    marks = np.array([mark.center_map[:2] for mark in state.landmarks])
    places = {place.id: place.xy for place in state.places}
    assert len(marks)
    assert len(places) > 3
    driven._take_over(closure(driven))
    new = driven.state()
    assert np.allclose(driven.pose_map_base(body), compose2(CHANGE, pose), atol=1e-9)
    moved = np.array([mark.center_map[:2] for mark in new.landmarks])
    assert np.allclose(moved, transform2(CHANGE, marks), atol=1e-6)
    for place in new.places:
        expected = transform2(CHANGE, places[place.id][None])[0]
        assert np.allclose(place.xy, expected, atol=1e-6)
    assert np.allclose(new.areas[0].pose_map, compose2(CHANGE, dock.pose_map))
    assert np.allclose(new.areas[0].outline, transform2(CHANGE, dock.outline))
    assert new.grid.version > state.grid.version
    assert np.any(driven.grid.depth > 0)
    told = driven.pop_events()[-1]
    assert told.kind == "loop closed"
    assert told.data["loops"] == 1


def test_the_next_scan_fits_the_moved_map(driven, drive, world):
    driven._take_over(closure(driven))
    body = drive[-1].body
    before = driven.pose_map_base(body)
    rng = np.random.default_rng(4)
    for k in range(1, 6):
        t = body.stamp + 0.6 * k
        new = type(body)(**{**vars(body), "stamp": t})
        state = driven.step(t, new, world.scan(drive[-1].world, t, rng), None)
    assert state.localised
    assert driven.localiser.agreement > 0.9
    gap = driven.pose_map_base(new) - before
    assert np.hypot(*gap[:2]) < 0.03


def test_rooms_keep_their_numbers(world, tour):
    cognitive = CognitiveMap(MapsConfig())
    for sample in world.drive(tour[:12]):
        cognitive.step(sample.t, sample.body, sample.scan, None)
    state = cognitive.settle(sample.body)
    spots = np.array([place.xy for place in state.places])
    before = cognitive.rooms.room_of(spots)
    assert len(set(before) - {0}) >= 3
    cognitive._take_over(closure(cognitive))
    carried = cognitive.rooms.room_of(transform2(CHANGE, spots))
    assert np.mean(carried == before) > 0.9
    cognitive.settle(sample.body)
    found_again = cognitive.rooms.room_of(transform2(CHANGE, spots))
    assert np.mean(found_again == before) > 0.8


def test_keyframes_last_in_the_memory_file(driven, tmp_path):
    snapshot = driven.snapshot()
    with MemoryStore(tmp_path / "memory.db") as store:
        store.save_map(snapshot, 1.0)
        again = CognitiveMap.restore(MapsConfig(), store.load_map())
    for name, array in driven.closer.keys.arrays().items():
        assert np.array_equal(again.closer.keys.arrays()[name], array), name
    assert again.closer.keys.next_id == driven.closer.keys.next_id
    anchors = {k: t.anchor for k, t in driven.landmarks.tracks.items()}
    assert {k: t.anchor for k, t in again.landmarks.tracks.items()} == anchors
    assert set(anchors.values()) <= set(driven.closer.keys.frames)


def older(snapshot):
    """What the release before keyframes would have written."""
    arrays = {
        name: array
        for name, array in snapshot.arrays.items()
        if not name.startswith(("key_", "edge_"))
    }
    data = {**snapshot.data, "version": 1}
    del data["next_keyframe"]
    for item in data["landmarks"]:
        item.pop("anchor")
    return type(snapshot)(stamp=snapshot.stamp, arrays=arrays, data=data)


def test_a_map_of_an_older_file_is_continued_with_scans_cast_in_it(driven):
    again = CognitiveMap.restore(MapsConfig(), older(driven.snapshot()))
    keys = again.closer.keys
    assert len(keys.frames) > 3
    assert again.snapshot().data["version"] == VERSION
    grid = OccupancyGrid(again.config.grid)
    list(draw(grid, [(f, f.pose) for f in keys.frames.values()], weight=2))
    rows, columns = np.nonzero(again.grid.lidar < -50)
    points = np.stack([columns, rows], axis=1) + 0.5
    cells = grid.cells_of(again.grid.origin + again.grid.resolution * points)
    inside = grid.inside(cells)
    free = grid.lidar[cells[inside][:, 0], cells[inside][:, 1]] < 0
    assert free.sum() > 0.8 * len(points)  # what was free still is


def test_merged_maps_have_the_keyframes_of_both(driven, world, tour):
    other = CognitiveMap(MapsConfig())
    for sample in world.drive(tour[:5], seed=3):
        other.step(sample.t, sample.body, sample.scan, None)
    before = len(driven.closer.keys.frames), len(other.closer.keys.frames)
    driven.absorb(other)
    keys = driven.closer.keys
    assert len(keys.frames) == sum(before)
    shift = max(keys.frames) - max(other.closer.keys.frames)
    for number, frame in other.closer.keys.frames.items():
        mine = keys.frames[number + shift].pose
        assert np.hypot(*(mine - frame.pose)[:2]) < 0.2
    ties = [e for e in keys.edges if e.loop and e.first <= shift < e.second]
    assert ties
