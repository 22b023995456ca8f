"""Going back to the map that was given up, once a new one is known to overlap it."""

import numpy as np
import pytest

from neural_brain.models.geometry import compose2, inverse2, wrap
from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.maps.alignment import Alignment
from neural_brain.models.maps.track import Track
from neural_brain.models.memory import MemoryStore
from neural_brain.models.memory.rejoining import Rejoining, sure_way

OLD = [(1.5, 2.8), (1.5, 4.6), (4.0, 4.6), (3.8, 7.8), (6.0, 4.6), (6.0, 3.3)]
NEW = [(6.0, 4.6), (6.0, 3.3), (7.0, 6.3), (10.0, 4.6), (10.0, 3.0), (11.0, 6.5)]
FRAME_OLD, FRAME_NEW = np.array([1.5, 2.8, 1.2]), np.array([10.0, 4.6, -2.0])
MUGS = {"red": (6.0, 2.0), "green": (6.6, 7.4), "blue": (2.0, 3.0)}


def mapped(world, frame, stops, mugs):
    """A map with its origin at `frame` (3,) in the world; mugs are colour: place."""
    ours = world.survey(frame, stops)
    for number, (colour, xy) in enumerate(mugs.items(), start=1):
        at = compose2(inverse2(frame), np.array([*xy, 0.0]))
        ours.landmarks.tracks[number] = Track(
            id=number,
            center=np.array([*at[:2], 0.8]),
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
        ours.landmarks.next_id = number + 1
    return ours


def given_up(world, mugs):
    """The map that a robot has begun after it gave up map 1."""
    ours = mapped(world, FRAME_NEW, NEW, mugs)
    ours.map_id, ours.left = 2, 1
    return ours


def search(ours, old, folder):
    """Work until the search has ended; whether the maps were joined, and the steps."""
    with MemoryStore(folder / "home.db") as store:
        store.save_map(old.snapshot(), 1.0)
        back = Rejoining(store)
        for steps in range(1, 100):
            if back.step(ours, 10.0):
                return True, steps
    return False, steps


def test_the_new_map_is_added_to_the_old_one_and_the_robot_stays_where_it_is(
    world, tmp_path, make_body
):
    old = mapped(world, FRAME_OLD, OLD, MUGS)
    ours = given_up(world, {name: MUGS[name] for name in ("red", "green")})
    known = np.count_nonzero(ours.grid.lidar)
    body = make_body(9.0, np.array([0.4, -0.2, 0.3]))
    before = ours.pose_map_base(body)
    joined, steps = search(ours, old, tmp_path)
    assert joined and ours.map_id == 1 and ours.left == 0
    assert steps > 10  # it was work in slices
    true = compose2(compose2(inverse2(FRAME_OLD), FRAME_NEW), before)
    gap = ours.pose_map_base(body) - true
    assert np.hypot(*gap[:2]) < 0.1 and abs(wrap(float(gap[2]))) < 0.02
    assert ours.localiser.localised and ours.recognised
    colours = sorted(mark.colour for mark in ours.landmarks.landmarks())
    assert colours == ["blue", "green", "red"]
    assert np.count_nonzero(ours.grid.lidar) > 1.2 * known
    assert [event.kind for event in ours.pop_events()] == ["joined"]


def test_walls_alone_are_no_proof(world, tmp_path):
    """Another storey of the same shape has other things, or the same ones elsewhere."""
    old = mapped(world, FRAME_OLD, OLD, MUGS)
    ours = given_up(world, {"red": MUGS["green"], "green": MUGS["red"]})
    before = ours.grid.lidar.copy()
    joined, _ = search(ours, old, tmp_path)
    assert not joined and ours.map_id == 2
    assert np.array_equal(ours.grid.lidar, before)


@pytest.mark.parametrize("why", ["another floor", "may not change", "not given up"])
def test_some_maps_are_never_joined(world, tmp_path, why):
    old = mapped(world, FRAME_OLD, OLD, MUGS)
    ours = given_up(world, {name: MUGS[name] for name in ("red", "green")})
    if why == "another floor":
        ours.floor, old.floor = "first", "ground"
    elif why == "may not change":
        ours.config = MapsConfig(correct_recalled=False)
    else:
        ours.left = 0
    assert not search(ours, old, tmp_path)[0]


def way(x=0.0, agreement=0.98, overlap_m2=15.0, things=2):
    return Alignment(
        pose_a_b=np.array([x, 0.0, 0.0]),
        agreement=agreement,
        overlap_m2=overlap_m2,
        things=things,
    )


def test_a_way_is_sure_only_if_nothing_speaks_against_it():
    best = way()
    assert sure_way([best, way(x=0.1), way(x=4.0, agreement=0.6)]) is best
    assert sure_way([]) is None
    for doubtful in (way(agreement=0.85), way(overlap_m2=10.0), way(things=1)):
        assert sure_way([doubtful]) is None
    assert sure_way([best, way(x=4.0, agreement=0.8)]) is None


def test_a_room_that_is_there_twice_is_not_guessed(world, make_body):
    """The lidar alone cannot tell in which of two equal rooms the robot woke up."""
    room = np.array([[0, 0, 4, 0], [4, 0, 4, 3], [4, 3, 0, 3], [0, 3, 0, 0]], float)
    room = np.vstack([room, [[1.5, 0.0, 1.5, 1.2], [3.0, 3.0, 3.0, 2.2]]])
    hall = np.array([[0, 6, 9, 6], [9, 6, 9, 11], [9, 11, 0, 11], [0, 11, 0, 6]], float)
    beside = room + np.array([10.0, 0.0, 10.0, 0.0])
    home = type(world)(np.vstack([room, beside, hall]), start=(2.3, 1.4, 0.5))
    frame = np.array([4.0, 8.5, 0.0])
    stops = [(2.3, 1.4), (0.8, 2.0), (12.3, 1.4), (10.8, 2.0), (4.0, 8.5)]
    old = mapped(home, frame, stops, {})
    once = mapped(home, frame, [*stops[:2], *stops[4:]], {})
    rng = np.random.default_rng(5)
    found = {}
    for name, known in (("twice", old), ("once", once)):
        ours = CognitiveMap.restore(MapsConfig(), known.snapshot())
        for k in range(30):
            scan = home.scan(home.start, 0.6 * k, rng)
            ours.step(0.6 * k, make_body(0.6 * k, np.zeros(3)), scan, None)
        found[name] = ours.map_id == 1 and ours.localiser.localised
    assert found == {"twice": False, "once": True}
