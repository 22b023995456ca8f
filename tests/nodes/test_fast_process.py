"""The fast process as a process: deaths, stops, and what it leaves behind."""

import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from neural_brain.models.errors import BodyError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.memory import MemoryStore
from neural_brain.models.reflex import GuardConfig, ReflexConfig
from neural_brain.models.signals import (
    ArmMode,
    BodyState,
    Event,
    LaserScan,
    MotionTarget,
    ReflexLevel,
)
from neural_brain.nodes.fast_link import FastEnd, RosEnd, open_link
from neural_brain.nodes.fast_process import FastProcess, main, parse
from neural_brain.nodes.link_body import BridgeEnd, LinkBody, limits_to_plain
from neural_brain.nodes.robot_model import make_limits
from neural_brain.nodes.worlds import World, make_body
from neural_brain.robots import arm_dynamics
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


DRIVER = """
import sys, time
from neural_brain.nodes.fast_link import open_link
from tests.nodes.test_fast_process import scan, target

link = open_link(sys.argv[1], 60.0, writes=True)
while True:
    state = link.read_state()
    if state is not None:
        link.write_scan(scan(state[0].stamp))
        link.write_target(target(state[0].stamp, state[0]))
    time.sleep(0.01)
"""


def test_kill_9_of_the_ros_side_holds_within_150_ms(fast):
    """In the time of the robot, from the last moment at which the driver lived."""
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, NAME])
    try:
        link = open_link(NAME, 60.0, writes=False)
        wait_for(link, moving, 60.0)
        link.new_events()
        before = wait_for(link, lambda s: True)
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        after = wait_for(link, lambda s: True)
        wait_for(link, lambda s: s[2]["level"] == ReflexLevel.HOLD)
        (event,) = [e for e in link.new_events() if e.level is ReflexLevel.HOLD]
        assert event.cause == "target stale"
        assert event.stamp - after[0].stamp <= TIMEOUT_S + 0.002
        assert before[1].twist_base[0] > 0.0
        state = wait_for(link, lambda s: abs(s[0].twist_base[0]) < 0.01)
        assert (state[1].twist_base == 0.0).all()
        link.close()
    finally:
        driver.kill()
        driver.wait()


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


def test_simulated_time_goes_on_from_a_memory(tmp_path):
    file = tmp_path / "memory.sqlite"
    told = Event(stamp=5000.2, source="a", kind="b", text="c", data={})
    with MemoryStore(file) as store:
        store.add_events([told])
    process = start("--memory", str(file))
    try:
        link = open_link(NAME, 60.0, writes=False)
        wait_for(link, lambda state: 5002.0 <= state[0].stamp < 5060.0)
        link.close()
    finally:
        process.kill()
        process.wait()
        remove_abandoned(NAME)


def test_ros_arguments_of_a_launch_file_are_ignored():
    options = parse(["--seed", "4", "--ros-args", "-r", "__node:=x", "-p", "a:=b"])
    assert options.seed == 4


def test_a_wrong_configuration_file_ends_it_with_a_reason(tmp_path, capsys):
    file = tmp_path / "fast.yaml"
    file.write_text("hold_nm: 3\n")
    assert main(["--world", "room", "--config", str(file)]) == 2
    assert "hold_n_m" in capsys.readouterr().err


def test_parameters_for_a_loop_of_another_period_are_refused(tmp_path, capsys):
    file = tmp_path / "fast.yaml"
    file.write_text("impedance: {tick_s: 0.002}\nreflex: {joints: {tick_s: 0.002}}\n")
    assert main(["--world", "room", "--config", str(file)]) == 2
    said = capsys.readouterr().err
    assert "impedance.tick_s = 0.002" in said and "allowed: 0.001" in said


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


