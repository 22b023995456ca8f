"""The link between the fast process and the ROS side."""

import dataclasses
import os

import numpy as np
import pytest
from rclpy.parameter import Parameter

from neural_brain.models.errors import BodyError, ConfigError
from neural_brain.models.signals import (
    BodyCommand,
    BodyLimits,
    LaserScan,
    ReflexEvent,
    ReflexLevel,
)
from neural_brain.nodes.body_node import BodyNode, BodyNodeConfig
from neural_brain.nodes.fast_link import FastEnd, RosEnd
from neural_brain.nodes.link_body import BridgeEnd, LinkBody, limits_to_plain
from neural_brain.robots.shm import slot_folder

NAME = f"test-{os.getpid()}"
ABOUT = {"joints": 7, "bumper": 4, "nq": 20}


def same(a, b):
    for field in dataclasses.fields(a):
        assert np.array_equal(getattr(a, field.name), getattr(b, field.name)), (
            field.name
        )


@pytest.fixture
def ends():
    """The fast process's end and the commanding ROS end."""
    fast = FastEnd(NAME, ABOUT)
    ros = RosEnd(NAME, writes=True)
    yield fast, ros
    ros.close()
    fast.close()


def command():
    return BodyCommand(
        stamp=1.0,
        effort=np.arange(7.0),
        twist_base=np.array([0.1, 0.2]),
        head=np.array([0.3, 0.4]),
        gripper_m=0.05,
    )


def test_nothing_is_read_before_it_is_written(ends):
    fast, ros = ends
    assert ros.read_state() is None
    assert ros.read_truth() is None
    assert ros.new_events() == []
    assert fast.new_target() == (None, False, False)
    assert fast.new_scans() == []


def test_state_and_command_arrive_whole_and_once(ends, body):
    fast, ros = ends
    fast.write_state(body, command(), ReflexLevel.HOLD, (5, 0.99, 3, True))
    state, sent, loop = ros.read_state()
    same(state, body)
    same(sent, command())
    assert loop == {"tick": 5, "success": 0.99, "missed": 3, "realtime": 1, "level": 2}
    assert ros.read_state() is None
    assert ros.age_s < 10.0


def test_truth_arrives(ends):
    fast, ros = ends
    fast.write_truth(tuple(range(9)), np.arange(20.0))
    numbers, qpos = ros.read_truth()
    assert (numbers["tick"], numbers["peak_base_force_n"]) == (1, 8)
    assert np.array_equal(qpos, np.arange(20.0))


def test_a_target_arrives_once(ends, target):
    fast, ros = ends
    ros.write_target(target)
    got, estop, reset = fast.new_target()
    same(got, target)
    assert (estop, reset) == (False, False)
    assert fast.new_target() == (None, False, False)


@pytest.fixture
def make_scan():
    def make(stamp, beams=8):
        return LaserScan(
            stamp=stamp,
            angle_min=-1.0,
            angle_increment=0.01,
            range_min=0.1,
            range_max=8.0,
            ranges=np.r_[np.nan, np.inf, np.arange(beams - 2.0)],
            pose_base_laser=np.array([0.1, 0.0, 0.3]),
        )

    return make


@pytest.mark.parametrize("beams", [5, 360])
def test_a_scan_of_any_length_arrives(ends, make_scan, beams):
    fast, ros = ends
    scan = make_scan(1.5, beams)
    ros.write_scan(scan)
    [(lidar, got)] = fast.new_scans()
    assert lidar == 0 and fast.new_scans() == []
    assert np.array_equal(got.ranges, scan.ranges, equal_nan=True)
    assert (got.stamp, got.range_max) == (1.5, 8.0)


def test_scans_of_several_lidars_arrive_by_number(make_scan):
    fast = FastEnd(NAME, {**ABOUT, "lidars": 3})
    ros = RosEnd(NAME, writes=True)
    try:
        for lidar in (2, 0):
            ros.write_scan(make_scan(1.0 + lidar), lidar)
        got = [(lidar, scan.stamp) for lidar, scan in fast.new_scans()]
        assert got == [(0, 1.0), (2, 3.0)] and fast.new_scans() == []
    finally:
        ros.close()
        fast.close()
    assert not list(slot_folder().glob(f"neural_brain.{NAME}.*"))


