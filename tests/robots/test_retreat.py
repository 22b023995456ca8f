"""A shoved hand with a second thing behind it: the retreat must not squeeze it."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.reflex import GuardConfig, ReflexConfig
from neural_brain.models.signals import ArmMode, MotionTarget, ReflexLevel
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.sim.robots import READY
from neural_brain.sim.robots.build import add_robot
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.shove import PADDLE, Shove, add_pusher
from neural_brain.sim.simulation import Simulation

CONFIG = FastConfig(reflex=ReflexConfig(guards=GuardConfig(lidar_required=False)))
SOFT = np.diag([300.0] * 3 + [20.0] * 3)
LEFT = (0.0, 1.0, 0.0)


class Squeeze:
    """A fixed arm, a paddle to its right, and a wall `gap_m` to its left."""

    def __init__(self, gap_m):
        spec = mujoco.MjSpec()
        wall = spec.worldbody.add_body(name="wall")
        wall.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[0.5, 0.15 + gap_m, 0.95],
            size=[0.2, 0.05, 0.3],
        )
        add_pusher(spec)
        add_robot(spec, "arm")
        sensors = SensorsConfig(camera_on=False, lidar_on=False)
        self.body = MujocoBody(
            Simulation(spec.compile()), MujocoBodyConfig(sensors=sensors), posture=READY
        )
        self.fast = FastLoop(CONFIG, arm_dynamics(), self.body.limits)
        arm = arm_dynamics()
        arm.update(READY, np.zeros(7))
        self.home = arm.T_base_ee.copy()
        self.levels = []
        self.forces = []  # of the paddle and of the wall, every tick

    def run(self, ticks):
        for tick in range(ticks):
            state = self.body.read()
            if tick % 50 == 0:
                target = MotionTarget(
                    stamp=state.stamp, twist_base=np.zeros(2), mode=ArmMode.CARTESIAN,
                    q_target=READY, T_base_ee=self.home, stiffness=SOFT,
                    wrench_ff=np.zeros(6), contact=False, head=np.zeros(2),
                    gripper_m=0.0,
                )  # fmt: skip
                self.fast.set_target(target)
            self.body.write(self.fast.tick(state))
            self.body.advance()
            contacts = self.body.simulation.truth.arm_contacts
            self.forces.append((contacts.get(PADDLE, 0.0), contacts.get("wall", 0.0)))
            self.levels.append(self.fast.level)


def squeezed(gap_m):
    """Paddle and wall forces (t,) [N] each, from the first touch of the wall on."""
    rig = Squeeze(gap_m)
    rig.run(250)
    Shove(rig.body.simulation, LEFT, distance_m=0.05, hold_s=0.6)
    rig.run(900)
    assert ReflexLevel.RETRACT in rig.levels
    paddle, wall = np.array(rig.forces).T
    touched = np.flatnonzero(wall)
    assert touched.size, "the wall was not touched: this test shows nothing"
    return paddle[touched[0] :], wall[touched[0] :]


@pytest.mark.parametrize("gap_m", [0.02, 0.03, 0.04])
def test_the_arm_does_not_press_the_hand_into_the_second_thing(gap_m):
    paddle, wall = squeezed(gap_m)
    # What the wall carries beyond the paddle's force is the arm's own drive.
    assert (wall - paddle)[60:400].max() < 10.0


def test_the_second_thing_is_hit_slowly_and_below_the_limit():
    _, wall = squeezed(0.035)
    assert wall.max() <= CONFIG.reflex.force.limit_n
