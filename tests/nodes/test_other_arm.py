"""An arm from a file on the real robot's path: parameters, bridge, fast loop."""

import os

import mujoco
import numpy as np
import pytest
from rclpy.parameter import Parameter

from neural_brain.models.errors import ConfigError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.reflex import GuardConfig, ReflexConfig, WorkspaceConfig
from neural_brain.models.signals import BodyState, ReflexLevel
from neural_brain.nodes import parameters
from neural_brain.nodes.arm_choice import (
    ArmChoice,
    ArmLimitsConfig,
    choose_arm,
    dynamics_in,
)
from neural_brain.nodes.body_node import BodyNode, BodyNodeConfig
from neural_brain.nodes.fast_link import FastEnd, RosEnd, header
from neural_brain.nodes.fast_process import FastProcess
from neural_brain.nodes.foreign_targets import standing_target
from neural_brain.nodes.link_body import LinkBody
from neural_brain.nodes.process import bring_down
from neural_brain.nodes.robot_model import make_limits
from neural_brain.nodes.robot_node import RobotNode, RobotNodeConfig
from neural_brain.robots import arm_from_file
from neural_brain.robots.shm import remove_abandoned
from tests.robots.arms_from_files import made_up_urdf, write_bracket
from tests.robots.test_arm_file import ARM, BENT, urdf

NAME = f"other-arm-{os.getpid()}"
TOLD = tuple(f"left_{name}" for name in ARM)
GUARDS = GuardConfig(
    lidar_required=False, state_timeout_s=1.0, command_timeout_s=1.0
)  # fmt: skip


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "arm.urdf"
    path.write_text(urdf())
    yield path
    remove_abandoned(NAME)


def robot_node(file, **values):
    """A bridge for that arm; `__` stands for a dot in the names of parameters."""
    chosen = {"link": NAME, "arm_file": str(file), "ee": "tool", "body__wrench": ""}
    chosen.update({"body__joints": list(ARM), **values})
    pairs = [Parameter(k.replace("__", "."), value=v) for k, v in chosen.items()]
    return RobotNode(parameter_overrides=pairs)


def configured(node):
    """The node's configuration, with the bridge set up."""
    node.config = parameters.read(node, RobotNodeConfig, RobotNodeConfig())
    node.setup()


class Plant:
    """The same arm, driven by what arrives at the bridge, a tick at a time."""

    def __init__(self, node, file, workspace=None):
        self.node, self.arm = node, arm_from_file(file, "tool", joints=ARM)
        self.q, self.dq, self.tick = BENT.copy(), np.zeros(6), 0
        self.effort, self.levels = np.zeros(6), []
        self.tell(self.q)
        self.body = LinkBody(NAME)
        about = {**self.body.about, "nq": 0}
        watch = workspace or WorkspaceConfig()
        config = FastConfig(reflex=ReflexConfig(guards=GUARDS, workspace=watch))
        loop = FastLoop(config, dynamics_in(about), self.body.limits)
        self.process = FastProcess(self.body, loop, FastEnd(NAME, about), 1.0)
        self.brain = RosEnd(NAME, writes=True)

    def tell(self, q):
        self.node.link.write_state(
            BodyState(
                stamp=self.tick * 1e-3, q=q, dq=self.dq, effort=np.zeros(6),
                twist_base=np.zeros(2), pose_odom_base=np.zeros(3),
                wrench_ee=np.zeros(6), bumper=np.zeros(0, bool), gyro=np.zeros(3),
                accel=np.zeros(3), head=np.zeros(2), gripper_m=0.0, battery=1.0,
            )
        )  # fmt: skip

    def run(self, ticks, goal, q=None):
        """Levels of so many ticks; with `q` the arm says that it is there."""
        levels = []
        for _ in range(ticks):
            self.tell(self.q if q is None else q)
            if self.tick % 20 == 0:
                stamp, body = self.tick * 1e-3, self.body.read()
                self.brain.write_target(standing_target(body, stamp, np.zeros(2), goal))
            self.process.step()
            command = self.node.link.new_command()
            if command is not None:
                self.effort = command.effort
            self.arm.update(self.q, self.dq)
            push = self.effort - self.arm.bias - 1.0 * self.dq
            self.dq = self.dq + 1e-3 * np.linalg.solve(self.arm.mass, push)
            self.q = self.q + 1e-3 * self.dq
            self.tick += 1
            levels.append(self.process.loop.level)
        return levels

    def close(self):
        for part in (self.brain, self.process.link, self.body):
            part.close()


