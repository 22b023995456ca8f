"""The launch runner: arguments, conditions, argv, processes that end in time."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from neural_brain.nodes.bringup import (
    LaunchError,
    describe,
    launch_file,
    run_launch,
    runner,
    standins,
)
from neural_brain.nodes.bringup.actions import Node, ParameterValue
from neural_brain.nodes.bringup.processes import Child, stop_all
from neural_brain.nodes.bringup.substitutions import (
    Context,
    LaunchConfiguration,
    PathJoinSubstitution,
    package_share,
)

FILE = """
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, SetEnvironmentVariable, Shutdown
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument("text", default_value="hello", description="what to say"),
        DeclareLaunchArgument("loud", default_value="false",
                              choices=["true", "false"]),
        SetEnvironmentVariable("SAID", LaunchConfiguration("text")),
        Node(package="toys", executable="quiet",
             arguments=[LaunchConfiguration("text")],
             condition=UnlessCondition(LaunchConfiguration("loud")),
             on_exit=Shutdown()),
        Node(package="toys", executable="loud",
             condition=IfCondition(LaunchConfiguration("loud"))),
    ])
"""


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """A launch file and two programs in a made-up ROS prefix."""
    folder = tmp_path / "lib" / "toys"
    folder.mkdir(parents=True)
    out = tmp_path / "out.txt"
    for name in ("quiet", "loud"):
        path = folder / name
        path.write_text(
            f"#!/bin/sh\necho {name} $SAID $@ >> {out}\ntrap 'exit 0' INT\n"
            "while true; do sleep 0.05; done\n"
        )
        path.chmod(0o755)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    file = tmp_path / "toys.launch.py"
    file.write_text(textwrap.dedent(FILE))
    return file, out


def run_until_written(file, settings, out):
    stop = threading.Event()
    codes = []
    thread = threading.Thread(
        target=lambda: codes.append(run_launch(file, settings, stop))
    )
    thread.start()
    deadline = time.monotonic() + 20.0
    while not (out.exists() and out.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    thread.join(20.0)
    return codes[0], out.read_text()


def test_arguments_environment_and_conditions_reach_the_program(toys):
    file, out = toys
    code, text = run_until_written(file, ["text:=moin"], out)
    assert (code, text) == (0, "quiet moin moin --ros-args\n")


def test_a_condition_chooses_the_other_program(toys):
    file, out = toys
    code, text = run_until_written(file, ["loud:=true"], out)
    assert (code, text) == (0, "loud hello --ros-args\n")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["texte:=x"], "Did you mean 'text'"),
        (["loud:=maybe"], "choose one of: true, false"),
        (["text"], "write name:=value"),
    ],
)
def test_wrong_arguments_are_explained(toys, settings, words):
    with pytest.raises(LaunchError, match=words):
        run_launch(toys[0], settings)


def test_a_needed_program_that_ends_ends_everything_with_its_code(toys):
    file, _ = toys
    program = file.parent / "lib" / "toys" / "quiet"
    program.write_text("#!/bin/sh\nexit 3\n")
    assert run_launch(file, []) == 3


def test_a_missing_program_is_named(toys):
    file, _ = toys
    (file.parent / "lib" / "toys" / "quiet").unlink()
    with pytest.raises(LaunchError, match="'quiet'"):
        run_launch(file, [])


def test_an_unknown_launch_file_lists_the_known():
    with pytest.raises(LaunchError, match="are: reflex, robot, sim, viz"):
        launch_file("moon")


@pytest.mark.parametrize("name", ["sim", "robot", "reflex", "viz"])
def test_every_launch_file_can_be_read_and_explains_its_arguments(name):
    path = launch_file(name)
    for action in runner.load(path).entities:
        if isinstance(action, runner.DeclareLaunchArgument):
            assert action.description
    assert "discovery" in describe(path)


def test_one_process_or_one_a_module():
    for compose, count in (("true", 1), ("false", 6)):
        context = Context(arguments={"compose": compose})
        actions = runner.load(launch_file("robot")).entities
        runner.check_arguments(actions, context, launch_file("robot"))
        slow = [
            action.argv(context)
            for action in actions
            if isinstance(action, Node)
            and action.executable not in ("robot_node", "fast_process")
            and action.applies(context)
        ]
        assert len(slow) == count
        assert all("use_sim_time:=false" in " ".join(argv) for argv in slow)
        assert sum("memory_file" in " ".join(argv) for argv in slow) == 1


def test_the_argv_is_that_of_launch_ros():
    node = Node(
        package="p",
        executable="e",
        name="n",
        namespace="arm",
        parameters=["/a.yaml", {"gain": 2.0, "on": True}],
        remappings=[("scan", "laser/scan")],
        arguments=["--x", LaunchConfiguration("y")],
    )
    assert (
        node.argv(Context(arguments={"y": "3"}))
        == (
            "--x 3 --ros-args -r __node:=n -r __ns:=/arm --params-file /a.yaml "
            "-p gain:=2.0 -p on:=true -r scan:=laser/scan"
        ).split()
    )


def test_an_empty_text_parameter_stays_a_text():
    value = ParameterValue(LaunchConfiguration("file"), value_type=str)
    node = Node(package="p", executable="e", parameters=[{"file": value}])
    argv = node.argv(Context(arguments={"file": ""}))
    assert argv[-1] == 'file:=""'


def test_the_standins_leave_no_trace():
    before = sys.modules.get("launch")
    with standins.installed():
        import launch

        assert launch.LaunchDescription is runner.LaunchDescription
    assert sys.modules.get("launch") is before


def test_the_share_folder_holds_launch_and_config():
    share = package_share("neural_brain")
    assert (share / "launch" / "sim.launch.py").is_file()
    joined = PathJoinSubstitution([str(share), "config", "fastdds.xml"])
    assert os.path.isfile(joined.perform(Context()))


def test_a_program_that_ignores_every_request_is_killed(monkeypatch):
    monkeypatch.setattr("neural_brain.nodes.bringup.processes.INTERRUPT_S", 0.2)
    monkeypatch.setattr("neural_brain.nodes.bringup.processes.TERMINATE_S", 0.5)
    child = Child(
        "deaf", ["sh", "-c", "trap '' INT TERM; sleep 60 & wait; sleep 60"], os.environ
    )
    time.sleep(0.3)
    stop_all([child])
    assert child.code == -signal.SIGKILL


def test_children_die_with_their_parent(tmp_path):
    code = (
        "import os, sys, time\n"
        "from neural_brain.nodes.bringup.processes import Child\n"
        "child = Child('c', ['sleep', '60'], os.environ)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline and os.path.exists(f"/proc/{pid}"):
        time.sleep(0.02)
    assert not os.path.exists(f"/proc/{pid}")
