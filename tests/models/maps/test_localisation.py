from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.geometry import compose2, inverse2, wrap
from neural_brain.models.maps import CognitiveMap, MapsConfig


def errors(estimated, true):
    difference = estimated - true
    return np.hypot(difference[0], difference[1]), abs(wrap(difference[2]))


@pytest.fixture(scope="module")
def explored(world, tour):
    """The map after a whole tour with 5 % odometry drift and slip, and its errors."""
    cognitive = CognitiveMap(MapsConfig())
    mapped, dead_reckoning, events = [], [], []
    for sample in world.drive(tour, drift=0.05, slip=0.3):
        state = cognitive.step(sample.t, sample.body, sample.scan, None)
        pose = cognitive.pose_map_base(sample.body)
        mapped.append(errors(pose, sample.true))
        dead_reckoning.append(errors(sample.body.pose_odom_base, sample.true))
        events += cognitive.pop_events()
    return {
        "map": cognitive,
        "state": state,
        "mapped": np.array(mapped),
        "odometry": np.array(dead_reckoning),
        "events": events,
    }


def test_drift_of_an_exploration_stays_small(explored):
    position, heading = explored["mapped"].T
    assert position.mean() < 0.06
    assert position.max() < 0.15
    assert np.percentile(heading, 95) < np.radians(2.0)
    assert explored["odometry"][:, 0].max() > 1.0  # the drive was hard enough


def test_the_robot_was_never_lost(explored):
    assert explored["state"].localised
    assert not [event for event in explored["events"] if event.kind == "lost"]