def test_six_joints_from_a_urdf_go_where_they_are_told_and_hold_on_nan(ros, file):
    node = robot_node(file)
    configured(node)
    plant = Plant(node, file)
    try:
        assert plant.body.limits.effort_max.tolist() == [60.0] * 6
        assert plant.body.limits.dq_max.tolist() == [2.0] * 6
        goal = BENT + np.array([0.2, 0.1, -0.2, 0.15, -0.1, 0.2])
        plant.run(2500, goal)
        assert plant.process.loop.level == ReflexLevel.NOMINAL
        assert np.abs(plant.q - goal).max() < 0.03
        levels = plant.run(60, goal, q=np.full(6, np.nan))
        assert max(levels) >= ReflexLevel.HOLD
        assert np.isfinite(plant.effort).all()
    finally:
        plant.close()
        bring_down(node)
        node.teardown()
        node.destroy_node()


@pytest.mark.parametrize("watched", [True, False])
def test_a_plane_that_is_told_holds_for_an_arm_from_a_file(ros, file, watched):
    """Its links are where the collision geometry of the file says."""
    write_bracket(file.parent / "bracket.obj")
    file.write_text(made_up_urdf())
    node = robot_node(file)
    configured(node)
    truth = arm_from_file(file, "tool", joints=ARM).shape()
    truth.update(BENT)
    beyond = truth.link >= 3
    wall = float((truth.center[:, 1] + truth.radius)[beyond].max()) + 0.03
    plane = (0.0, -1.0, 0.0, -wall)
    plant = Plant(node, file, WorkspaceConfig(planes=(plane,)) if watched else None)
    try:
        plant.run(2000, BENT + np.array([0.6, 0.0, 0.0, 0.0, 0.0, 0.0]))
        truth.update(plant.q)
        most = float((truth.center[:, 1] + truth.radius)[beyond].max())
        assert (most < wall) == watched
        cause = plant.process.loop.reflex.cause.name
        assert (cause == "workspace plane 1") == watched
    finally:
        plant.close()
        bring_down(node)
        node.teardown()
        node.destroy_node()


@pytest.mark.parametrize(
    "watch",
    [WorkspaceConfig(planes=((0.0, 0.0, 1.0, 0.0),)),
     WorkspaceConfig(self_distance=True)],
    ids=["planes", "self_distance"],
)  # fmt: skip
def test_nothing_is_watched_in_silence_where_the_file_has_no_geometry(file, watch):
    bare = made_up_urdf().replace("collision>", "frame>")
    file.write_text(bare.replace('<mesh filename="bracket.obj"/>', ""))
    arm = dynamics_in({"arm": {"file": str(file), "ee": "tool", "joints": ARM}})
    config = FastConfig(reflex=ReflexConfig(guards=GUARDS, workspace=watch))
    limits = ArmChoice(str(file), "tool", ARM).read(make_limits(), ArmLimitsConfig())[1]
    with pytest.raises(ConfigError, match=r"(?s)arm\.urdf.*link1, link2.*collision"):
        FastLoop(config, arm, limits)