class RealRobot:
    """A fast process with a body at the other end of shared memory, turned by hand."""

    def __init__(self):
        self.limits = make_limits()
        about = {"joints": 7, "bumper": 0, "limits": limits_to_plain(self.limits)}
        self.bridge = BridgeEnd(NAME, about)
        self.ticks = 0
        self.q = np.array([0.0, -0.4, 0.0, -2.0, 0.0, 1.6, 0.8])
        self.tell()
        guards = GuardConfig(
            lidar_required=False, state_timeout_s=1.0, command_timeout_s=1.0
        )
        config = FastConfig(reflex=ReflexConfig(guards=guards))
        self.body = LinkBody(NAME)
        self.loop = FastLoop(config, arm_dynamics(), self.limits)
        link = FastEnd(NAME, {**self.body.about, "nq": 0})
        self.process = FastProcess(self.body, self.loop, link, 1.0)

    def tell(self):
        zero = np.zeros(7)
        self.bridge.write_state(
            BodyState(
                stamp=self.ticks * 1e-3, q=self.q, dq=zero, effort=zero,
                twist_base=np.zeros(2), pose_odom_base=np.zeros(3),
                wrench_ee=np.zeros(6), bumper=np.zeros(0, bool), gyro=np.zeros(3),
                accel=np.zeros(3), head=np.zeros(2), gripper_m=0.0, battery=1.0,
            )
        )  # fmt: skip

    def run(self, ticks):
        """Levels of so many ticks, with a healthy brain and driver."""
        levels = []
        for _ in range(ticks):
            self.tell()
            if self.ticks % 20 == 0:
                at_rest = target(self.ticks * 1e-3, self.body.read(), speed=0.0)
                self.loop.set_target(at_rest)
            self.process.step()
            self.ticks += 1
            levels.append(self.loop.level)
        return levels

    def close(self):
        self.process.link.close()
        self.body.close()
        self.bridge.close()


@pytest.fixture
def robot():
    robot = RealRobot()
    yield robot
    robot.close()
    remove_abandoned(NAME)


def test_a_real_robot_is_slow_for_as_long_as_ticks_come_late(robot):
    robot.run(600)
    assert robot.loop.level == ReflexLevel.NOMINAL
    robot.process.pace.success = 0.949
    assert set(robot.run(1500)[501:]) == {ReflexLevel.SLOW}
    assert robot.loop.reflex.cause.name == "ticks in time"
    robot.process.pace.success = 0.95
    assert robot.run(700)[-1] == ReflexLevel.NOMINAL


def test_below_90_percent_it_stops_and_no_reset_helps_before_they_come_in_time(robot):
    robot.run(600)
    robot.process.pace.success = 0.899
    robot.run(501)
    assert robot.loop.level == ReflexLevel.STOP
    robot.loop.reset()
    assert robot.run(600)[-1] == ReflexLevel.STOP
    robot.process.pace.success = 1.0
    assert robot.run(600)[-1] == ReflexLevel.STOP  # latched
    robot.loop.reset()
    assert robot.run(200)[-1] == ReflexLevel.NOMINAL


@pytest.fixture
def clock(monkeypatch):
    """The time [s] of the pace alone, which a tick takes none of."""
    now = [100.0]

    def sleep(seconds):
        now[0] += seconds

    time_of_pace = SimpleNamespace(monotonic=lambda: now[0], sleep=sleep)
    monkeypatch.setattr("neural_brain.robots.realtime.time", time_of_pace)
    return now


def pause(robot, clock, seconds):
    """The highest level of what follows a pause, within a second of ticks."""
    robot.run(600)
    assert robot.loop.level == ReflexLevel.NOMINAL
    clock[0] += seconds
    levels = []
    for _ in range(1000):
        robot.process.pace.wait()
        levels += robot.run(1)
    return max(levels)


@pytest.mark.parametrize(
    ("seconds", "level"),
    [
        (0.008, ReflexLevel.NOMINAL),
        (0.045, ReflexLevel.NOMINAL),
        (0.07, ReflexLevel.SLOW),
        (0.12, ReflexLevel.STOP),
        (0.5, ReflexLevel.STOP),
    ],
)
def test_a_pause_of_a_real_robot_slows_or_stops_it(robot, clock, seconds, level):
    robot.process.pace.wait()
    assert pause(robot, clock, seconds) == level


def test_a_first_tick_that_takes_long_stops_nothing(robot, clock):
    assert pause(robot, clock, 2.0) == ReflexLevel.NOMINAL


def test_a_simulation_that_is_slower_than_real_time_is_not_late(clock):
    sim = make_body(World(kind="room"), slow_sensors=False)
    loop = FastLoop(FastConfig(), arm_dynamics(), sim.limits)
    about = {
        "joints": 7,
        "bumper": sim.read().bumper.size,
        "nq": int(sim.simulation.model.nq),
    }
    link = FastEnd(NAME, about)
    process = FastProcess(sim, loop, link, 1.0)
    names = set()
    try:
        for _ in range(600):
            process.step()
            clock[0] += 0.07
            process.pace.wait()
            names.add(loop.reflex.cause.name)
    finally:
        link.close()
        sim.close()
        remove_abandoned(NAME)
    assert process.pace.success == 0.0 and "ticks in time" not in names


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