def test_without_scans_the_pose_becomes_less_sure_and_with_one_sure_again(world, tour):
    cognitive = CognitiveMap(MapsConfig())
    samples = list(world.drive(tour[:3], drift=0.05))
    spread = []
    blind = range(len(samples) // 2, len(samples) // 2 + 20)
    for k, sample in enumerate(samples):
        scan = None if k in blind else sample.scan
        state = cognitive.step(sample.t, sample.body, scan, None)
        spread.append(np.sqrt(np.trace(state.covariance[:2, :2])))
    before, during, after = (
        spread[blind[0] - 1],
        spread[blind[-1]],
        spread[blind[-1] + 1],
    )
    way = np.hypot(*(samples[blind[-1]].true - samples[blind[0] - 1].true)[:2])
    assert way > 0.5  # it drove meanwhile
    assert during > before + 0.04 * way
    assert after < 0.5 * during


def test_walls_are_where_they_are(explored, world):
    grid = explored["state"].grid
    rows, columns = np.nonzero(grid.cells > 60)
    cells = np.stack([columns, rows], axis=1) + 0.5
    points = grid.origin + grid.resolution * cells
    ends = world.to_map(world.segments.reshape(-1, 2)).reshape(-1, 2, 2)
    a, b = ends[:, 0], ends[:, 1]
    along = b - a
    share = ((points[:, None] - a) * along).sum(2) / (along**2).sum(1)
    foot = a + np.clip(share, 0.0, 1.0)[..., None] * along
    distance = np.linalg.norm(points[:, None] - foot, axis=2).min(axis=1)
    assert len(points) > 800
    assert np.mean(distance < 0.1) > 0.97


def test_rooms_and_doors_are_found(explored, world):
    state = explored["state"]
    middles = [(1.8, 3.0), (6.0, 3.2), (10.0, 3.0), (2.5, 6.5), (7.0, 6.4), (11.0, 6.0)]
    found = explored["map"].rooms.room_of(world.to_map(np.array(middles)))
    assert 0 not in found
    assert len(set(found)) == 6  # six rooms, none joined to another
    assert 7 <= len(state.rooms) <= 9  # and the corridor, in up to three parts
    doors = np.array([door.xy for door in explored["map"].rooms.doors])
    true = np.array(
        [(1.5, 4.0), (6.0, 4.0), (10.0, 4.0), (2.5, 5.2), (7.0, 5.2), (11.0, 5.2)]
    )
    gap = np.linalg.norm(doors[:, None] - world.to_map(true), axis=2).min(axis=0)
    assert np.all(gap < 0.3)


def test_every_room_is_reached_by_passages(explored, world):
    state = explored["state"]
    reached, front = set(), [state.places[0].id]
    while front:
        here = front.pop()
        reached.add(here)
        front += [
            p.end for p in state.passages if p.start == here and p.end not in reached
        ]
    rooms = {place.room for place in state.places if place.id in reached}
    assert {room.id for room in state.rooms} <= rooms
    assert any(passage.door for passage in state.passages)


def test_no_passage_crosses_a_wall(explored, world):
    state = explored["state"]
    xy = {place.id: place.xy for place in state.places}
    to_world = compose2(world.start, np.zeros(3))
    ends = np.array([[xy[p.start], xy[p.end]] for p in state.passages])
    c, s = np.cos(to_world[2]), np.sin(to_world[2])
    ends = ends @ np.array([[c, s], [-s, c]]) + to_world[:2]
    p, r = ends[:, 0], ends[:, 1] - ends[:, 0]
    q = world.segments[:, :2]
    d = world.segments[:, 2:] - q
    cross = r[:, None, 0] * d[:, 1] - r[:, None, 1] * d[:, 0]
    w = q - p[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (w[..., 0] * d[:, 1] - w[..., 1] * d[:, 0]) / cross
        u = (w[..., 0] * r[:, None, 1] - w[..., 1] * r[:, None, 0]) / cross
    crossing = (t > 0) & (t < 1) & (u > 0) & (u < 1)
    assert not crossing.any()


def test_a_scan_older_than_the_body_is_placed_where_it_was_taken(world, make_body):
    rng = np.random.default_rng(3)
    cognitive = CognitiveMap()
    pose = world.start
    cognitive.step(0.0, make_body(0.0, np.zeros(3)), world.scan(pose, 0.0, rng), None)
    late = world.scan(pose, 0.05, rng)
    moved = np.array([0.08, 0.0, 0.25])
    cognitive.step(0.05, make_body(0.05, np.zeros(3)), None, None)
    body = make_body(0.25, moved)
    cognitive.step(0.25, body, late, None)
    distance, turn = errors(cognitive.pose_map_base(body), moved)
    assert distance < 0.02
    assert turn < 0.01


def test_a_kidnapped_robot_says_so_and_finds_itself(explored, world, make_body):
    cognitive = CognitiveMap.restore(MapsConfig(), explored["map"].snapshot())
    rng = np.random.default_rng(5)
    there = np.array([9.9, 2.4, -0.7])
    events, t = [], 1000.0
    for _ in range(80):
        t += 0.6
        body = make_body(t, np.zeros(3))
        state = cognitive.step(t, body, world.scan(there, t, rng), None)
        events += cognitive.pop_events()
        if state.localised:
            break
    true = compose2(inverse2(world.start), there)
    distance, turn = errors(cognitive.pose_map_base(body), true)
    assert "relocalised" in [event.kind for event in events]
    assert distance < 0.1
    assert turn < 0.04


def test_a_lost_robot_whose_guess_lies_beside_its_map_searches_as_well(
    explored, world, make_body
):
    cognitive = CognitiveMap.restore(MapsConfig(), explored["map"].snapshot())
    rng = np.random.default_rng(5)
    there = np.array([9.9, 2.4, -0.7])
    body = make_body(999.0, np.zeros(3))
    cognitive.step(999.0, body, world.scan(there, 999.0, rng), None)
    cognitive.localiser.localised = False
    cognitive.localiser.pose_map_odom = np.array([60.0, 60.0, 0.0])
    for k in range(80):
        t = 1000.0 + 0.6 * k
        body = make_body(t, np.zeros(3))
        state = cognitive.step(t, body, world.scan(there, t, rng), None)
        if state.localised:
            break
    true = compose2(inverse2(world.start), there)
    assert state.localised
    assert errors(cognitive.pose_map_base(body), true)[0] < 0.1


@pytest.mark.parametrize("things", [3, 40])
def test_a_robot_finds_itself_where_things_were_moved_but_not_through_walls(
    explored, world, make_body, things
):
    cognitive = CognitiveMap.restore(MapsConfig(), explored["map"].snapshot())
    rng = np.random.default_rng(5)
    there = np.array([9.9, 2.4, -0.7])
    true = compose2(inverse2(world.start), there)
    grid, beams = cognitive.grid, np.linspace(0.0, 2.0 * np.pi, things, endpoint=False)
    for beam in beams:  # what stood around the robot on the day of the map is gone
        at = true[:2] + 0.7 * np.array([np.cos(beam), np.sin(beam)])
        row, column = grid.cells_of(at[None])[0]
        grid.lidar[row - 2 : row + 3, column - 2 : column + 3] = grid.lidar.max()
    kinds, t = [], 1000.0
    for _ in range(40):
        t += 0.6
        body = make_body(t, np.zeros(3))
        state = cognitive.step(t, body, world.scan(there, t, rng), None)
        kinds += [event.kind for event in cognitive.pop_events()]
        if state.localised or "new map" in kinds:
            break
    if things == 3:
        assert "relocalised" in kinds
        assert errors(cognitive.pose_map_base(body), true)[0] < 0.1
    else:
        assert "new map" in kinds and "relocalised" not in kinds


def test_a_restart_at_the_same_spot_is_found_at_once(explored, world, make_body, tour):
    cognitive = CognitiveMap.restore(MapsConfig(), explored["map"].snapshot())
    rng = np.random.default_rng(6)
    last = list(world.drive(tour[-1:], seed=1))
    assert last
    here = compose2(world.start, cognitive.snapshot().data["pose_map_base"])
    for k in range(4):
        body = make_body(0.6 * k, np.zeros(3))
        state = cognitive.step(0.6 * k, body, world.scan(here, 0.6 * k, rng), None)
    assert state.localised
    true = compose2(inverse2(world.start), here)
    assert errors(cognitive.pose_map_base(body), true)[0] < 0.1


def test_a_map_of_another_home_is_not_taken_for_this_one(explored, make_body, world):
    home = np.array([[0, 0, 6, 0], [6, 0, 6, 4], [6, 4, 0, 4], [0, 4, 0, 0]], float)
    home = np.vstack([home, [[2.0, 0.0, 2.0, 2.5], [3.5, 4.0, 3.5, 1.6]]])
    other = type(world)(home, start=(1.0, 1.0, 0.3))
    rng = np.random.default_rng(9)
    cognitive = CognitiveMap.restore(MapsConfig(), explored["map"].snapshot())
    events = []
    for k in range(60):
        t = 0.6 * k
        scan = other.scan(other.start, t, rng)
        state = cognitive.step(t, make_body(t, np.array([7.0, 3.0, 1.0])), scan, None)
        events += cognitive.pop_events()
    assert [event.kind for event in events if event.kind != "new room"] == ["new map"]
    assert state.localised
    assert state.landmarks == ()
    assert cognitive.snapshot().data["map"] == 2
    assert cognitive.left == 1
    assert (
        errors(
            cognitive.pose_map_base(make_body(t, np.array([7.0, 3, 1]))), np.zeros(3)
        )[0]
        < 0.05
    )


def test_a_look_alike_room_is_given_up_after_some_way(explored, make_body, world):
    home = np.array([[0, 0, 6, 0], [6, 0, 6, 4], [6, 4, 0, 4], [0, 4, 0, 0]], float)
    home = np.vstack([home, [[2.0, 0.0, 2.0, 2.5], [3.5, 4.0, 3.5, 1.6]]])
    other = type(world)(home, start=(5.0, 3.0, 1.0))
    snapshot = explored["map"].snapshot()
    cognitive = CognitiveMap.restore(MapsConfig(), snapshot)
    standing = [(other.start, 0.6 * k) for k in range(10)]
    rng = np.random.default_rng(9)
    for pose, t in standing:
        scan = other.scan(pose, t, rng)
        state = cognitive.step(t, make_body(t, np.zeros(3)), scan, None)
    assert state.localised  # it looks like a room that it knows
    assert np.array_equal(cognitive.grid.lidar, snapshot.arrays["lidar"])
    events = cognitive.pop_events()
    for sample in other.drive(
        [(4.8, 2.2), (3.0, 0.8), (2.7, 3.0), (1.0, 3.2)], drift=0.0
    ):
        t = 10.0 + sample.t
        cognitive.step(t, make_body(t, sample.body.pose_odom_base), sample.scan, None)
        events += cognitive.pop_events()
    assert "new map" in [event.kind for event in events]
    assert cognitive.snapshot().data["map"] == 2


def test_a_reset_of_the_odometry_does_not_move_the_robot(explored, world, make_body):
    cognitive = CognitiveMap()
    rng = np.random.default_rng(7)
    scan = world.scan(world.start, 0.0, rng)
    cognitive.step(0.0, make_body(0.0, np.array([5.0, 5.0, 1.0])), scan, None)
    before = cognitive.pose_map_base(make_body(0.1, np.array([5.0, 5.0, 1.0])))
    after = cognitive.pose_map_base(make_body(0.2, np.zeros(3)))
    assert np.allclose(before, after, atol=1e-9)


def test_bad_numbers_change_nothing(world, make_body):
    cognitive = CognitiveMap()
    rng = np.random.default_rng(8)
    cognitive.step(
        0.0, make_body(0.0, np.zeros(3)), world.scan(world.start, 0.0, rng), None
    )
    before = cognitive.snapshot()
    scan = world.scan(world.start, 1.0, rng)
    broken = type(scan)(**{**vars(scan), "ranges": np.full(360, np.nan)})
    odom = np.array([np.nan, 0.0, 0.0])
    state = cognitive.step(1.0, make_body(1.0, odom), broken, None)
    assert np.array_equal(before.arrays["lidar"], cognitive.snapshot().arrays["lidar"])
    assert np.all(np.isfinite(state.pose_map_odom))


@pytest.mark.parametrize(
    ("gyro", "accel", "slips"),
    [(0.0, 9.81, True), (0.6, 9.81, False), (0.0, 0.0, False)],
)
def test_a_turn_that_the_gyroscope_denies_is_slip_unless_there_is_none(
    make_body, gyro, accel, slips
):
    localiser = CognitiveMap().localiser
    for tick in range(100):
        t = 0.02 * tick
        body = make_body(t, np.array([0.0, 0.0, 0.6 * t]), (0.0, 0.6))
        feels = {"gyro": np.array([0, 0, gyro]), "accel": np.array([0, 0, accel])}
        localiser.feel(replace(body, **feels))
    assert (localiser._slip > 0.1) == slips
