"""Planes and self-distance in the fast loop, closed over three arms, in ticks."""

import types
from dataclasses import replace

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import GuardConfig, ReflexConfig, WorkspaceConfig
from neural_brain.models.reflex.gaps import Gaps
from neural_brain.models.signals import (
    ArmMode,
    BodyLimits,
    BodyState,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.robots.arm_shape import MujocoArmShape
from neural_brain.robots.dynamics import MujocoArm, arm_dynamics
from neural_brain.sim.robots import PACKAGED_ARMS, READY, panda

DT = 1e-3
MM = 1e-3
AXES = ((0, 0, 1), (0, 1, 0), (0, 1, 0), (1, 0, 0), (0, 1, 0), (1, 0, 0))
BENT = np.array([0.3, -0.6, 1.2, 0.2, 0.7, 0.1])


def chain_spec():
    """Six capsules of 0.3 and 0.1 m on a pole."""
    spec = mujoco.MjSpec()
    parent, last = spec.worldbody.add_body(name="pole", pos=[0.0, 0.0, 0.4]), 0.0
    pole = [0.0, 0.0, -0.4, 0.0, 0.0, -0.1]
    capsule = mujoco.mjtGeom.mjGEOM_CAPSULE
    parent.add_geom(type=capsule, size=[0.04, 0, 0], fromto=pole, mass=1.0)
    for i, axis in enumerate(AXES):
        length = 0.3 if i in (1, 2) else 0.1
        parent = parent.add_body(name=f"link{i + 1}", pos=[last, 0.0, 0.0])
        joint = parent.add_joint(name=f"joint{i + 1}", axis=axis)
        joint.range, joint.armature = [-2.8, 2.8], 0.05
        parent.add_geom(
            type=capsule, size=[0.03, 0, 0], fromto=[0, 0, 0, length, 0, 0],
            mass=2.5 - 0.3 * i,
        )  # fmt: skip
        last = length
    parent.add_site(name="ee", pos=[last, 0.0, 0.0])
    return spec


def chain_dynamics():
    def shape(tool_m, tool_radius_m):
        return MujocoArmShape(
            chain_spec(), chain_spec().compile(), "ee", tool_m=tool_m,
            tool_radius_m=tool_radius_m,
        )  # fmt: skip

    return MujocoArm(chain_spec().compile(), "ee", shape=shape)


def limits(q_min, q_max, dq_max, effort_max):
    return BodyLimits(
        q_min=q_min, q_max=q_max, dq_max=dq_max, effort_max=effort_max,
        effort_rate_max=np.full(q_min.size, 1000.0), twist_max=np.ones(2),
        accel_max=np.ones(2), radius_m=0.3,
    )  # fmt: skip


def arm_named(name):
    """Dynamics, limits and start of an arm."""
    if name == "chain":
        wide = np.full(6, 2.8)
        top = np.linspace(60.0, 15.0, 6)
        return chain_dynamics, limits(-wide, wide, np.full(6, 2.5), top), BENT
    if name == "franka":
        top = limits(panda.Q_MIN, panda.Q_MAX, panda.DQ_MAX, panda.EFFORT_MAX)
        return arm_dynamics, top, READY
    arm = PACKAGED_ARMS[name]
    if not arm.source.version:
        pytest.skip(f"not installed: {arm.source.command}")
    wide = np.full(6, 6.2)
    top = limits(-wide, wide, np.array(arm.dq_max), np.array(arm.effort_max))
    return lambda: arm_dynamics(kind=name), top, np.array(arm.rest)


ARMS = ("franka", "ur5e", "chain")


class Robot:
    """A torque-driven arm in empty space with the fast loop in front.

    It is one of `ARMS`, or dynamics, limits and start of another one.
    """

    def __init__(self, name, workspace, *, speed_m_s=0.4, watch=None, q3_max=None):
        make, self.limits, start = arm_named(name) if name in ARMS else name
        if q3_max is not None:
            q_max = self.limits.q_max.copy()
            q_max[3] = q3_max
            self.limits = replace(self.limits, q_max=q_max)
        config = FastConfig(
            impedance=ImpedanceConfig(
                speed_m_s=speed_m_s,
                tank_start_j=100.0,
                tank_max_j=100.0,
                impact_stiffness_n_m=0.0,
            ),
            reflex=ReflexConfig(
                guards=GuardConfig(lidar_required=False), workspace=workspace
            ),
        )
        self.plant = make()
        self.fast = FastLoop(config, make(), self.limits)
        self.true = Gaps(watch or workspace, self.plant.shape(), 48)
        self.q, self.dq, self.ticks = start.copy(), np.zeros(start.size), 0
        self.plant.update(self.q, self.dq)
        self.home = self.plant.T_base_ee.copy()
        self.gaps, self.efforts, self.levels = [], [], []

    def gap(self):
        self.true.forget()
        self.true.place(self.q)
        self.true.look(self.q, 0.0)
        return self.true.least(self.q)

    def target(self, **changes):
        values = dict(
            stamp=self.ticks * DT, twist_base=np.zeros(2), mode=ArmMode.CARTESIAN,
            q_target=self.q.copy(), T_base_ee=self.home, wrench_ff=np.zeros(6),
            stiffness=np.diag([600.0] * 3 + [40.0] * 3), contact=False,
            head=np.zeros(2), gripper_m=0.0,
        )  # fmt: skip
        return MotionTarget(**{**values, **changes})

    def body(self):
        zero, n = np.zeros(3), self.q.size
        return BodyState(
            stamp=self.ticks * DT, q=self.q.copy(), dq=self.dq.copy(),
            effort=np.zeros(n), twist_base=np.zeros(2), pose_odom_base=zero, gyro=zero,
            wrench_ee=np.zeros(6), bumper=np.zeros(8, bool), accel=zero,
            head=np.zeros(2), gripper_m=0.0, battery=1.0,
        )  # fmt: skip

    def run(self, ticks, *, every=5, **changes):
        for tick in range(ticks):
            if self.ticks % 50 == 0:
                self.fast.set_target(self.target(**changes))
            effort = self.fast.tick(self.body()).effort
            assert np.isfinite(effort).all()
            assert (np.abs(effort) <= self.limits.effort_max).all()
            push = np.linalg.solve(self.plant.mass, effort - self.plant.bias)
            self.dq = self.dq + DT * push
            self.q = self.q + DT * self.dq
            self.plant.update(self.q, self.dq)
            self.ticks += 1
            self.efforts.append(effort)
            self.levels.append(self.fast.level)
            if tick % every == 0:
                self.gaps.append(self.gap())
        return self

    def push(self, way, far):
        """A target as far [m] along a direction (3,) from the start."""
        goal = self.home.copy()
        goal[:3, 3] += far * np.asarray(way) / np.linalg.norm(way)
        return goal

    @property
    def hand(self):
        return self.plant.T_base_ee[:3, 3].copy()


def plane_beyond(name, way, room, margin=0.01):
    """A plane across a direction, so that the closest ball has `room` [m] to go."""
    make, _, start = arm_named(name) if name in ARMS else name
    shape = make().shape()
    shape.update(start)
    normal = -np.asarray(way) / np.linalg.norm(way)
    watched = shape.link >= 3
    least = (shape.center @ normal - shape.radius)[watched].min()
    return (*normal.tolist(), float(least) - room - margin)


@pytest.mark.parametrize("name", ARMS)
@pytest.mark.parametrize("way", [(0, 0, -1), (1, 0.5, 0.3)], ids=["down", "out"])
def test_a_target_behind_a_plane_is_not_followed_there(name, way):
    plane = plane_beyond(name, way, 0.04)
    robot = Robot(name, WorkspaceConfig(planes=(plane,)))
    robot.run(200).run(2000, T_base_ee=robot.push(way, 0.25))
    assert robot.gaps[0] == pytest.approx(0.04)
    assert min(robot.gaps) > -MM
    assert max(robot.gaps[-40:]) < 5 * MM  # as close as it may be
    assert np.abs(robot.dq).max() < 0.3
    causes = {event.cause for event in robot.fast.pop_events()}
    assert "workspace plane 1" in causes
    assert max(robot.levels[200:]) == ReflexLevel.SLOW
    robot.run(1500)  # and back
    assert robot.gap() > 0.035 and np.linalg.norm(robot.hand - robot.home[:3, 3]) < 0.01
    assert robot.fast.reflex.cause.name != "workspace plane 1"


def test_the_hand_slides_along_a_plane_to_what_may_be_reached():
    plane = plane_beyond("franka", (0, 0, -1), 0.04)
    robot = Robot("franka", WorkspaceConfig(planes=(plane,)))
    goal = robot.push((0.1, 0.1, -0.2), 0.24)
    robot.run(200).run(4000, T_base_ee=goal)
    assert min(robot.gaps) > -MM and max(robot.gaps[-40:]) < MM
    np.testing.assert_allclose(robot.hand[:2], goal[:2, 3], atol=0.012)
    assert np.sqrt(np.mean(robot.dq**2)) < 0.05  # it does not swing
    steps = np.abs(np.diff(robot.efforts[-500:], axis=0)).max()
    assert steps < 0.6  # nor chatter


@pytest.mark.parametrize("name", ARMS)
def test_three_planes_that_form_a_corner(name):
    ways = np.array([(0, 0, -1), (1, 0, 0), (0.2, 1, 0)], float)
    planes = tuple(plane_beyond(name, way, 0.03) for way in ways)
    robot = Robot(name, WorkspaceConfig(planes=planes))
    goal = robot.push((ways / np.linalg.norm(ways, axis=1)[:, None]).sum(axis=0), 0.3)
    robot.run(200).run(2500, T_base_ee=goal)
    assert min(robot.gaps) > -1.5 * MM
    assert np.abs(robot.dq).max() < 0.4
    robot.run(2000)
    assert robot.gap() > 0.025


@pytest.mark.slow
@settings(max_examples=10)
@given(st.integers(0, 10**6), st.sampled_from(ARMS))
def test_random_targets_never_cross_and_are_never_worse_than_without(seed, name):
    """Random planes, targets, speeds, in both modes; with the rules and without."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 4))
    planes = tuple(
        plane_beyond(name, rng.normal(size=3), float(rng.uniform(0.0, 0.08)))
        for _ in range(count)
    )
    watch = WorkspaceConfig(planes=planes, self_distance=True)
    speed = float(rng.uniform(0.1, 1.0))
    _, top, start = arm_named(name)
    kind = ArmMode.JOINT if rng.random() < 0.5 else ArmMode.CARTESIAN
    joints = np.clip(start + rng.normal(size=start.size), top.q_min, top.q_max)
    way, far = rng.normal(size=3), rng.uniform(0.1, 0.4)
    least = []
    for workspace in (watch, WorkspaceConfig()):
        robot = Robot(name, workspace, speed_m_s=speed, watch=watch)
        begins = robot.gap()
        robot.run(60).run(
            900, mode=kind, q_target=joints, T_base_ee=robot.push(way, far)
        )
        least.append(min(robot.gaps))
    assert least[0] > min(begins, 0.0) - MM
    assert least[0] >= min(least[1], 0.0) - MM


@pytest.mark.slow
@settings(max_examples=8)
@given(st.integers(0, 10**6), st.sampled_from(ARMS))
def test_out_of_a_plane_it_only_ever_goes_out(seed, name):
    """It starts up to 8 cm deep; whatever the target, it gets out and no deeper."""
    rng = np.random.default_rng(seed)
    way = rng.normal(size=3) * (1.0, 1.0, 0.5) - (0.0, 0.0, 0.5)
    deep = float(rng.uniform(0.01, 0.08))
    plane = plane_beyond(name, way, -deep)
    robot = Robot(name, WorkspaceConfig(planes=(plane,)))
    goal = robot.push(way, rng.uniform(-0.1, 0.2))
    robot.run(2500, T_base_ee=goal)
    gaps = np.array(robot.gaps)
    assert gaps[0] == pytest.approx(-deep, abs=MM)
    deepest_so_far = np.maximum.accumulate(np.minimum(gaps, 0.0))
    assert (deepest_so_far - np.minimum(gaps, 0.0)).max() < MM
    assert gaps[-1] > -2 * MM


def test_a_stopped_arm_is_not_driven_out():
    plane = plane_beyond("franka", (1, 0, 0), -0.05)
    robot = Robot("franka", WorkspaceConfig(planes=(plane,)))
    robot.fast.estop()
    robot.run(600)
    assert robot.fast.level == ReflexLevel.ESTOP
    assert abs(robot.gaps[-1] - robot.gaps[0]) < MM
    robot.fast.reset()
    robot.run(1500)
    assert robot.gap() > -2 * MM


def test_a_plane_and_joint_limits_hold_together():
    """The way out of the plane leads towards the limit of the joint that it needs."""
    name, way = "franka", (0, 0, -1)
    plane = plane_beyond(name, way, 0.02)
    robot = Robot(name, WorkspaceConfig(planes=(plane,)), speed_m_s=1.0, q3_max=-1.85)
    robot.run(200).run(2500, T_base_ee=robot.push((0.8, 0.2, -1), 0.35))
    assert min(robot.gaps) > -MM
    assert robot.q[3] < -1.85
    assert robot.q[3] > -1.95  # and it came there


def test_squeezed_between_two_planes_it_goes_deeper_into_neither():
    """Both cannot be kept."""
    down, up = plane_beyond("franka", (0, 0, -1), -0.02), (0.0, 0.0, -1.0, -0.6)
    robot = Robot("franka", WorkspaceConfig(planes=(down, up)))
    depths = []
    for _ in range(30):
        robot.run(50, T_base_ee=robot.push((0, 0, -1), 0.2))
        robot.gap()
        depths.append(robot.true._all.reshape(-1, 2).min(axis=0))
    assert np.min(np.diff(depths, axis=0)) > -0.5 * MM
    assert np.abs(robot.dq).max() < 0.1


def posture_in_itself(robot):
    """Joint positions in which the arm would be at least 3 cm inside the robot."""
    rng = np.random.default_rng(0)
    low, high = robot.limits.q_min + 0.1, robot.limits.q_max - 0.1
    for _ in range(500):
        q = np.clip(robot.q + rng.normal(size=robot.q.size), low, high)
        robot.true.forget()
        robot.true.place(q)
        robot.true.look(q, 0.0)
        if robot.true.least(q) < -0.03:
            return q
    raise AssertionError("this arm never meets itself")


@pytest.mark.parametrize("name", ARMS)
def test_the_arm_is_kept_from_the_robot_itself(name):
    watch = WorkspaceConfig(self_distance=True)
    robot = Robot(name, watch, speed_m_s=0.8)
    begins, inside = robot.gap(), posture_in_itself(robot)
    robot.run(200).run(2500, every=10, mode=ArmMode.JOINT, q_target=inside)
    assert min(robot.gaps) > min(begins, 0.0) - MM
    assert np.abs(robot.dq).max() < 0.1  # it rests where it may
    causes = {event.cause for event in robot.fast.pop_events()}
    assert any(cause.startswith("self-distance ") for cause in causes)
    start = arm_named(name)[2]
    robot.run(3200, every=10, mode=ArmMode.JOINT, q_target=start)
    np.testing.assert_allclose(robot.q, start, atol=0.02)  # and it can leave
    bare = Robot(name, WorkspaceConfig(), speed_m_s=0.8, watch=watch)
    bare.run(200).run(2500, every=10, mode=ArmMode.JOINT, q_target=inside)
    assert min(bare.gaps) < -0.02  # without the rule it would be hit


def test_far_from_everything_not_one_bit_changes():
    far = WorkspaceConfig(planes=((0.0, 0.0, 1.0, -3.0),))
    runs = []
    for workspace in (far, WorkspaceConfig()):
        robot = Robot("franka", workspace, watch=far)
        robot.run(100).run(400, T_base_ee=robot.push((1, 1, -1), 0.2))
        runs.append((np.array(robot.efforts), robot))
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    assert runs[0][1].fast.reflex.places.looks < 60  # and hardly a look was needed


@pytest.mark.parametrize("poison", [np.nan, np.inf, 1e30])
@pytest.mark.parametrize("part", ["center", "screws", "mass"])
def test_geometry_that_is_not_finite_stops_the_arm(part, poison):
    plane = plane_beyond("franka", (0, 0, -1), 0.04)
    robot = Robot("franka", WorkspaceConfig(planes=(plane,), self_distance=True))
    robot.run(200).run(150, T_base_ee=robot.push((0, 0, -1), 0.2))
    shape = robot.fast.reflex.places._shape
    real = shape.update

    def broken(q):
        real(q)
        getattr(shape, part).flat[0] = poison

    shape.update = broken
    with np.errstate(all="raise"):
        robot.run(400)
    assert robot.fast.level == ReflexLevel.STOP
    assert robot.fast.reflex.cause.name == "arm geometry not finite"
    assert np.abs(robot.dq).max() < 0.02


def test_geometry_that_fails_stops_the_arm_and_not_the_loop():
    plane = plane_beyond("franka", (0, 0, -1), 0.04)
    robot = Robot("franka", WorkspaceConfig(planes=(plane,)))
    robot.run(200)

    def broken(_):
        raise RuntimeError("broken")

    robot.fast.reflex.places._shape.update = broken
    robot.run(300, T_base_ee=robot.push((0, 0, -1), 0.2))
    assert robot.fast.level == ReflexLevel.STOP
    assert robot.fast.reflex.cause.name == "arm geometry fault: RuntimeError"


def test_looking_rarely_keeps_what_looking_always_keeps(monkeypatch):
    """The bound on how fast gaps change is what allows to skip looks."""
    from neural_brain.models.reflex import gaps, state_rules

    plane = plane_beyond("franka", (0, 0, -1), 0.04)
    rows = types.SimpleNamespace(least=[], looks=[])
    for always in (False, True):
        if always:
            monkeypatch.setattr(gaps, "_FRESH_TICKS", 1)
            monkeypatch.setattr(state_rules, "_DRIFT_RAD", 0.0)
        robot = Robot("franka", WorkspaceConfig(planes=(plane,)), speed_m_s=1.0)
        robot.run(200).run(1500, T_base_ee=robot.push((0.3, 0, -1), 0.3))
        rows.least.append(min(robot.gaps))
        rows.looks.append(robot.fast.reflex.places.looks)
    assert rows.looks[1] == 1700 and rows.looks[0] < 600
    assert rows.least[0] > rows.least[1] - 0.2 * MM
