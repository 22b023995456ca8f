"""Baselines without a memory, and one that knows of things only their place."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks import nav_lifelong, nav_objects
from neural_brain.benchmarks.navigation.by_place import PlaceKnower, places_of
from neural_brain.benchmarks.navigation.wanderers import (
    BODY_M,
    FAR_M,
    STEP_M,
    WAYS,
    React,
    Reactor,
    Wanderer,
    rooms_around,
)
from neural_brain.models.signals import LaserScan, ObjectPercept, Percepts
from tests.models.executive.conftest import Flat, Robot, landmark

HALF = np.array([3.0, 2.0])


def box_scan(pose):
    """A scan from a pose in an empty room around the origin."""
    angles = pose[2] + np.linspace(-np.pi, np.pi, 360, endpoint=False)
    ray = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    with np.errstate(divide="ignore"):
        reach = np.where(ray >= 0, HALF - pose[:2], -HALF - pose[:2]) / ray
    return LaserScan(
        stamp=0.0, angle_min=-np.pi, angle_increment=np.radians(1.0), range_min=0.1,
        range_max=10.0, ranges=reach.min(axis=1), pose_base_laser=np.zeros(3),
    )  # fmt: skip


def test_room_is_measured_along_every_way():
    rooms = rooms_around(box_scan(np.array([1.0, 0.0, 0.0])))
    assert rooms.shape == WAYS.shape
    assert rooms[0] == pytest.approx(2.0 - BODY_M, abs=0.02)
    assert rooms[6] == pytest.approx(2.0 - BODY_M, abs=0.02)  # 90 degrees
    assert rooms[12] == pytest.approx(FAR_M - BODY_M, abs=0.02)


def drive(pursuit, pose, legs):
    """Where legs chosen by scans in the room lead."""
    spots = [pose[:2]]
    for _ in range(legs):
        way, length = pursuit.choose(rooms_around(box_scan(pose)), pose[2])
        x, y = pose[:2] + length * np.array([np.cos(way), np.sin(way)])
        pose = np.array([x, y, way])
        spots.append(pose[:2])
    return np.array(spots)


def pursuit_of(executive, words="find the mug"):
    executive.say(words, 0.0, None)
    executive._begin_next(np.zeros(3))
    return executive._pursuit


@pytest.mark.parametrize("kind", [Wanderer, Reactor])
def test_legs_stay_in_the_room(kind):
    spots = drive(pursuit_of(kind()), np.array([-1.0, 0.3, 0.4]), 60)
    assert np.all(np.abs(spots) < HALF - BODY_M + 0.05)


def test_it_follows_the_walls_around_the_room():
    spots = drive(pursuit_of(Reactor()), np.array([0.0, 0.0, 0.0]), 60)
    quarters = {(x > 0, y > 0) for x, y in np.sign(spots[-30:])}
    assert len(quarters) == 4


def test_it_does_not_circle_in_the_open():
    pursuit = pursuit_of(Reactor())
    rooms = np.full(len(WAYS), FAR_M)
    blocked = rooms.copy()
    blocked[[0, 1, -1]] = 0.1
    heading, _ = pursuit.choose(blocked, 0.0)  # something small: around it
    for _ in range(12):
        heading, length = pursuit.choose(rooms, heading)
    assert length == STEP_M
    again, _ = pursuit.choose(rooms, heading)
    assert again == heading
    assert isinstance(pursuit, React)


def sees(executive, xy, stamp, category="mug"):
    thing = ObjectPercept(
        category=category, colour="red", confidence=0.9,
        center_base=np.array([*xy, 0.5]), size=np.full(3, 0.1),
    )  # fmt: skip
    executive.observe(
        Percepts(
            stamp=stamp, pose_odom_base=np.zeros(3), obstacles=np.zeros((0, 2)),
            free=np.zeros((0, 2)), objects=(thing,), view_polygon=np.zeros((0, 2)),
        ),
        np.zeros(3),
    )  # fmt: skip


@pytest.mark.parametrize("kind", [Wanderer, Reactor])
def test_it_says_so_when_the_thing_is_in_view_and_near(kind):
    executive, state = kind(), Flat().state(0.0)
    executive.say("find the mug", 0.0, state)
    executive.step(0.0, state, np.zeros(3), None)
    sees(executive, (0.6, 0.0), 0.1, "bowl")
    executive.step(0.5, state, np.zeros(3), None)
    assert not executive.finished
    sees(executive, (0.6, 0.0), 0.6)
    executive.step(1.0, state, np.zeros(3), None)
    assert executive.finished[0].success


def test_only_the_reactive_one_drives_to_what_it_sees():
    drives = []
    for kind in (Wanderer, Reactor):
        executive, state = kind(), Flat().state(0.0)
        executive.say("find the mug", 0.0, state)
        executive.step(0.0, state, np.zeros(3), None)
        sees(executive, (2.0, 0.0), 0.1)
        step = executive.step(0.5, state, np.zeros(3), None)
        drives.append(step.pose_map)
    assert drives[0] is None
    assert np.allclose(drives[1][:2], [1.35, 0.0])


def test_patience_ends():
    executive, state = Wanderer(), Flat().state(0.0)
    executive.say("find the mug", 0.0, state)
    executive.step(0.0, state, np.zeros(3), None)
    executive.step(601.0, state, np.zeros(3), None)
    assert "I stopped after" in executive.finished[0].text


def test_a_thing_is_found_at_its_place_without_its_spot():
    flat = Flat()
    mug = landmark(7, "mug", "red", (2.6, -1.5, 0.8))
    known = places_of(replace(flat.state(0.0), landmarks=(mug,)), {})
    assert known == {("mug", "red"): [3]}
    assert places_of(flat.state(0.0), known) == known  # what is old stays
    executive = PlaceKnower()
    executive.known = known
    robot = Robot(flat, executive)
    robot.found_when_near = [mug]
    robot.say("find the red mug")
    robot.run()
    assert executive.finished[0].success
    first, then = robot.steps[:2]
    assert np.allclose(first.pose_map[:2], flat.places[3].xy, atol=0.1)
    assert (then.kind.value, then.point_map) == ("look", None)


def test_what_was_not_there_is_searched_for():
    flat = Flat()
    executive = PlaceKnower()
    executive.known = {("mug", "red"): [3, 99]}
    robot = Robot(flat, executive)
    robot.found_when_near = [landmark(7, "mug", "red", (-2.6, 1.9, 0.8))]
    robot.say("find the mug")
    robot.run()
    assert executive.finished[0].success


@pytest.mark.parametrize(
    ("task", "names"),
    [(nav_objects.TASK, ("random walk", "reactive, no map")),
     (nav_lifelong.TASK, ("second, things by place",))],
)  # fmt: skip
def test_they_are_played_last(task, names):
    later = [play.name for play in task.plays if play.later]
    assert later[-len(names) :] == list(names)
