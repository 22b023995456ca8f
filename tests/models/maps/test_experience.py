import json

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps import (
    CognitiveMap,
    MapsConfig,
    PlaceConfig,
    PlaceGraph,
)
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.experience import Experience, ExperienceConfig
from neural_brain.models.maps.stretches import SlowConfig
from neural_brain.models.signals import GridView, MotionStatus

WAY = np.array([[0.0, 0.0], [10.0, 0.0]])
ON = ExperienceConfig(slow=SlowConfig(most_m=24.0))
CELLS = np.zeros((40, 120), np.int8)
CELLS[:16, 53:57] = CELLS[25:, 53:57] = 100  # a door at x = 4.5
GRID = GridView(cells=CELLS, origin=np.array([-1.0, -2.05]), resolution=0.1, version=1)


def chain(count=10) -> PlaceGraph:
    """Places every metre along x."""
    graph = PlaceGraph(PlaceConfig())
    for k in range(1, count + 1):
        graph.xy[k] = np.array([float(k - 1), 0.0])
    for k in range(1, count):
        graph.costs[k, k + 1] = graph.costs[k + 1, k] = 1.0
    graph.next_id = count + 1
    return graph


def running(number=1, **more) -> MotionStatus:
    return MotionStatus(id=number, state="running", path_map=WAY, **more)


def drive(experience, speed, start=0.0, end=9.0, t=0.0, number=1) -> float:
    """Drive along x at speeds [m/s] given by place; returns when it arrived."""
    x, way = start, np.sign(end - start)
    while way * (end - x) > 0.0:
        t += 0.2
        x += way * 0.2 * speed(x)
        pose = np.array([x, 0.0, 0.0])
        experience.note(t, pose, running(number), GRID)
    done = MotionStatus(id=number, state="done")
    experience.note(t, np.array([x, 0.0, 0.0]), done, GRID)
    return t


def crawling(x):
    return 0.1 if 3.8 < x < 5.2 else 0.5


def test_a_slow_door_costs_more_in_the_direction_that_is_slow():
    experience, graph = Experience(ON), chain()
    t = 0.0
    for number in range(1, 7, 2):
        t = drive(experience, crawling, t=t, number=number)
        t = drive(experience, lambda _: 0.5, 9.0, 0.0, t, number + 1)
    experience.update(t, GRID, graph)
    assert all(abs(toll.heading_rad) < 0.1 for toll in experience.messages())
    lost_m = sum(toll.price_m for toll in experience.messages())
    assert 2.0 < lost_m < 6.0  # 11 s more than usual
    assert set(graph.penalties) <= {(4, 5), (5, 6)}
    costs = {(p.start, p.end): p.cost for p in graph.messages()[1]}
    assert costs[6, 5] == costs[5, 4] == 1.0
    assert costs[4, 5] + costs[5, 6] == pytest.approx(2.0 + lost_m)


def test_by_default_only_failures_are_charged():
    experience = Experience(ExperienceConfig())
    drive(experience, crawling)
    assert not experience.messages()


def test_a_door_that_is_slow_no_more_is_as_good_as_before():
    experience = Experience(ON)
    t = drive(experience, crawling)
    assert experience.messages()
    drive(experience, lambda _: 0.5, t=t, number=2)
    assert not experience.messages()


def test_slowness_is_forgotten():
    experience, graph = Experience(ON), chain()
    t = drive(experience, crawling)
    experience.update(t, GRID, graph)
    experience.update(t + 2e4, GRID, graph)
    assert not graph.penalties


def test_in_the_open_nothing_is_charged_for_being_slow():
    experience = Experience(ON)
    drive(experience, lambda x: 0.1 if 6.0 < x < 7.0 else 0.5)
    assert not experience.messages()


def test_pauses_and_turns_do_not_count_as_slow():
    experience = Experience(ON)
    drive(experience, lambda _: 0.5, 0.0, 4.5)
    waiting = MotionStatus(id=2, state="running")
    experience.note(50.0, np.array([4.5, 0.0, 0.0]), waiting, GRID)
    for k in range(100):  # it turns in the door
        pose = np.array([4.5, 0.0, 0.1 * k % 6.0 - 3.0])
        experience.note(60.0 + 0.2 * k, pose, running(3), GRID)
    drive(experience, lambda _: 0.5, 4.5, 9.0, 80.0, number=3)
    assert not experience.messages()


