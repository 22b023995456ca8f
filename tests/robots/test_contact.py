"""The simulated robot in contact, in every engine: pressing, hitting, being shoved."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.signals import ArmMode, MotionTarget, ReflexLevel
from neural_brain.robots.audit import CommandAudit
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.mujoco_body import MujocoBodyConfig
from neural_brain.sim.empty_room import room_spec
from neural_brain.sim.robots import READY
from neural_brain.sim.robots.build import add_robot
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.shove import Shove, add_pusher

SOFT = np.diag([300.0] * 3 + [20.0] * 3)
BOX_M = 0.9
LIMIT_N = FastConfig().reflex.force.limit_n


class Rig:
    """A robot with its hand 5 cm above a box, and the fast loop."""

    def __init__(self, engine, kind, *, solref=0.02):
        spec = room_spec(3.0)
        box = spec.worldbody.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[0.5, 0.0, BOX_M / 2],
            size=[0.15, 0.3, BOX_M / 2],
        )
        box.solref = [solref, 1.0]
        add_pusher(spec)
        add_robot(spec, kind)
        config = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))
        self.body = engine(spec.compile(), config, posture=READY)
        self.fast = FastLoop(FastConfig(), arm_dynamics(), self.body.limits)
        self.audit = CommandAudit(self.body.limits)
        arm = arm_dynamics()
        arm.update(READY, np.zeros(7))
        self.home = arm.T_base_ee.copy()
        self.levels = set()
        self.tick = 0

    @property
    def truth(self):
        return self.body.simulation.truth

    def run(self, ticks, depth=0.0, speed=0.05, contact=False, mode=ArmMode.CARTESIAN):
        """Lower the anchor by `depth` [m] at a speed [m/s], then keep it there."""
        for tick in range(ticks):
            state = self.body.read()
            scan, _ = self.body.poll()
            if scan is not None:
                self.fast.set_scan(scan)
            if self.tick % 50 == 0:
                T = self.home.copy()
                T[2, 3] -= min(speed * tick * 1e-3, depth)
                target = MotionTarget(
                    stamp=state.stamp, twist_base=np.zeros(2), mode=mode,
                    q_target=READY, T_base_ee=T, stiffness=SOFT, wrench_ff=np.zeros(6),
                    contact=contact, head=np.zeros(2), gripper_m=0.0,
                )  # fmt: skip
                self.fast.set_target(target)
            command = self.fast.tick(state)
            self.audit.check(command)
            self.body.write(command)
            self.body.advance()
            if self.tick > 300:
                self.levels.add(self.fast.level)
            self.tick += 1


@pytest.fixture
def rig(engine, kind):
    rig = Rig(engine, kind)
    yield rig
    rig.body.close()


def test_a_press_of_10_n_stays_below_30_n_and_trips_nothing(rig):
    rig.run(500, contact=True)
    rig.run(4500, depth=0.05 + 10.0 / 300.0, contact=True)
    assert rig.truth.arm_force_n == pytest.approx(10.0, abs=3.0)
    assert rig.truth.peak_arm_force_n < 30.0
    assert rig.levels == {ReflexLevel.NOMINAL}
    assert rig.audit.total == 0 and not rig.body.violations


def test_an_unexpected_obstacle_is_hit_below_the_force_limit_and_left(rig):
    rig.run(500)
    rig.run(1500, depth=0.3, speed=0.25)
    assert 15.0 < rig.truth.peak_arm_force_n <= LIMIT_N
    assert ReflexLevel.RETRACT in rig.levels
    rig.truth.reset_peaks()
    rig.run(2500, depth=0.3, speed=0.25)  # the planner insists: carefully this time
    assert rig.truth.peak_arm_force_n < 40.0
    assert rig.audit.total == 0 and not rig.body.violations


@pytest.mark.parametrize("engine", ["mujoco"], indirect=True)  # the paddle is mocap
@pytest.mark.parametrize("direction", [(-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, -1)])
@pytest.mark.parametrize("mode", [ArmMode.JOINT, ArmMode.CARTESIAN])
def test_a_shove_against_the_hand_stays_below_the_force_limit(rig, direction, mode):
    rig.home[2, 3] += 0.1
    rig.run(800, mode=mode)
    shove = Shove(rig.body.simulation, direction)
    rig.run(2000, mode=mode)
    assert shove.done
    assert 5.0 < shove.peak_force_n <= LIMIT_N
    assert rig.audit.total == 0
    assert ReflexLevel.STOP not in rig.levels
