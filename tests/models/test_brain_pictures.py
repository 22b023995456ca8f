"""A brain that is shown pictures: of a place it has seen, and of no place."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.errors import GoalError
from neural_brain.models.sensing import NoDetector
from neural_brain.models.signals import LaserScan, Observation
from neural_brain.robots import arm_dynamics
from neural_brain.robots.gliding_body import GlidingBody, coarse
from neural_brain.robots.mujoco_body import MujocoBodyConfig
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation
from tests.painted_room import PaintedRoom

BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))
ROOM = PaintedRoom()


def scan(stamp):
    return LaserScan(
        stamp=stamp, angle_min=-np.pi, angle_increment=np.pi / 180, range_min=0.1,
        range_max=10.0, ranges=np.full(360, 2.0), pose_base_laser=np.zeros(3),
    )  # fmt: skip


@pytest.fixture
def brain():
    """A brain that has looked at the painted room once, from where it woke up."""
    body = GlidingBody(Simulation(build_room()), BLIND)
    config = coarse(BrainConfig())
    brain = Brain(config, body.limits, arm_dynamics, NoDetector())
    state = replace(body.read(), stamp=1.0, pose_odom_base=np.zeros(3))
    frame = ROOM.frame(np.zeros(3), 1.0)
    brain.perceive(Observation(body=state, scan=scan(1.0), frame=frame))
    later = replace(state, stamp=1.0 + config.rates.look_s)
    brain.perceive(Observation(body=later))
    yield brain
    body.close()


def test_a_picture_of_a_seen_place_is_placed(brain):
    taken = np.array([0.3, -0.2, 0.1])
    assert brain.show(ROOM.frame(taken).rgb, 2.0).accepted
    goal = brain.executive.goal
    place = goal.picture.places[0]
    assert place.lead >= 7
    np.testing.assert_allclose(place.pose_map, taken, atol=0.15)
    told = [event for event in brain.pop_events() if event.kind == "picture"]
    assert told[0].text == "I will go to where this picture was taken."


def test_another_field_of_view_changes_where_it_was_taken(brain):
    taken = np.array([0.0, 0.0, 0.0])
    brain.show(ROOM.frame(taken).rgb, 2.0, hfov_rad=0.8)  # in truth 1.14 rad
    place = brain.executive.goal.picture.places[0]
    assert place.spots == 0 or place.pose_map[0] < -0.3


def test_what_is_no_picture_of_anything_is_refused(brain):
    blank = np.full((144, 192, 3), 90, np.uint8)
    for shown, more in ((blank[:, :, 0], {}), (blank, {"hfov_rad": 9.0})):
        with pytest.raises(GoalError):
            brain.show(shown, 2.0, **more)
    with pytest.raises(GoalError, match="no thing in its middle"):
        brain.show(blank, 2.0, "thing")
    with pytest.raises(GoalError, match="want"):
        brain.show(blank, 2.0, "colour")
    assert brain.executive.goal is None
