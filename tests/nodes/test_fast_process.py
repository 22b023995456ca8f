"""The fast process as a process: deaths, stops, and what it leaves behind."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from neural_brain.models.errors import BodyError
from neural_brain.models.signals import ArmMode, LaserScan, MotionTarget, ReflexLevel
from neural_brain.nodes.fast_link import RosEnd, open_link
from neural_brain.nodes.fast_process import main, parse
from neural_brain.robots.realtime import Pace
from neural_brain.robots.shm import remove_abandoned, slot_folder

NAME = f"fast-{os.getpid()}"
TIMEOUT_S = 0.15  # FastConfig.reflex: age at which a target is stale


def start(*more):
    command = [
        sys.executable,
        "-m",
        "neural_brain.nodes.fast_process",
        "--world",
        "room",
    ]
    return subprocess.Popen([*command, "--link", NAME, *more])


@pytest.fixture
def fast():
    process = start()
    yield process
    process.kill()
    process.wait()
    remove_abandoned(NAME)


def target(stamp, body, speed=0.2):
    return MotionTarget(
        stamp=stamp,
        twist_base=np.array([speed, 0.0]),
        mode=ArmMode.JOINT,
        q_target=body.q,
        T_base_ee=np.eye(4),
        stiffness=np.diag([300.0] * 3 + [30.0] * 3),
        wrench_ff=np.zeros(6),
        contact=False,
        head=np.zeros(2),
        gripper_m=0.0,
    )


def scan(stamp):
    return LaserScan(
        stamp=stamp,
        angle_min=-np.pi,
        angle_increment=2 * np.pi / 360,
        range_min=0.1,
        range_max=10.0,
        ranges=np.full(360, np.inf),
        pose_base_laser=np.zeros(3),
    )


def drive(link, until, patience_s=60.0):
    """Feed targets and scans like a healthy brain until something is so."""
    deadline = time.monotonic() + patience_s
    state = None
    while time.monotonic() < deadline:
        state = link.read_state() or state
        if state is not None:
            body = state[0]
            link.write_scan(scan(body.stamp))
            link.write_target(target(body.stamp, body))
            if until(state):
                return body.stamp
        time.sleep(0.01)
    raise AssertionError(f"not reached; last: {state and state[2]}")


def moving(state):
    body, _, loop = state
    return loop["level"] <= ReflexLevel.SLOW and body.twist_base[0] > 0.05


def wait_for(link, done, patience_s=30.0):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        state = link.read_state()
        if state is not None and done(state):
            return state
        time.sleep(0.005)
    raise AssertionError("not reached")


def test_silence_of_the_ros_side_holds_the_robot_in_time(fast):
    link = open_link(NAME, 60.0, writes=True)
    last = drive(link, moving)
    link.new_events()
    wait_for(link, lambda s: s[2]["level"] == ReflexLevel.HOLD)
    state = wait_for(link, lambda s: abs(s[0].twist_base[0]) < 0.01)
    assert np.all(state[1].twist_base == 0.0)
    (event,) = [e for e in link.new_events() if e.level is ReflexLevel.HOLD]
    assert (
        event.stamp - last <= TIMEOUT_S + 0.01
    )  # the last state seen is a few ticks old
    link.close()


def test_an_emergency_stop_stays_until_it_is_reset(fast):
    link = open_link(NAME, 60.0, writes=True)
    drive(link, moving)
    link.request(estop=True)
    drive(link, lambda s: s[2]["level"] == ReflexLevel.ESTOP)
    drive(link, lambda s: abs(s[0].twist_base[0]) < 0.01)
    link.request(reset=True)
    drive(link, moving)
    link.close()


def test_death_of_the_fast_process_is_seen_and_it_can_be_started_again(fast):
    link = open_link(NAME, 60.0, writes=True)
    drive(link, moving)
    fast.send_signal(signal.SIGKILL)
    fast.wait()
    assert not link.alive
    with pytest.raises(BodyError):
        RosEnd(NAME, writes=False)
    link.close()
    again = start()
    try:
        link = open_link(NAME, 60.0, writes=True)
        assert link.alive
        drive(link, moving)
        link.close()
    finally:
        again.send_signal(signal.SIGINT)
        assert again.wait(20.0) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_well_and_leaves_nothing(fast, number):
    link = open_link(NAME, 60.0, writes=False)
    wait_for(link, lambda s: True)
    link.close()
    fast.send_signal(number)
    assert fast.wait(20.0) == 0
    assert not list(slot_folder().glob(f"neural_brain.{NAME}*"))


def test_ros_arguments_of_a_launch_file_are_ignored():
    options = parse(["--seed", "4", "--ros-args", "-r", "__node:=x", "-p", "a:=b"])
    assert options.seed == 4


def test_a_wrong_configuration_file_ends_it_with_a_reason(tmp_path, capsys):
    file = tmp_path / "fast.yaml"
    file.write_text("hold_nm: 3\n")
    assert main(["--world", "room", "--config", str(file)]) == 2
    assert "hold_n_m" in capsys.readouterr().err


def test_a_missing_bridge_is_named(monkeypatch, capsys):
    monkeypatch.setattr("neural_brain.nodes.link_body.PATIENCE_S", 0.0)
    monkeypatch.setattr(
        "neural_brain.nodes.link_body.open_body.__defaults__", (0.0,), raising=False
    )
    assert main(["--body", "robot", "--link", "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_the_pace_counts_late_ticks_and_moves_its_grid_after_a_pause(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("neural_brain.robots.realtime.time.monotonic", lambda: now[0])
    monkeypatch.setattr(
        "neural_brain.robots.realtime.time.sleep",
        lambda s: now.__setitem__(0, now[0] + s),
    )
    pace = Pace(0.001, window=10)
    for _ in range(10):
        pace.wait()
    assert (pace.missed, pace.success) == (0, 1.0)
    now[0] += 0.005  # a little late: caught up
    for _ in range(10):
        pace.wait()
    assert pace.slips == 0 and 0 < pace.missed < 6
    now[0] += 1.0  # very late: the grid moves
    pace.wait()
    before = now[0]
    pace.wait()
    assert pace.slips == 1
    assert abs(now[0] - before - 0.001) < 1e-9


def test_the_fast_process_loads_no_ros():
    code = (
        "import sys, neural_brain.nodes.fast_process; "
        "sys.exit(any(name.split('.')[0] == 'rclpy' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("words", "named"),
    [(["--cpu", "4096"], "--cpu"), (["--spin-us", "2000"], "--spin-us")],
)
def test_impossible_timing_is_refused(words, named, capsys):
    with pytest.raises(SystemExit):
        parse(words)
    assert f"{named} must be in [0, " in capsys.readouterr().err
