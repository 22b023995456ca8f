"""What the IMU of the simulated robot tells of slopes, and nothing on the level."""

import numpy as np
import pytest

from neural_brain.models.maps.climbs import ClimbConfig, Climbs
from neural_brain.models.maps.tolls import TollBook, TollConfig
from neural_brain.models.signals import BodyCommand, GridView
from neural_brain.robots import MujocoBodyConfig, arm_dynamics, body_in
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.robots import STOWED
from neural_brain.sim.sensors import SensorsConfig

BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False, lidar_on=False))
OPEN = GridView(
    cells=np.zeros((120, 120), np.int8),
    origin=np.array([-6.0, -6.0]),
    resolution=0.1,
    version=1,
)
EVERY = 50  # ticks: the map feels the body at 20 Hz


class Mapper:
    """Drives the base, arm stowed, and learns slopes as the map does."""

    def __init__(self, *, seed=0, tilt=0.0):
        model = build_room(half_m=6.0)
        model.opt.gravity[:] = 9.81 * np.array([-np.sin(tilt), 0.0, -np.cos(tilt)])
        self.body = body_in(model, seed=seed, config=BLIND)
        self.arm, self.book = arm_dynamics(), TollBook(TollConfig())
        self.climbs = Climbs(ClimbConfig(price_m_per_m=100.0))  # nothing is too little
        self.pitches = []

    @property
    def pitch(self):
        return self.climbs.tilt.pitch_rad

    def run(self, seconds, speed=0.0, turn=0.0, push_n=0.0):
        data = self.body.simulation.data
        base = self.body.simulation.index.base_body
        for tick in range(round(seconds * 1000)):
            state = self.body.read()
            if tick % EVERY == 0:
                self.climbs.drive(state.pose_odom_base, state, OPEN, self.book)
                self.pitches.append(self.pitch)
            self.arm.update(state.q, state.dq)
            self.body.write(
                BodyCommand(
                    stamp=state.stamp,
                    effort=self.arm.bias + 150 * (STOWED - state.q) - 25 * state.dq,
                    twist_base=np.array([speed, turn]),
                    head=np.zeros(2),
                    gripper_m=0.0,
                )
            )
            data.xfrc_applied[base, 0] = push_n
            self.body.advance()


def test_the_nose_is_up_where_the_floor_rises_ahead_and_down_when_turned_around():
    """Gravity is tilted instead of the floor: the whole world rises along x."""
    robot = Mapper(tilt=0.08)
    robot.run(2.0)
    assert robot.pitch == pytest.approx(0.08, abs=0.01)
    robot.run(np.pi / 2, turn=1.0)
    robot.run(0.5)
    yaw = robot.body.simulation.truth.pose_world_base()[2]
    assert robot.pitch == pytest.approx(0.08 * np.cos(yaw), abs=0.015)
    robot.run(np.pi / 2, turn=1.0)
    robot.run(0.5)
    assert robot.pitch == pytest.approx(-0.08, abs=0.015)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_on_the_level_nothing_is_a_slope(seed):
    """Hard starts and stops, fast turns, curves, shoves from behind and ahead."""
    robot = Mapper(seed=seed)
    robot.run(1.5)
    for speed, turn, push_n in (
        (0.6, 0.0, 0.0),
        (0.0, 0.0, 0.0),
        (-0.6, 0.0, 0.0),
        (0.5, 1.2, 0.0),
        (0.0, -1.2, 0.0),
        (0.5, 0.0, 150.0),
        (0.5, 0.0, -150.0),
        (0.0, 0.0, 150.0),
    ):
        robot.run(0.3, speed, turn, push_n)
        robot.run(1.2, speed, turn)
    robot.run(1.0)
    felt = np.array(robot.pitches)[60:]
    assert np.isfinite(felt).all()
    assert np.abs(felt).max() < ClimbConfig().least_rad
    assert not robot.book.charges