def test_getting_stuck_twice_is_noted_once_and_crossing_lifts_it():
    experience, graph = Experience(ON), chain()
    at = np.array([3.0, 0.0, 0.0])
    for t in (0.0, 0.05, 0.1):
        experience.note(t, at, running(stuck_at=at), GRID)
    assert not experience.messages()  # a little backing up may have helped
    again = at + np.array([0.1, 0.0, 0.0])
    for t in (0.2, 0.25):
        experience.note(t, again, running(stuck_at=again), GRID)
    experience.update(0.25, GRID, graph)
    assert [t.price_m for t in experience.messages()] == [6.0, 3.0]
    assert graph.penalties == {(4, 5): 6.0, (5, 4): 3.0}
    drive(experience, lambda _: 0.5, t=1.0, number=2)
    experience.update(30.0, GRID, graph)
    assert [t.price_m for t in experience.messages()] == [3.0]


def test_a_drive_that_arrived_is_a_route_and_one_that_failed_is_not():
    experience = Experience(ON)
    t = drive(experience, lambda _: 0.5)
    (route,) = experience.routes.routes
    assert route.took_s == pytest.approx(t, abs=0.5)
    assert np.hypot(*(route.way[-1] - [9.0, 0.0])) < 0.2
    for k in range(30):
        pose = np.array([0.2 * k, 3.0, 0.0])
        experience.note(t + k, pose, running(7), GRID)
    failed = MotionStatus(id=7, state="failed", reason="stuck")
    experience.note(t + 40.0, np.array([6.0, 3.0, 0.0]), failed, GRID)
    assert len(experience.routes.routes) == 1


def test_everything_moves_with_a_mended_map():
    experience = Experience(ON)
    drive(experience, lambda _: 0.5)
    experience.tolls.fail(np.array([3.0, 0.0, 0.0]))
    way = experience.routes.routes[0].way
    change = np.array([1.0, 2.0, np.pi / 2])
    experience.move(
        Correction(numbers=(1,), before=np.zeros((1, 3)), after=change[None])
    )
    turned = np.stack([1.0 - way[:, 1], 2.0 + way[:, 0]], axis=1)
    assert np.allclose(experience.routes.routes[0].way, turned)
    toll = experience.messages()[0]
    assert (toll.x_m, toll.y_m) == (pytest.approx(1.0), pytest.approx(5.35))
    assert toll.heading_rad == pytest.approx(np.pi / 2)


def test_what_was_learned_survives_a_file():
    experience = Experience(ON)
    drive(experience, lambda _: 0.5)
    experience.tolls.fail(np.array([3.0, 0.0, 0.0]))
    data = json.loads(json.dumps({"experience": experience.to_plain()}))
    again = Experience(ON)
    again.from_plain(data)
    assert again.messages() == experience.messages()
    assert np.allclose(
        again.routes.routes[0].way, experience.routes.routes[0].way, atol=1e-3
    )
    again.from_plain({})  # a map of an older release
    assert not again.messages()


@pytest.mark.parametrize(
    "known",
    [
        {"tolls": [[0, 0, 0, 1, float("inf"), 0]]},
        {"tolls": "all"},
        {"routes": [{"way": [[0, 0]], "took_s": 1, "uses": 1}]},
        {"routes": [{"way": [[0, 0], [float("nan"), 1]], "took_s": 1, "uses": 1}]},
        {"routes": [{}]},
        [],
    ],
)
def test_a_damaged_file_is_refused(known):
    experience = Experience(ON)
    if known == []:
        known = [1]
    with pytest.raises(MapFileError, match="tolls or routes"):
        experience.from_plain({"experience": known})


def test_a_map_learns_from_motion_and_keeps_it(make_body):
    cognitive = CognitiveMap()
    body = make_body(0.0, np.zeros(3))
    cognitive.step(0.0, body, None, None)
    at = np.array([0.5, 0.0, 0.0])
    for stuck in (at, at + np.array([0.01, 0.0, 0.0])):
        cognitive.note_motion(0.1, body, running(stuck_at=stuck))
    for k in range(30):
        body = make_body(0.2 * k, np.array([-0.1 * k, 0.0, 0.0]))
        cognitive.note_motion(0.2 * k, body, running(2))
    cognitive.note_motion(6.0, body, MotionStatus(id=2, state="done"))
    state = cognitive.state()
    assert [toll.price_m for toll in state.tolls] == [6.0, 3.0]
    assert len(state.routes) == 1
    again = CognitiveMap.restore(MapsConfig(), cognitive.snapshot()).state()
    assert again.tolls == state.tolls
    assert np.allclose(again.routes[0].way, state.routes[0].way, atol=1e-3)


def test_a_lost_robot_learns_nothing(make_body):
    cognitive = CognitiveMap()
    body = make_body(0.0, np.zeros(3))
    cognitive.localiser.localised = False
    for stuck in (np.zeros(3), np.full(3, 0.01)):
        cognitive.note_motion(0.1, body, running(stuck_at=stuck))
    assert not cognitive.state().tolls