def test_limits_may_be_whole_numbers_in_a_parameter_file(ros, file):
    node = robot_node(
        file, arm_limits__effort_nm=[30], arm_limits__speed_rad_s=[1, 1, 1, 2, 2, 2]
    )
    configured(node)
    body = LinkBody(NAME)
    assert body.limits.effort_max.tolist() == [30.0] * 6
    assert body.limits.dq_max.tolist() == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    body.close()
    node.teardown()
    node.destroy_node()


def test_the_file_is_compiled_once(ros, file, monkeypatch):
    counted, compiles = mujoco.MjSpec.compile, []
    monkeypatch.setattr(
        mujoco.MjSpec, "compile", lambda spec: compiles.append(1) or counted(spec)
    )
    arm = choose_arm(str(file), "tool", ARM, ("",))
    arm.read(make_limits(), ArmLimitsConfig())
    assert len(compiles) == 1


def test_joints_may_be_called_otherwise_in_the_file_and_limits_narrower(ros, file):
    node = robot_node(
        file,
        body__joints=list(TOLD),
        file_joints=list(ARM),
        arm_limits__speed_rad_s=[1.0, 9.0, 9.0, 9.0, 9.0, 9.0],
        arm_limits__reach_rad=[1.5],
    )
    configured(node)
    body = LinkBody(NAME)
    limits, about = body.limits, body.about
    assert about["joint_names"] == list(TOLD)
    assert about["arm"] == {"file": str(file), "ee": "tool", "joints": list(ARM)}
    assert limits.dq_max.tolist() == [1.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    assert limits.q_max.tolist() == [1.5] * 6 and limits.q_min.tolist() == [-1.5] * 6
    assert limits.effort_rate_max.tolist() == [1000.0] * 6
    body.close()
    node.teardown()
    node.destroy_node()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"arm_file": "nowhere.urdf"}, r"arm_file = 'nowhere\.urdf'.*built-in"),
        ({"ee": "hand"}, "ee = 'hand'.*link6"),
        ({"body__joints": list(TOLD)}, "left_joint1.*joint6.*file_joints"),
        ({"body__joints": list(ARM[::-1])}, "base to tip"),
        ({"file_joints": list(ARM[:5])}, "file_joints.*expected 6"),
        ({"arm_limits__speed_rad_s": [1.0, 1.0]}, r"speed_rad_s.*one, or 6"),
        ({"arm_limits__speed_rad_s": [-1.0]}, "speed_rad_s"),
        ({"arm": False}, "arm = False"),
        ({"arm_file": ""}, "body.joints names 6 joints.*arm_file"),
    ],
)
def test_what_does_not_fit_is_named_with_its_remedy(ros, file, values, words):
    node = robot_node(file, **values)
    try:
        with pytest.raises(ConfigError, match=f"(?s){words}"):
            configured(node)
    finally:
        node.teardown()
        node.destroy_node()


def test_a_limit_that_nobody_says_is_asked_for(ros, file):
    file.write_text(urdf().replace(' velocity="2"', ""))
    node = robot_node(file)
    with pytest.raises(ConfigError, match=r"speed_rad_s.*joint1.*positive number"):
        configured(node)
    node.teardown()
    node.destroy_node()


def test_the_brain_does_not_drive_an_arm_that_its_skills_do_not_know(ros, file):
    choice = choose_arm(str(file), "tool", ARM, ("",))
    assert isinstance(choice, ArmChoice)
    about = {"joints": 6, "bumper": 0, "nq": 0, "arm": vars(choice)}
    link = FastEnd(NAME, about)
    node = BodyNode(parameter_overrides=[Parameter("link", value=NAME)])
    node.config = parameters.read(node, BodyNodeConfig, BodyNodeConfig())
    with pytest.raises(ConfigError, match=r"reflex\.launch\.py"):
        node.setup()
    node.teardown()
    node.destroy_node()
    link.close()


def test_a_header_that_is_too_long_is_refused():
    with pytest.raises(ConfigError, match="room for 4000"):
        header({"joint_names": ["x" * 4000]})
