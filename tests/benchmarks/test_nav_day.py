import numpy as np
import pytest

from neural_brain.benchmarks.day_hall import Hall, room_of
from neural_brain.benchmarks.day_world import PaperRobot, cast
from neural_brain.benchmarks.nav_day import LANDMARKS, is_full, simulate, summarise


def test_the_hall_changes_every_hour_but_for_its_walls():
    hall = Hall(np.random.default_rng(1))
    before, things = hall.segments.copy(), list(hall.things)
    hall.hour_passes()
    assert hall.segments.shape == before.shape
    moved = np.any(hall.segments != before, axis=1)
    assert not moved[: len(hall._walls)].any()
    assert 0.02 < moved[len(hall._walls) :].mean() < 0.5
    assert 10 < sum(a is not b for a, b in zip(things, hall.things, strict=True)) < 80


def test_the_robot_never_drives_through_walls_or_boxes():
    hall = Hall(np.random.default_rng(2))
    robot = PaperRobot(hall, 1.0, np.random.default_rng(3))
    angles = np.linspace(-np.pi, np.pi, 90, endpoint=False)
    rooms = set()
    for _ in range(1200):
        robot.pose = robot._driven()
        rooms.add(int(room_of(robot.pose[None, :2])[0]))
        assert cast(hall.segments, robot.pose, angles).min() > 0.3
    assert len(rooms) >= 4


def test_a_short_day_is_mapped_and_noted():
    rows = simulate(0.09, 9.0, 1001)
    assert len(rows) == 2
    assert rows[-1]["pose error m"] < 0.3
    assert 0 < rows[-1]["landmarks"] <= LANDMARKS
    assert rows[-1]["resident MB"] > 20.0
    assert rows[-1]["things known"] > 0.0
    assert not is_full(rows[-1])


def test_growth_is_found_and_judged():
    full = {"views MB": 0.5, "landmarks": 250.0, "keyframes": 300.0, "edges": 1200.0}
    more = {"grid MB": 4.0, "ms a frame": 1.0, "things known": 0.5, "pose error m": 0.1}
    for slope, met in ((0.0, True), (1.0, False)):
        rows = [
            {**full, **more, "hour": float(h), "resident MB": 200.0 + slope * h}
            for h in range(25)
        ]
        growth = summarise(rows)[0]
        assert growth.value == pytest.approx(slope, abs=1e-6)
        assert growth.met is met
