"""Planes and self-distance on simulated robots: MuJoCo itself says what was touched."""

import numpy as np
import pytest

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import GuardConfig, ReflexConfig, WorkspaceConfig
from neural_brain.models.signals import ArmMode, MotionTarget
from neural_brain.robots.audit import CommandAudit
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.sim.empty_room import room_spec
from neural_brain.sim.robots import PACKAGED_ARMS, READY, add_robot, rest_posture
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation

BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False, lidar_on=False))
# On the straight way there the arm hits its own robot.
INSIDE = {
    "arm": np.array([0.0, 0.9, 0.0, -2.9, 0.0, 2.2, 0.8]),
    "ur5e": np.array([-0.27, -0.62, 0.87, -2.84, -2.19, 0.04]),
}


class Rig:
    """A robot that is told joint targets, and counts what of itself it touches."""

    def __init__(self, kind, workspace):
        if kind in PACKAGED_ARMS and not PACKAGED_ARMS[kind].source.version:
            pytest.skip(f"not installed: {PACKAGED_ARMS[kind].source.command}")
        spec = room_spec()
        add_robot(spec, kind)
        start = READY if kind == "arm" else rest_posture(kind)
        self.body = MujocoBody(Simulation(spec.compile()), BLIND, posture=start)
        config = FastConfig(
            impedance=ImpedanceConfig(
                speed_m_s=0.5,
                tank_start_j=100.0,
                tank_max_j=100.0,
                impact_stiffness_n_m=0.0,
            ),
            reflex=ReflexConfig(
                guards=GuardConfig(lidar_required=False), workspace=workspace
            ),
        )
        dynamics = arm_dynamics(kind=kind)
        self.fast = FastLoop(config, dynamics, self.body.limits)
        self.shape = dynamics.shape()
        self.audit = CommandAudit(self.body.limits)
        self.touched = 0
        self.lowest = np.inf
        self.ticks = 0

    def run(self, ticks, q):
        model = self.body.simulation.model
        data = self.body.simulation.data
        robot = [i for i in range(model.nbody) if "robot/" in model.body(i).name]
        for _ in range(ticks):
            state = self.body.read()
            if self.ticks % 50 == 0:
                self.fast.set_target(
                    MotionTarget(
                        stamp=state.stamp, twist_base=np.zeros(2), mode=ArmMode.JOINT,
                        q_target=q, T_base_ee=np.eye(4), stiffness=np.eye(6),
                        wrench_ff=np.zeros(6), contact=True, head=np.zeros(2),
                        gripper_m=0.0,
                    )
                )  # fmt: skip
            command = self.fast.tick(state)
            self.audit.check(command)
            self.body.write(command)
            self.body.advance()
            self.ticks += 1
            pairs = model.geom_bodyid[data.contact.geom]
            self.touched += int(np.isin(pairs, robot).all(axis=1).sum())
            self.shape.update(state.q)
            low = (self.shape.center[:, 2] - self.shape.radius)[self.shape.link >= 3]
            self.lowest = min(self.lowest, float(low.min()))
        return self


@pytest.mark.parametrize("kind", sorted(INSIDE))
def test_the_arm_touches_its_own_robot_only_without_the_rule(kind):
    watched = Rig(kind, WorkspaceConfig(self_distance=True)).run(2500, INSIDE[kind])
    assert watched.touched == 0
    assert watched.audit.total == 0 and not watched.body.violations
    names = {event.cause for event in watched.fast.pop_events()}
    assert any(name.startswith("self-distance ") for name in names)
    assert Rig(kind, WorkspaceConfig()).run(2500, INSIDE[kind]).touched > 0


@pytest.mark.parametrize("kind", sorted(INSIDE))
def test_nothing_of_the_arm_gets_below_a_table_top(kind):
    rig = Rig(kind, WorkspaceConfig())
    rig.run(1, rest_posture(kind) if kind == "ur5e" else READY)
    top = rig.lowest - 0.05
    table = WorkspaceConfig(planes=((0.0, 0.0, 1.0, top),), margin_m=0.01)
    guarded = Rig(kind, table).run(2500, INSIDE[kind])
    assert guarded.lowest > top + 0.008
    assert guarded.audit.total == 0 and not guarded.body.violations
    assert Rig(kind, WorkspaceConfig()).run(2500, INSIDE[kind]).lowest < top - 0.02
