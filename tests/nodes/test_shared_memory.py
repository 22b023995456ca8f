"""Slots, packing and the link between the fast process and the ROS side."""

import dataclasses
import multiprocessing
import os

import numpy as np
import pytest

from neural_brain.models.errors import BodyError
from neural_brain.models.signals import (
    BodyCommand,
    LaserScan,
    ReflexEvent,
    ReflexLevel,
)
from neural_brain.nodes import packing
from neural_brain.nodes.fast_link import FastLink, loop_numbers
from neural_brain.nodes.slots import FOLDER, PREFIX, SharedSlots

NAME = f"test-{os.getpid()}"
ABOUT = {"joints": 7, "bumper": 4, "nq": 20}


def same(a, b):
    for field in dataclasses.fields(a):
        assert np.array_equal(getattr(a, field.name), getattr(b, field.name)), (
            field.name
        )


@pytest.fixture
def ends():
    """The creator's and the user's end of a link."""
    fast, ros = FastLink(NAME, ABOUT), FastLink(NAME)
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
    assert fast.new_target() is None
    assert fast.new_requests() == (False, False)


def test_state_and_command_arrive_whole(ends, body):
    fast, ros = ends
    fast.write_state(
        body, command(), loop_numbers(ReflexLevel.HOLD, 5, 0.99, 3, realtime=True)
    )
    state, sent, loop = ros.read_state()
    same(state, body)
    same(sent, command())
    assert (loop["level"], loop["tick"], loop["missed"]) == (2.0, 5.0, 3.0)


def test_a_target_arrives_once(ends, target):
    fast, ros = ends
    ros.write_target(target)
    same(fast.new_target(), target)
    assert fast.new_target() is None


def test_a_scan_of_any_length_arrives(ends):
    fast, ros = ends
    for beams in (5, 360):
        scan = LaserScan(
            stamp=1.0 * beams,
            angle_min=-1.0,
            angle_increment=0.01,
            range_min=0.1,
            range_max=8.0,
            ranges=np.r_[np.nan, np.inf, np.arange(beams - 2.0)],
            pose_base_laser=np.array([0.1, 0.0, 0.3]),
        )
        ros.write_scan(scan)
        got = fast.new_scan()
        assert np.array_equal(got.ranges, scan.ranges, equal_nan=True)
        assert got.stamp == scan.stamp


def test_stop_and_reset_are_each_told_once(ends):
    fast, ros = ends
    ros.request(estop=True)
    assert fast.new_requests() == (True, False)
    assert fast.new_requests() == (False, False)
    ros.request(reset=True)
    assert fast.new_requests() == (False, True)


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


def test_a_cause_of_any_length_fits():
    event = ReflexEvent(
        stamp=0.0, tick=1, level=ReflexLevel.STOP, cause="ä" * 90, value=0.0, limit=0.0
    )
    _, back = packing.unpack_event(packing.pack_event(event, 1))
    assert back.cause.startswith("ä" * 32)


def test_a_second_robot_of_the_same_name_is_refused(ends):
    with pytest.raises(BodyError, match="Another robot runs under this name"):
        FastLink(NAME, ABOUT)


def test_the_file_is_gone_after_close():
    link = FastLink(NAME + "b", ABOUT)
    path = FOLDER / f"{PREFIX}{NAME}b"
    assert path.exists()
    link.close()
    link.close()
    assert not path.exists()


def test_an_absent_link_says_what_to_start():
    with pytest.raises(BodyError, match="neural-brain up sim"):
        FastLink("not-there")


def test_a_name_that_is_a_path_is_refused():
    with pytest.raises(BodyError, match="not allowed"):
        SharedSlots("../etc")


def test_a_damaged_file_is_refused():
    path = FOLDER / f"{PREFIX}{NAME}c"
    path.write_bytes(b"\x00garbage" * 1000)
    try:
        with pytest.raises(BodyError, match="not a set of slots"):
            SharedSlots(NAME + "c")
    finally:
        path.unlink()


def _create_and_die(name):
    SharedSlots(name, {"a": 3})
    os._exit(1)


def test_the_file_of_a_dead_process_is_replaced():
    child = multiprocessing.get_context("fork").Process(
        target=_create_and_die, args=(NAME + "d",)
    )
    child.start()
    child.join()
    slots = SharedSlots(NAME + "d", {"a": 3})
    assert slots.alive
    slots.close()


def _write_forever(name, go):
    slots = SharedSlots(name)
    values = np.zeros(500)
    while not go.is_set():
        values += 1.0
        slots["a"].write(values)


def test_a_reader_never_sees_half_a_write():
    context = multiprocessing.get_context("fork")
    slots, stop = SharedSlots(NAME + "e", {"a": 500}), context.Event()
    writer = context.Process(target=_write_forever, args=(NAME + "e", stop))
    writer.start()
    try:
        seen = [slots["a"].read() for _ in range(20_000)]
    finally:
        stop.set()
        writer.join()
        slots.close()
    whole = [values for found in seen if found for values in [found[1]]]
    assert len(whole) > 100
    assert all(values[0] == values[-1] for values in whole)
    assert all(a[0] <= b[0] for a, b in zip(whole, whole[1:], strict=False))
