"""A thing is found when looks from near call it so, and left when they deny it."""

import numpy as np
import pytest

from neural_brain.models.executive.near_looks import AGREE, DENY, NearLooks
from neural_brain.models.signals import ObjectPercept, Percepts

HERE = np.zeros(3)


def percept(category, xyz=(1.0, 0.0, 0.9), confidence=0.9, size=0.6):
    return ObjectPercept(
        category=category,
        colour="",
        confidence=confidence,
        center_base=np.array(xyz),
        size=np.full(3, size),
    )


def frame(*objects, t=0.0, pose=HERE):
    return Percepts(
        stamp=t,
        pose_odom_base=pose,
        obstacles=np.zeros((0, 2)),
        free=np.zeros((0, 2)),
        objects=objects,
        view_polygon=np.eye(3)[:, :2],
    )


@pytest.fixture
def looks(make_landmark):
    """Looks at a thing of 0.6 m, a metre ahead, that shall be a tv."""
    watched = NearLooks()
    thing = make_landmark(1, "tv", "", (1.0, 0.0, 0.9), size=np.full(3, 0.6))
    watched.begin(thing, "tv")
    return watched


def see(looks, *objects, times=1, pose=HERE):
    for _ in range(times):
        looks.note(frame(*objects, t=1.0), pose)


def test_one_frame_is_no_proof_and_a_few_are(looks):
    see(looks, percept("tv"), times=AGREE - 1)
    assert not looks.agree_since(0.0)
    see(looks, percept("tv"))
    assert looks.agree_since(0.0)
    assert not looks.agree_since(2.0)  # too long ago


def test_unsure_frames_agree_when_nothing_else_is_said_of_the_thing(looks):
    see(looks, percept("tv", confidence=0.4), times=AGREE)
    assert looks.agree_since(0.0)


def test_a_surer_other_name_of_the_same_body_takes_the_proof_away(looks):
    see(looks, percept("tv", confidence=0.6), percept("fridge"), times=AGREE)
    assert not looks.agree_since(0.0)


def test_looks_from_afar_do_not_count(looks):
    see(looks, percept("tv", (3.0, 0.0, 0.9)), times=9, pose=np.array([-2.0, 0.0, 0.0]))
    assert not looks.agree_since(0.0)


def test_what_is_called_otherwise_is_denied(looks):
    see(looks, percept("fridge"), times=DENY - 1)
    assert not looks.deny
    see(looks, percept("fridge"))
    assert looks.deny


@pytest.mark.parametrize(
    "neighbour",
    [
        percept("fridge", (1.0, 0.4, 0.9)),  # beside it
        percept("vase", size=0.2),  # a small thing before it
        percept("chair", (1.0, 0.0, 0.3)),  # below it
    ],
)
def test_neighbours_deny_nothing(looks, neighbour):
    see(looks, neighbour, times=2 * DENY)
    assert not looks.deny


def test_a_new_thing_begins_with_nothing_seen(looks, make_landmark):
    see(looks, percept("tv"), times=AGREE)
    looks.begin(make_landmark(2, "tv", "", (1.0, 0.0, 0.9)), "tv")
    assert not looks.agree_since(0.0)


def test_what_is_denied_on_the_way_is_left_for_the_next(robot, make_landmark):
    size = np.full(3, 0.6)
    robot.flat.things = [
        make_landmark(1, "tv", "", (-2.4, -1.0, 0.9), size=size),
        make_landmark(2, "tv", "", (3.0, 1.0, 0.9), size=size),
    ]
    robot.say("find the tv")
    first = robot.executive.step(0.0, robot.flat.state(0.0), robot.pose, None)
    assert np.allclose(first.point_map, robot.flat.things[0].center_map)
    for _ in range(DENY):
        shown = frame(percept("fridge", (1.1, 0.0, 0.9)), t=0.4, pose=robot.pose)
        robot.executive.observe(shown, robot.pose)
    step = robot.executive.step(0.5, robot.flat.state(0.5), robot.pose, None)
    assert np.allclose(step.point_map, robot.flat.things[1].center_map)
    assert any("from near it is no tv" in text for text in robot.told)