@pytest.mark.parametrize(
    ("lidars", "more", "words"),
    [
        (2, ("",), "waits for 2"),
        (1, ("scan_rear",), "waits for 1"),
        (2, ("scan",), "twice"),
        (3, ("scan_rear", "/scan_rear"), "twice"),
    ],
)
def test_scans_that_nobody_waits_for_or_that_are_one_are_refused(
    ros, lidars, more, words
):
    link = FastEnd(NAME, {**ABOUT, "lidars": lidars})
    node = BodyNode(parameter_overrides=[Parameter("link", value=NAME)])
    node.config = BodyNodeConfig(link=NAME, more_scans=more)
    try:
        with pytest.raises(ConfigError, match=words):
            node.setup()
    finally:
        node.teardown()
        node.destroy_node()
        link.close()


def test_stop_and_reset_are_each_told_once(ends):
    fast, ros = ends
    ros.request(estop=True)
    assert fast.new_target()[1:] == (True, False)
    assert fast.new_target()[1:] == (False, False)
    ros.request(reset=True)
    assert fast.new_target()[1:] == (False, True)


def test_a_stop_right_after_a_restart_of_the_ros_side_is_not_lost(ends):
    fast, first = ends
    first.request(estop=True)
    assert fast.new_target()[1]
    first.close()
    second = RosEnd(NAME, writes=True)
    fast._target.refresh()
    second.request(estop=True)
    assert fast.new_target()[1:] == (True, False)
    second.close()


def test_a_restart_of_the_ros_side_neither_stops_nor_resets(ends):
    fast, first = ends
    first.request(estop=True)
    first.request(reset=True)
    fast.new_target()
    first.close()
    second = RosEnd(NAME, writes=True)
    fast._target.refresh()
    assert fast.new_target() == (None, False, False)
    second.close()


def test_events_arrive_in_order_and_the_oldest_are_dropped(ends):
    fast, ros = ends
    events = [
        ReflexEvent(
            stamp=float(i),
            tick=i,
            level=ReflexLevel(i % 6),
            cause=f"cause {i}",
            value=np.nan if i == 0 else 1.0 * i,
            limit=2.0,
        )
        for i in range(40)
    ]
    fast.write_events(events[:3])
    assert [event.cause for event in ros.new_events()] == [
        "cause 0",
        "cause 1",
        "cause 2",
    ]
    fast.write_events(events[3:])
    assert [event.tick for event in ros.new_events()] == list(range(8, 40))
    assert ros.new_events() == []


def test_a_cause_of_any_length_fits(ends):
    fast, ros = ends
    event = ReflexEvent(
        stamp=0.0, tick=1, level=ReflexLevel.STOP, cause="ä" * 90, value=0.0, limit=0.0
    )
    fast.write_events([event])
    assert ros.new_events()[0].cause.startswith("ä" * 31)


def test_two_processes_cannot_command_one_robot(ends):
    with pytest.raises(BodyError, match="another running process"):
        RosEnd(NAME, writes=True)


def test_any_number_may_listen(ends):
    listeners = [RosEnd(NAME, writes=False) for _ in range(3)]
    assert all(listener.alive for listener in listeners)


def test_an_absent_robot_says_what_to_start():
    with pytest.raises(BodyError, match="neural-brain up sim"):
        RosEnd("not-there", writes=False)


def test_nothing_is_left_after_close(ends):
    fast, ros = ends
    ros.close()
    fast.close()
    assert not list(slot_folder().glob(f"neural_brain.{NAME}.*"))


def test_states_and_commands_pass_between_bridge_and_fast_loop(body):
    ones = np.ones(7)
    limits = BodyLimits(
        q_min=-ones,
        q_max=ones,
        dq_max=ones,
        effort_max=87.0 * ones,
        effort_rate_max=1000.0 * ones,
        twist_max=np.array([0.6, 1.2]),
        accel_max=np.array([1.0, 2.0]),
        radius_m=0.27,
    )
    about = {**ABOUT, "limits": limits_to_plain(limits)}
    bridge = BridgeEnd(NAME, about)
    fast = LinkBody(NAME)
    same(fast.limits, limits)
    with pytest.raises(BodyError, match="no state yet"):
        fast.read()
    bridge.write_state(body)
    same(fast.read(), body)
    assert fast.now_s >= body.stamp
    assert bridge.new_command() is None
    fast.write(command())
    same(bridge.new_command(), command())
    assert bridge.new_command() is None
    fast.close()
    bridge.close()
