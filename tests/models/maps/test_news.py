"""Merge of three: two robots continue one map, and each gets what the other found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import compose2, inverse2
from neural_brain.models.maps import CognitiveMap, GridConfig, MapsConfig, adopt
from neural_brain.models.maps.landmarks import LandmarkConfig, LandmarkMap
from neural_brain.models.maps.news import grid_news, take_landmarks, take_news
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.scan_points import ScanPoints
from neural_brain.models.maps.track import Track


def ring(x, y, radius=1.5):
    angle = np.linspace(-np.pi, np.pi, 120, endpoint=False)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    origin = np.array([x, y])
    inner = origin + (radius - 0.06) * around
    return ScanPoints(origin=origin, hits=origin + radius * around, outline=inner)


def copied(cognitive):
    return CognitiveMap.restore(MapsConfig(), cognitive.snapshot())


def mug(key, xy=(0.0, 0.0), **changes):
    values = {
        "id": key,
        "center": np.array([*xy, 0.8]),
        "covariance": np.eye(3) * 0.01,
        "size": np.full(3, 0.1),
        "categories": {"mug": 4.0},
        "colours": {"red": 3.0},
        "log_odds": 2.0,
        "count": 5,
        "first_seen": 1.0,
        "last_seen": 2.0,
        "near": 1.0,
        "far": 3.0,
        "told": True,
    }
    return Track(**{**values, **changes})


def marks(*tracks):
    made = LandmarkMap(LandmarkConfig())
    for track in tracks:
        made.tracks[track.id] = track
        made.next_id = max(made.next_id, track.id + 1)
    return made


def test_a_grid_takes_what_was_seen_since_and_nothing_twice():
    base = CognitiveMap()
    base.grid.add_scan(ring(0.0, 0.0))
    ours, theirs, alone = copied(base), copied(base), copied(base)
    for grid, spot in ((ours.grid, (2.0, 0.0)), (theirs.grid, (-9.0, 0.0))):
        grid.add_scan(ring(*spot))
        alone.grid.add_scan(ring(*spot))
    take_news(ours, theirs, base, 0.0)
    assert np.array_equal(ours.grid.origin, alone.grid.origin)
    assert np.array_equal(ours.grid.lidar, alone.grid.lidar)
    assert np.array_equal(ours.grid.hit_count > 0, alone.grid.hit_count > 0)


def test_news_of_nothing_change_nothing():
    base = CognitiveMap()
    base.grid.add_scan(ring(0.0, 0.0))
    ours = copied(base)
    ours.grid.add_scan(ring(2.0, 0.0))
    before = ours.grid.lidar.copy()
    take_news(ours, copied(base), base, 0.0)
    assert np.array_equal(ours.grid.lidar, before)


@given(
    seed=st.integers(0, 10**6),
    rounds=st.integers(1, 6),
)
def test_no_cell_that_anybody_knows_is_forgotten(seed, rounds):
    rng = np.random.default_rng(seed)
    base = OccupancyGrid(GridConfig(start_size_m=3.2))
    ours, theirs = (OccupancyGrid(base.config) for _ in range(2))
    for _ in range(rounds):
        for grid in (ours, theirs):
            grid.add_scan(ring(*rng.uniform(-3.0, 3.0, 2), radius=1.0))
    known = ours.lidar != 0
    origin = ours.origin.copy()
    assert ours.absorb(grid_news(theirs, base, 0.0), np.zeros(3))
    row, column = np.round((origin - ours.origin) / ours.resolution).astype(int)[::-1]
    h, w = known.shape
    assert np.all(ours.lidar[row : row + h, column : column + w][known] != 0)
    rows, columns = np.nonzero(theirs.lidar)
    centers = np.stack([columns, rows], axis=1) + 0.5
    cells = ours.cells_of(theirs.origin + theirs.resolution * centers)
    assert ours.inside(cells).all()
    assert np.all(ours.lidar[cells[:, 0], cells[:, 1]] != 0)


def test_depth_that_only_faded_is_no_news():
    base = OccupancyGrid(GridConfig())
    spot = np.array([[1.0, 1.0]])
    for _ in range(4):
        base.add_depth(0.0, spot, np.zeros((0, 2)))
    now = OccupancyGrid(base.config)
    now.restore(base.arrays())
    now.add_depth(0.0, np.zeros((0, 2)), np.array([[0.0, 0.0]]))
    for t in range(0, 300, 5):
        now.add_depth(float(t), np.zeros((0, 2)), np.array([[0.0, 0.0]]))
    (cell,) = now.cells_of(spot)
    assert now.depth[tuple(cell)] < 0.7 * base.depth[tuple(cell)]
    news = grid_news(now, base, 300.0)
    assert news.depth[tuple(cell)] == 0
    (floor,) = now.cells_of(np.zeros((1, 2)))
    assert news.depth[tuple(floor)] < 0


def test_a_grid_that_does_not_continue_the_base_is_refused():
    coarse = OccupancyGrid(GridConfig(resolution_m=0.1))
    with pytest.raises(MapFileError, match="resolution_m"):
        grid_news(OccupancyGrid(GridConfig()), coarse, 0.0)


def test_new_landmarks_of_both_stay_and_one_thing_seen_by_both_is_one():
    ours, theirs = marks(mug(1)), marks(mug(1))
    base = marks(mug(1))
    ours.tracks[10] = mug(10, (3.0, 0.0))
    theirs.tracks[20] = mug(20, (3.05, 0.0))
    theirs.tracks[21] = mug(21, (6.0, 0.0))
    take_landmarks(ours, theirs, base)
    assert sorted(round(t.center[0]) for t in ours.tracks.values()) == [0, 3, 6]
    (both,) = (t for t in ours.tracks.values() if round(t.center[0]) == 3)
    assert both.count == 10


def test_two_things_with_one_number_both_stay():
    ours, theirs = marks(mug(7, (3.0, 0.0))), marks(mug(7, (-3.0, 0.0)))
    take_landmarks(ours, theirs, marks())
    assert sorted(t.center[0] for t in ours.tracks.values()) == [-3.0, 3.0]
    assert all(key == track.id for key, track in ours.tracks.items())


def test_what_only_they_saw_is_taken_as_they_have_it():
    theirs = marks(mug(1, (0.1, 0.0), count=9, last_seen=8.0, log_odds=3.0))
    ours = marks(mug(1))
    take_landmarks(ours, theirs, marks(mug(1)))
    assert (ours.tracks[1].count, ours.tracks[1].center[0]) == (9, 0.1)


def test_what_both_saw_is_fused_and_the_base_counts_once():
    base = marks(mug(1))
    ours = marks(mug(1, (0.0, 0.0), count=8, last_seen=7.0, log_odds=2.5))
    theirs = marks(
        mug(
            1,
            (0.2, 0.0),
            count=6,
            last_seen=9.0,
            log_odds=2.2,
            categories={"mug": 4.0, "vase": 1.0},
        )
    )
    take_landmarks(ours, theirs, base)
    track = ours.tracks[1]
    assert (track.count, track.last_seen) == (9, 9.0)
    assert track.center[0] == pytest.approx(0.1)
    assert track.log_odds == pytest.approx(2.7)
    assert track.categories == {"mug": 4.0, "vase": 1.0}
    assert np.trace(track.covariance) == pytest.approx(0.03)


@pytest.mark.parametrize(("count", "stays"), [(5, False), (6, True)])
def test_what_they_gave_up_goes_unless_we_saw_it_since(count, stays):
    ours = marks(mug(1, count=count))
    take_landmarks(ours, marks(), marks(mug(1)))
    assert (1 in ours.tracks) is stays


@pytest.mark.parametrize(("count", "comes_back"), [(5, False), (6, True)])
def test_what_we_gave_up_comes_back_if_they_saw_it_since(count, comes_back):
    ours = marks()
    changed = mug(1, count=count, log_odds=1.9)
    take_landmarks(ours, marks(changed), marks(mug(1)))
    assert (1 in ours.tracks) is comes_back


def test_the_robot_goes_on_with_the_joined_map_where_it_is():
    """Frame, pose and numbers of rooms stay; what was drawn from the grid is new."""
    ours = CognitiveMap()
    pose = np.array([6.0, 4.6, 0.3])
    for spot in ((6.0, 4.6), (1.5, 4.6), (10.0, 4.6)):
        ours.grid.add_scan(ring(*spot, radius=1.0))
    ours.localiser.pose_map_odom = compose2(pose, inverse2(np.array([1.0, 0.0, 0.0])))
    ours.refresh()
    before, view = ours.snapshot(), ours.grid.view()
    theirs = copied(ours)
    theirs.grid.add_scan(ring(6.0, 8.0, radius=1.0))
    theirs.landmarks.tracks[50] = mug(50, (6.0, 8.0))
    joined = copied(ours)
    take_news(joined, theirs, ours, 0.0)
    adopt(ours, joined.snapshot())
    assert np.array_equal(
        ours.localiser.pose_map_odom, np.array(before.data["pose_map_odom"])
    )
    assert [m.id for m in ours.landmarks.landmarks()] == [50]
    assert ours.grid.view().version > view.version
    rooms = {room["id"] for room in before.data["rooms"]}
    assert rooms <= {room["id"] for room in ours.snapshot().data["rooms"]}
    assert ours.landmarks.new_id() not in (50,)


def test_failed_passages_of_both_are_known():
    base = CognitiveMap()
    for x in (0.0, 2.0, 4.0):
        base.grid.add_scan(ring(x, 0.0))
    base.refresh()
    ours, theirs = copied(base), copied(base)
    theirs.experience.tolls.fail(np.array([1.0, 0.0, 0.5]))
    take_news(ours, theirs, base, 0.0)
    assert ours.experience.messages() == theirs.experience.messages() != ()
